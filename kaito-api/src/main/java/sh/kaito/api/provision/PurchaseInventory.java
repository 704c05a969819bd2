package sh.kaito.api.provision;

import java.time.Instant;
import java.util.List;
import org.immutables.value.Value;

/**
 * Optional capability of a {@link NodeProvisioner}: it can list everything that this installation
 * may have bought, whoever wanted it. What is found here and has no owner any more is let go by
 * {@link NodeProvisioner#release}. A provisioner without it leaves the collection of left-overs to
 * somebody else.
 */
public interface PurchaseInventory {

  /**
   * Everything that this installation may have bought and that still exists, from memory, in no
   * promised order. What merely looks alike (another installation's, a name that is not derived by
   * {@link NodeNames}) is left out. Only meaningful while {@link NodeProvisioner#isSynced()}.
   */
  List<Purchase> inventory();

  /** One claim, pool or assignment. Immutable. */
  @Value.Immutable
  @SpiStyle
  interface Purchase {

    /** Starts a purchase. */
    static Builder builder() {
      return new Builder();
    }

    /** Name of the claim, pool or Node. */
    String name();

    /** Who wanted it. */
    NodeSetKey key();

    /** Which place in the owner's set it fills. */
    NodeSlot slot();

    /** When it was requested, as persisted with it. */
    Instant createdAt();

    /** Whether it is on its way out already. */
    boolean isDeleting();

    /** Builds a purchase; every value is required. */
    final class Builder extends ImmutablePurchase.Builder {
      Builder() {}
    }
  }
}

package sh.kaito.api.provision;

import java.time.Instant;
import java.util.List;

/**
 * Gets GPU nodes, and lets them go. The engine declares what it wants and looks at what there is;
 * the provisioner does the rest in the background and says when something changed.
 *
 * <p><b>Level-triggered.</b> {@link #ensure} and {@link #release} may be called any number of times
 * with the same argument; only the latest counts. After a restart the engine calls them again, and
 * a provisioner finds what it bought before by the names of {@link NodeNames}, which are pure
 * functions of owner, set, slot and epoch.
 *
 * <p><b>Never blocks.</b> Every method answers from memory, at once, and never throws for a reason
 * of the cloud or the API server: a {@link ProvisionFailure} is a value in the status.
 *
 * <p><b>Money.</b> One slot at one epoch buys at most one node, whatever crashes. The engine
 * persists an epoch before it is handed over here, and vouches that the owner was just seen alive
 * when {@link NodeSetSpec#purchaseAllowed()} is set; without it nothing is bought.
 *
 * <p>Thread-safe.
 */
public interface NodeProvisioner extends AutoCloseable {

  /** Short stable name, such as {@code gpu-provisioner}; used in conditions, logs and metrics. */
  String name();

  /** Starts watching what it must; returns at once. Called once, before any other method. */
  void start(ProvisionerContext context);

  /** Whether {@link #observe} answers from complete knowledge. Until then nothing is decided. */
  boolean isSynced();

  /** Wants the nodes of the specification to exist. Returns the status known now. */
  NodeSetStatus ensure(NodeSetSpec spec);

  /**
   * Wants no node of the set; from now on nothing is bought for its owner. Repeated by the engine
   * until the phase is {@link NodePhase#GONE}, which means: a live look (not a cache) at everything
   * this provisioner may have bought for the owner, of any epoch, found none, and no Node is left.
   *
   * @param countsFrom only a look that begins at or after this instant proves anything: before it a
   *     purchase of an earlier leader could still arrive
   */
  NodeSetStatus release(NodeSetKey key, Instant countsFrom);

  /** The status known now; {@link NodePhase#PENDING} when nothing is known. */
  NodeSetStatus observe(NodeSetKey key);

  /** What pods must carry to run on the nodes of the set, and nowhere else. Pure. */
  NodeConstraints constraints(NodeSetSpec spec);

  /** Forgets a set whose owner is gone for good. Buys and deletes nothing. */
  void forget(NodeSetKey key);

  /** What of the specification this provisioner cannot do; empty when all is well. Pure. */
  List<String> validate(NodeSetSpec spec);

  /**
   * Whether nodes are requested by objects of their own (claims, machines, pools), of which the
   * condition {@code NodeClaimReady} then tells; no where the user brings the nodes. Pure.
   */
  default boolean buysNodes() {
    return true;
  }

  /** Stops watching and frees what it holds. What was requested stays requested. Idempotent. */
  @Override
  void close();
}

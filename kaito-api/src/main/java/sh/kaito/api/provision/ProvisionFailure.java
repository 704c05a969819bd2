package sh.kaito.api.provision;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * Why nodes do not come, as a value: what kind of trouble, whether it passes by itself, whom else
 * it concerns. Immutable. The message is redacted and cut when the value is built, whoever builds
 * it.
 */
@Value.Immutable
@SpiStyle
public interface ProvisionFailure {

  /** Longest message, in characters. */
  int LONGEST_MESSAGE = 800;

  /** Whether trying again helps, and who has to move. */
  enum Retry {
    /** The provisioner or the cloud goes on by itself; a person may wait. */
    AUTOMATIC,
    /** It is tried again by itself, slowly, but will hardly work before a person has acted. */
    AFTER_ACTION,
    /** It is not tried again until the owner's specification changes. */
    ON_CHANGE
  }

  /** Whom the failure concerns: how far a back-off has to reach. */
  enum Scope {
    /** This one node. */
    SLOT,
    /** All nodes of this owner. */
    SET,
    /** Everybody who asks for this instance type. */
    INSTANCE_TYPE,
    /** Everything that this provisioner does. */
    PROVISIONER
  }

  /**
   * The closed list of kinds; each calls for another reaction, and brings the retry advice and the
   * scope that hold where nothing else is said.
   */
  enum Kind {
    /** Another operation is in progress; repeat, it does not count as an attempt. */
    CONFLICT(Retry.AUTOMATIC, Scope.SLOT),
    /** Told to slow down. */
    THROTTLED(Retry.AUTOMATIC, Scope.PROVISIONER),
    /** Network, 5xx: repeat with back-off. */
    TRANSIENT(Retry.AUTOMATIC, Scope.SLOT),
    /** The cloud has no machine of this size now, or the fleet has no free node. */
    CAPACITY(Retry.AUTOMATIC, Scope.INSTANCE_TYPE),
    /** The subscription's quota does not allow it. */
    QUOTA(Retry.AFTER_ACTION, Scope.INSTANCE_TYPE),
    /** The size does not exist here or is not open to the subscription. */
    SKU_UNAVAILABLE(Retry.AFTER_ACTION, Scope.INSTANCE_TYPE),
    /** The request is wrong and stays wrong until the owner changes. */
    INVALID(Retry.ON_CHANGE, Scope.SET),
    /** Credentials or rights are missing. */
    AUTH(Retry.AFTER_ACTION, Scope.PROVISIONER),
    /** The API of the claims is not installed. */
    API_MISSING(Retry.AFTER_ACTION, Scope.PROVISIONER),
    /** Something under our name is not ours; it is left alone. */
    FOREIGN_RESOURCE(Retry.AFTER_ACTION, Scope.SLOT),
    /** A stage took longer than its deadline; it goes on, and heals when the node comes. */
    TIMEOUT(Retry.AFTER_ACTION, Scope.SLOT),
    /** What was bought is gone, and nobody here let it go; a higher epoch may replace it. */
    NODE_LOST(Retry.AUTOMATIC, Scope.SLOT);

    private final Retry retry;
    private final Scope scope;

    Kind(Retry retry, Scope scope) {
      this.retry = retry;
      this.scope = scope;
    }

    /** The advice that goes with this kind. */
    public Retry retry() {
      return retry;
    }

    /** How far a failure of this kind reaches. */
    public Scope scope() {
      return scope;
    }
  }

  /** Starts a failure. */
  static Builder builder() {
    return new Builder();
  }

  Kind kind();

  /** Whether trying again helps; by default that of the kind. */
  @Value.Default
  default Retry retry() {
    return kind().retry();
  }

  /** Whom it concerns; by default that of the kind. */
  @Value.Default
  default Scope scope() {
    return kind().scope();
  }

  /** The provider's own code or condition reason, such as {@code LaunchFailed}. */
  String code();

  /** For a person: what happened and what to do; at most {@link #LONGEST_MESSAGE} characters. */
  String message();

  /** How long the provider asked to wait before the next try. */
  Optional<Duration> retryAfter();

  /** When the provisioner tries again by itself, where it waits for a time of day. */
  Optional<Instant> nextTry();

  /** Takes credentials out of the message and cuts it. */
  @Value.Check
  default ProvisionFailure redacted() {
    String clean = SecretWords.removed(message());
    if (clean.length() > LONGEST_MESSAGE) {
      clean = clean.substring(0, LONGEST_MESSAGE - 3) + "...";
    }
    return clean.equals(message()) ? this : builder().from(this).message(clean).build();
  }

  /** Builds a failure; kind, code and message are required. */
  final class Builder extends ImmutableProvisionFailure.Builder {
    Builder() {}
  }
}

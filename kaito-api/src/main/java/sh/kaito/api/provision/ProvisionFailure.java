package sh.kaito.api.provision;

import java.time.Duration;
import java.util.Optional;
import org.immutables.value.Value;

/** Why nodes do not come, as a value. Immutable; the message holds no secret. */
@Value.Immutable
@SpiStyle
public interface ProvisionFailure {

  /** The closed list of kinds; each calls for another reaction. */
  enum Kind {
    /** Another operation is in progress; repeat, it does not count as an attempt. */
    CONFLICT,
    /** Told to slow down. */
    THROTTLED,
    /** Network, 5xx: repeat with back-off. */
    TRANSIENT,
    /** The cloud has no machine of this size now. */
    CAPACITY,
    /** The subscription's quota does not allow it. */
    QUOTA,
    /** The size does not exist here or is not open to the subscription. */
    SKU_UNAVAILABLE,
    /** The request is wrong and stays wrong until the owner changes. */
    INVALID,
    /** Credentials or rights are missing. */
    AUTH,
    /** The API of the claims is not installed. */
    API_MISSING,
    /** Something under our name is not ours; it is left alone. */
    FOREIGN_RESOURCE,
    /** A phase took longer than its deadline. */
    TIMEOUT
  }

  /** Starts a failure. */
  static Builder builder() {
    return new Builder();
  }

  Kind kind();

  /** The provider's own code or condition reason, such as {@code LaunchFailed}. */
  String code();

  /** For a person: what happened and what to do; at most 800 characters. */
  String message();

  /** When the provider said to try again. */
  Optional<Duration> retryAfter();

  /** Builds a failure; kind, code and message are required. */
  final class Builder extends ImmutableProvisionFailure.Builder {
    Builder() {}
  }
}

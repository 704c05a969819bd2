package sh.kaito.core.internal.kube;

import java.time.Instant;

/**
 * How a reflector fares.
 *
 * @param phase what it does
 * @param synced whether it has once read a complete list; absence in its cache means absence
 * @param lastError what went wrong last; empty while all is well
 * @param since since when all has been well, or wrong
 * @param failures how many attempts have failed in a row
 * @param undecodable how many objects exist whose newest version could not be decoded
 */
public record ReflectorHealth(
    Phase phase, boolean synced, String lastError, Instant since, int failures, int undecodable) {

  /** What a reflector does. */
  public enum Phase {
    /** Not started. */
    NEW,
    /** Reads a list. */
    LISTING,
    /** Follows a watch. */
    WATCHING,
    /** Waits before it tries again; {@link ReflectorHealth#lastError} says why. */
    BACKING_OFF,
    /**
     * The server knows no such resource: its CustomResourceDefinition is not installed. What the
     * cache held before is kept. It looks again until the resource is there.
     */
    RESOURCE_MISSING,
    /** Stopped for good. */
    STOPPED
  }

  /** Whether it follows the server, or is about to for the first time. */
  public boolean isHealthy() {
    return lastError.isEmpty();
  }

  /** Whether the server knows no such resource. */
  public boolean isResourceMissing() {
    return phase == Phase.RESOURCE_MISSING;
  }
}

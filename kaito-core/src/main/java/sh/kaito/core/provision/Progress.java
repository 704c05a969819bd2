package sh.kaito.core.provision;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.provision.NodePhase;

/** What the status of a set makes of those of its slots. Pure. */
final class Progress {
  private Progress() {}

  /**
   * Orders the phases of a slot by how far they are from ready; a set is where its last slot is.
   */
  static int of(NodePhase phase) {
    return switch (phase) {
      case GONE, BLOCKED -> 0;
      case PENDING -> 1;
      case RELEASING -> 2;
      case CREATING -> 3;
      case JOINING -> 4;
      case INITIALIZING -> 5;
      case READY -> 6;
    };
  }

  /** The sooner of two times that lie ahead; null when neither does. */
  static @Nullable Instant sooner(@Nullable Instant one, Instant other, Instant now) {
    return other.isAfter(now) && (one == null || other.isBefore(one)) ? other : one;
  }
}

package sh.kaito.core.engine;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What to do about one Workspace now.
 *
 * @param steps in this order; empty when all is as it should be
 * @param nextLook when to look again although nothing changed
 */
record Decision(List<Step> steps, Optional<Instant> nextLook) {
  Decision {
    steps = List.copyOf(steps);
  }
}

package sh.kaito.testkit.internal.sim.nodes;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.ClaimBehavior;
import sh.kaito.testkit.NodeShape;

/** The machine behind one claim: when each stage of its life is due. Confined to the simulator. */
final class Machine {
  final String claimUid;
  final String instanceType;
  final ClaimBehavior behavior;
  final @Nullable NodeShape shape;
  final Instant launchDue;
  Instant launchWorks;
  final Duration registerDelay;
  final Duration readyDelay;
  final Duration gpuDelay;

  @Nullable Instant launched;
  @Nullable Instant joined;
  @Nullable Instant gone;
  @Nullable Instant terminationBegan;

  /** Whether a test has said that the node is not Ready; null: it has said nothing. */
  @Nullable Boolean readyOverride;

  Machine(
      String claimUid,
      String instanceType,
      ClaimBehavior behavior,
      @Nullable NodeShape shape,
      NodeSettings.Delays delays,
      Instant seen) {
    this.claimUid = claimUid;
    this.instanceType = instanceType;
    this.behavior = behavior;
    this.shape = shape;
    this.launchDue = seen.plus(behavior.launchDelay().orElse(delays.launch()));
    this.registerDelay = behavior.registerDelay().orElse(delays.register());
    this.readyDelay = behavior.readyDelay().orElse(delays.ready());
    this.gpuDelay = behavior.gpuDelay().orElse(delays.gpu());
    this.launchWorks =
        behavior.launchFailure() == ClaimBehavior.LaunchFailure.NONE
            ? launchDue
            : behavior.launchFailureEnds().map(launchDue::plus).orElse(Instant.MAX);
  }

  /** When the Node object is due; never before the launch. */
  Instant joinDue() {
    return launched == null || !behavior.registers() ? Instant.MAX : launched.plus(registerDelay);
  }

  Instant readyDue() {
    return joined == null || !behavior.becomesReady() ? Instant.MAX : joined.plus(readyDelay);
  }

  Instant gpuDue() {
    Instant ready = readyDue();
    return ready.equals(Instant.MAX) || !behavior.offersGpus() ? Instant.MAX : ready.plus(gpuDelay);
  }

  Instant vanishDue() {
    return due(behavior.vanishesAfter());
  }

  Instant notReadyDue() {
    return due(behavior.notReadyAfter());
  }

  private Instant due(Optional<Duration> afterJoin) {
    return joined == null ? Instant.MAX : afterJoin.map(joined::plus).orElse(Instant.MAX);
  }

  boolean isReady(Instant now) {
    if (readyOverride != null) {
      return readyOverride;
    }
    return !now.isBefore(readyDue()) && now.isBefore(notReadyDue());
  }

  boolean showsGpus(Instant now) {
    return !now.isBefore(gpuDue());
  }

  /** The next time at which something about the machine changes by itself. */
  Instant next(Instant now) {
    Instant next = Instant.MAX;
    for (Instant due :
        new Instant[] {
          launched == null ? launchDue : Instant.MAX,
          launched == null ? launchWorks : Instant.MAX,
          joined == null ? joinDue() : Instant.MAX,
          readyDue(),
          gpuDue(),
          vanishDue(),
          notReadyDue()
        }) {
      if (due.isAfter(now) && due.isBefore(next)) {
        next = due;
      }
    }
    return next;
  }
}

package sh.kaito.core.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.core.engine.Observation.ObservedPod;
import sh.kaito.core.plan.Deadlines;

/**
 * Why waiting alone will not help, and what will.
 *
 * @param reason condition reason
 * @param message for a person
 */
record Stall(String reason, String message) {
  static final String IMAGE_PULL_TIMEOUT = "ImagePullTimeout";
  static final String MODEL_LOAD_TIMEOUT = "ModelLoadTimeout";

  /** A failure of the provisioner that does not pass by itself, with what to do about its kind. */
  static Optional<Stall> of(ProvisionFailure failure) {
    if (failure.retry() == ProvisionFailure.Retry.AUTOMATIC) {
      return Optional.empty();
    }
    String advice =
        switch (failure.kind()) {
          case QUOTA ->
              "; ask for more quota of this family in this region, or choose another instance type";
          case SKU_UNAVAILABLE ->
              "; choose an instance type that this region offers to this subscription";
          case INVALID -> "; make another Workspace without what is refused";
          case AUTH -> "; give the node provisioner the rights that it names";
          // The others say in their message what to do.
          default -> "";
        };
    return Optional.of(new Stall(Conditions.reason(failure.code()), failure.message() + advice));
  }

  /** The instant at which a pod's present phase has taken too long; empty when none limits it. */
  static Optional<Instant> deadline(ObservedPod pod, Intent.Run run) {
    if (pod.ready() || pod.deleting() || (run.isTuning() && pod.mainStarted())) {
      // Training takes as long as it takes.
      return Optional.empty();
    }
    Deadlines deadlines = run.deadlines();
    if (pod.initialized().isPresent()) {
      return pod.initialized().map(time -> time.plus(deadlines.modelReady()));
    }
    return pod.scheduled().map(time -> time.plus(deadlines.imagePulled()));
  }

  /** What to say of a pod whose deadline has passed. */
  static Stall late(ObservedPod pod, Intent.Run run) {
    Deadlines deadlines = run.deadlines();
    boolean loading = pod.initialized().isPresent();
    Duration limit = loading ? deadlines.modelReady() : deadlines.imagePulled();
    String trouble = pod.trouble().isNone() ? "" : ": " + pod.trouble().message();
    return new Stall(
        loading ? MODEL_LOAD_TIMEOUT : IMAGE_PULL_TIMEOUT,
        "pod "
            + pod.name()
            + (loading
                ? " did not pass its health check within "
                : " did not get its images and volumes within ")
            + limit.toMinutes()
            + " minutes"
            + trouble
            + "; look at its events and its log. Nothing is bought or restarted because of this,"
            + " and it counts as ready as soon as it is");
  }
}

package sh.kaito.core.engine;

import java.util.Optional;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.manifest.Manifests;

/**
 * A training that runs goes on, whatever becomes of the ConfigMap that it was made from: hours of
 * GPUs are not given up for an edit beside the Workspace. Only the Workspace's own specification
 * ends it. Before the trainer has started nothing is lost, and a change counts at once. Pure.
 */
final class RunningTraining {
  private static final String GOES_ON =
      "Tuning job has started; it goes on with the settings that it began with, although ";

  private RunningTraining() {}

  /** The Job that trains for this specification, with whatever settings. */
  static Optional<ObservedChild> of(Observation seen, String inputHash) {
    return seen.children().values().stream()
        .filter(child -> child.key().type().equals(ResourceType.JOBS))
        .filter(job -> job.ownerUid().equals(seen.workspace().uid()) && !job.deleting())
        .filter(job -> Manifests.isSameSpecification(job.marks().inputHash(), inputHash))
        .filter(job -> job.job().filter(progress -> !progress.end().isEmpty()).isEmpty())
        .filter(
            job ->
                seen.pods().stream()
                    .anyMatch(pod -> pod.mainStarted() && pod.ownerUid().equals(job.uid())))
        .findFirst();
  }

  /** What to tell when the settings are others by now; empty when they are the same. */
  static String notice(Observation seen, Intent.Run run) {
    if (!run.isTuning()) {
      return "";
    }
    String wanted = run.workload().inputHash();
    return of(seen, wanted).filter(job -> !job.marks().inputHash().equals(wanted)).isPresent()
        ? GOES_ON
            + "the ConfigMap of tuning.config has changed since; the change counts with the next"
            + " one of the Workspace's tuning section"
        : "";
  }

  /** What to tell when no Job could be made by now; empty when none trains. */
  static String notice(Observation seen, Intent.Refused refused) {
    return of(seen, refused.inputHash()).isPresent()
        ? GOES_ON + "it could not be started anew: " + refused.message()
        : "";
  }
}

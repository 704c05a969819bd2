package sh.kaito.core.manifest;

import java.util.Optional;

/**
 * The one object of a Workspace that runs its pods, and what its owner must see to call it running.
 *
 * @param type its kind
 * @param name its name; that of the Workspace, shortened where the kind cannot carry it
 * @param replicas pods that must be ready at the same time; 1 for a Job, which must succeed once
 * @param trainer for a Job: the container whose start means that training has started. It is an
 *     init container when a pusher follows it, else the only container.
 */
public record Workload(Type type, String name, int replicas, Optional<String> trainer) {

  /** Kinds that run pods. */
  public enum Type {
    /** {@code apps/v1 Deployment}: a legacy image of one process. */
    DEPLOYMENT("Deployment"),
    /** {@code apps/v1 StatefulSet}: the base image, process groups, templates. */
    STATEFUL_SET("StatefulSet"),
    /** {@code batch/v1 Job}: fine-tuning. */
    JOB("Job");

    private final String kind;

    Type(String kind) {
      this.kind = kind;
    }

    /** {@code kind} on the wire. */
    public String kind() {
      return kind;
    }
  }
}

package sh.kaito.core.internal.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Preconditions and manner of a deletion. Immutable; start from {@link #defaults()}. */
public final class DeleteOptions {
  private static final DeleteOptions DEFAULTS = new DeleteOptions("", "", "", -1);

  private final String uid;
  private final String resourceVersion;
  private final String propagationPolicy;
  private final long gracePeriodSeconds;

  private DeleteOptions(
      String uid, String resourceVersion, String propagationPolicy, long gracePeriodSeconds) {
    this.uid = uid;
    this.resourceVersion = resourceVersion;
    this.propagationPolicy = propagationPolicy;
    this.gracePeriodSeconds = gracePeriodSeconds;
  }

  /** No precondition, the resource's own manner. */
  public static DeleteOptions defaults() {
    return DEFAULTS;
  }

  /** Only that object, not one re-created under its name: otherwise 409. */
  public DeleteOptions uid(String value) {
    return new DeleteOptions(value, resourceVersion, propagationPolicy, gracePeriodSeconds);
  }

  /** Only if it has not changed since: otherwise 409. */
  public DeleteOptions resourceVersion(String value) {
    return new DeleteOptions(uid, value, propagationPolicy, gracePeriodSeconds);
  }

  /** {@code Foreground}, {@code Background} or {@code Orphan}. */
  public DeleteOptions propagationPolicy(String value) {
    return new DeleteOptions(uid, resourceVersion, value, gracePeriodSeconds);
  }

  /** Seconds a pod gets to end; 0 removes it at once. */
  public DeleteOptions gracePeriodSeconds(long value) {
    return new DeleteOptions(uid, resourceVersion, propagationPolicy, value);
  }

  /** The body of the DELETE. */
  ObjectNode toJson() {
    ObjectNode json = KubeJson.object();
    json.put("apiVersion", "v1");
    json.put("kind", "DeleteOptions");
    if (!uid.isEmpty() || !resourceVersion.isEmpty()) {
      ObjectNode preconditions = json.putObject("preconditions");
      if (!uid.isEmpty()) {
        preconditions.put("uid", uid);
      }
      if (!resourceVersion.isEmpty()) {
        preconditions.put("resourceVersion", resourceVersion);
      }
    }
    if (!propagationPolicy.isEmpty()) {
      json.put("propagationPolicy", propagationPolicy);
    }
    if (gracePeriodSeconds >= 0) {
      json.put("gracePeriodSeconds", gracePeriodSeconds);
    }
    return json;
  }
}

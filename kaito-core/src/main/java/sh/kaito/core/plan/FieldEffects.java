package sh.kaito.core.plan;

import static sh.kaito.core.plan.ChangeEffect.LIVE;
import static sh.kaito.core.plan.ChangeEffect.NONE;
import static sh.kaito.core.plan.ChangeEffect.REFUSED;
import static sh.kaito.core.plan.ChangeEffect.ROLLING_RESTART;

import java.util.ArrayList;
import java.util.List;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;

/**
 * The effect of each field's change, as far as the field alone decides it. Rows are prefixes of
 * paths: the longest that fits counts, so one row covers all that stands below a pod template.
 */
final class FieldEffects {
  /**
   * A row.
   *
   * @param path beginning of JSON paths, with {@code []} for any index
   * @param effect what a change does
   * @param reason why; one clause
   * @param resizes whether the number of nodes is computed from it
   */
  record Row(String path, ChangeEffect effect, String reason, boolean resizes) {}

  private static final String FIXED = "fixed at creation; delete and create the Workspace";
  private static final String REPLACED_POD = "the pods are made from it";
  private static final String NEW_JOB = "the Job is replaced, and training begins again";
  private static final String KEPT = "kept by controllers";
  private static final String UNREAD = "not read by this library";

  private static final List<Row> ROWS = new ArrayList<>();

  static {
    row("apiVersion", NONE, "both versions show the same object");
    row("kind", NONE, "every Workspace has the same");
    row("metadata", NONE, "not handed on to nodes and pods");
    row("metadata.name", REFUSED, "another name is another Workspace");
    row("metadata.namespace", REFUSED, "another namespace is another Workspace");
    row("metadata.labels", NONE, "not handed on to nodes and pods");
    row(
        label(KaitoLabels.UPGRADE_TO_VERSION),
        ROLLING_RESTART,
        "asks for what a newer release of the library renders");
    row("metadata.annotations", NONE, "not read");
    row(
        annotation(KaitoAnnotations.ENABLE_LB),
        LIVE,
        "the Service gets or loses its load balancer; the pods go on");
    resize(
        annotation(KaitoAnnotations.RUNTIME),
        "another program serves the model, with its own number of nodes");
    row(annotation(KaitoAnnotations.PERFORMANCE_MODE), ROLLING_RESTART, "a flag of the server");
    row(annotation(KaitoAnnotations.USE_LOCAL_WEIGHTS), ROLLING_RESTART, "the pods mount them");
    row(
        annotation(KaitoAnnotations.BYPASS_RESOURCE_CHECKS),
        NONE,
        "counts when the number of nodes is decided the next time");
    row(annotation(KaitoAnnotations.NODE_IMAGE_FAMILY), LIVE, "nodes bought from now on get it");
    row(annotation(KaitoAnnotations.NODE_CLASS_NAME), LIVE, "nodes bought from now on get it");
    row(annotation(KaitoAnnotations.DISABLE_BENCHMARK), NONE, "no benchmark is run");
    for (String unread :
        List.of(
            KaitoAnnotations.MODEL_STREAMING,
            KaitoAnnotations.MODEL_MIRROR_STORAGE_CLASS,
            KaitoAnnotations.STREAMING_SERVICE_ACCOUNT,
            KaitoAnnotations.STATIC_MODEL_MIRROR,
            KaitoAnnotations.STREAM_DATAREFS_URL,
            KaitoAnnotations.STREAM_IDENTITY_CLIENT_ID,
            KaitoAnnotations.STREAM_SOURCE_TYPE)) {
      row(annotation(unread), NONE, UNREAD);
    }
    for (String kept :
        List.of(
            KaitoAnnotations.WORKSPACE_HASH,
            KaitoAnnotations.WORKSPACE_REVISION,
            KaitoAnnotations.UPGRADE_START_TIME,
            KaitoAnnotations.NODES)) {
      row(annotation(kept), NONE, KEPT);
    }

    row("resource", REFUSED, FIXED);
    row("resource.count", REFUSED, FIXED);
    row("resource.instanceType", REFUSED, FIXED);
    row("resource.labelSelector", REFUSED, FIXED);
    row("resource.preferredNodes", NONE, "counts when nodes are chosen, and they have been");
    row("resource.partition", REFUSED, FIXED);

    row("inference", REFUSED, "what a Workspace does is fixed at creation");
    row("inference.preset", REFUSED, FIXED);
    row("inference.template", ROLLING_RESTART, REPLACED_POD);
    resize("inference.config", "the server is started with these settings");
    resize("inference.config[inference_config.yaml]", "the server is started with these settings");
    resize("inference.adapters", "adapters are loaded when the server starts");

    row("tuning", REFUSED, "what a Workspace does is fixed at creation");
    row("tuning.preset", REFUSED, FIXED);
    row("tuning.method", REFUSED, FIXED);
    row("tuning.config", ROLLING_RESTART, NEW_JOB);
    row(
        "tuning.config[training_config.yaml]",
        NONE,
        "a running training goes on; it counts with the next change of the tuning section");
    row("tuning.input", ROLLING_RESTART, NEW_JOB);
    row("tuning.input.name", REFUSED, FIXED);
    row("tuning.output", ROLLING_RESTART, NEW_JOB);

    row("status", NONE, "written by the controller");
  }

  private FieldEffects() {}

  private static void row(String path, ChangeEffect effect, String reason) {
    ROWS.add(new Row(path, effect, reason, false));
  }

  private static void resize(String path, String reason) {
    ROWS.add(new Row(path, ROLLING_RESTART, reason, true));
  }

  private static String annotation(String key) {
    return "metadata.annotations[" + key + "]";
  }

  private static String label(String key) {
    return "metadata.labels[" + key + "]";
  }

  static List<Row> rows() {
    return List.copyOf(ROWS);
  }

  /** The row of a path such as {@code inference.adapters[3].source.image}. */
  static Row of(String path) {
    Row best = null;
    for (Row row : ROWS) {
      if (covers(row.path(), path)
          && (best == null || row.path().length() > best.path().length())) {
        best = row;
      }
    }
    // A field of a newer release: nobody here reads it.
    return best == null ? new Row(path, NONE, UNREAD, false) : best;
  }

  /** Whether a path is the other one or stands below it. */
  static boolean covers(String upper, String path) {
    if (!path.startsWith(upper)) {
      return false;
    }
    return path.length() == upper.length()
        || upper.isEmpty()
        || path.charAt(upper.length()) == '.'
        || path.charAt(upper.length()) == '[';
  }
}

package sh.kaito.api.validation;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import sh.kaito.api.internal.text.FieldPath;
import sh.kaito.api.internal.text.Nearest;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.Workspace;

/** Rules for annotations. */
final class AnnotationRules {

  private static final List<String> BOOLEANS = List.of("true", "false");

  /** All keys that mean something on a Workspace. */
  private static final List<String> KEYS =
      List.of(
          KaitoAnnotations.ENABLE_LB,
          KaitoAnnotations.RUNTIME,
          KaitoAnnotations.BYPASS_RESOURCE_CHECKS,
          KaitoAnnotations.NODE_IMAGE_FAMILY,
          KaitoAnnotations.NODE_CLASS_NAME,
          KaitoAnnotations.DISABLE_BENCHMARK,
          KaitoAnnotations.PERFORMANCE_MODE,
          KaitoAnnotations.USE_LOCAL_WEIGHTS,
          KaitoAnnotations.MODEL_STREAMING,
          KaitoAnnotations.MODEL_MIRROR_STORAGE_CLASS,
          KaitoAnnotations.STREAMING_SERVICE_ACCOUNT,
          KaitoAnnotations.STATIC_MODEL_MIRROR,
          KaitoAnnotations.STREAM_DATAREFS_URL,
          KaitoAnnotations.STREAM_IDENTITY_CLIENT_ID,
          KaitoAnnotations.STREAM_SOURCE_TYPE,
          KaitoAnnotations.UPGRADE_START_TIME,
          KaitoAnnotations.WORKSPACE_HASH,
          KaitoAnnotations.WORKSPACE_REVISION,
          KaitoAnnotations.NODES);

  private AnnotationRules() {}

  static void check(Workspace workspace, Findings findings) {
    Map<String, String> annotations = workspace.metadata().getAnnotations();
    if (annotations == null) {
      return;
    }
    annotations.forEach((key, value) -> annotation(key, value == null ? "" : value, findings));
  }

  private static void annotation(String key, String value, Findings findings) {
    switch (key) {
      case KaitoAnnotations.RUNTIME ->
          oneOf(
              "runtime",
              key,
              value,
              List.of("vllm", "transformers", "legacy-image"),
              UnaryOperator.identity(),
              findings);
      case KaitoAnnotations.NODE_IMAGE_FAMILY ->
          oneOf(
              "V-15",
              key,
              value,
              List.of("ubuntu", "azurelinux"),
              text -> text.strip().toLowerCase(Locale.ROOT),
              findings);
      case KaitoAnnotations.PERFORMANCE_MODE ->
          oneOf(
              "V-17",
              key,
              value,
              List.of("balanced", "interactivity", "throughput"),
              UnaryOperator.identity(),
              findings);
      case KaitoAnnotations.USE_LOCAL_WEIGHTS ->
          oneOf("V-18", key, value, BOOLEANS, UnaryOperator.identity(), findings);
      case KaitoAnnotations.ENABLE_LB -> enableLb(key, value, findings);
      case KaitoAnnotations.BYPASS_RESOURCE_CHECKS -> bypass(key, value, findings);
      case KaitoAnnotations.DISABLE_BENCHMARK -> disableBenchmark(key, value, findings);
      default -> unknown(key, findings);
    }
  }

  private static void oneOf(
      String rule,
      String key,
      String value,
      List<String> allowed,
      UnaryOperator<String> normal,
      Findings findings) {
    if (allowed.contains(normal.apply(value))) {
      return;
    }
    Violation.Builder violation =
        Violation.error(path(key), "unknown value " + Quoted.of(value))
            .found(Quoted.shorten(value))
            .allowed(allowed);
    Nearest.of(value, allowed).ifPresent(violation::nearest);
    findings.add(rule, violation);
  }

  private static void enableLb(String key, String value, Findings findings) {
    boolean off = value.equalsIgnoreCase("false");
    if (!value.equals(KaitoAnnotations.ENABLE_LB_TRUE) && !off) {
      findings.add(
          "enablelb",
          Violation.warning(
                  path(key),
                  "only \"True\", with a capital T, asks for a load balancer; "
                      + Quoted.of(value)
                      + " is ignored")
              .found(Quoted.shorten(value))
              .nearest(KaitoAnnotations.ENABLE_LB_TRUE)
              .action("write \"True\", or remove the annotation"));
    }
  }

  private static void bypass(String key, String value, Findings findings) {
    if (value.equalsIgnoreCase("false")) {
      findings.add(
          "V-28",
          Violation.warning(
                  path(key),
                  "the presence of this annotation counts, not its value: the memory check is off")
              .found(Quoted.shorten(value))
              .action("remove the annotation to have memory checked"));
    }
  }

  private static void disableBenchmark(String key, String value, Findings findings) {
    if (!BOOLEANS.contains(value)) {
      findings.add(
          "disable-benchmark",
          Violation.warning(
                  path(key),
                  "only \"true\" leaves out the benchmark; " + Quoted.of(value) + " is ignored")
              .found(Quoted.shorten(value))
              .nearest("true"));
    }
  }

  /** A key of our domain that nobody reads is most likely misspelled. */
  private static void unknown(String key, Findings findings) {
    boolean ours = key.startsWith("kaito.sh/") || key.startsWith("inference.kaito.sh/");
    if (!ours || KEYS.contains(key)) {
      return;
    }
    Violation.Builder violation =
        Violation.warning(path(key), "unknown annotation; it has no effect")
            .found(Quoted.shorten(key));
    if (key.equals(KaitoLabels.UPGRADE_TO_VERSION)) {
      violation.action("make it a label");
    } else {
      Nearest.of(key, KEYS).ifPresent(violation::nearest);
    }
    findings.add("annotation-unknown", violation);
  }

  private static String path(String key) {
    return FieldPath.key("metadata.annotations", key);
  }
}

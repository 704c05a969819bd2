package sh.kaito.core.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.InferenceSpec;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.catalog.ServingRuntime;

/**
 * What Kaito knows and this library does not do. It is refused before anything is bought; passed
 * over in silence it would be missed only when the model is slow or the bill arrives.
 */
final class UnsupportedWishes {
  private static final String STREAMING =
      "streaming of weights needs the model mirror controller, which this library does not have";

  /** Annotations that ask for streaming; each would be useless without the controller. */
  private static final List<String> STREAMING_KEYS =
      List.of(
          KaitoAnnotations.MODEL_MIRROR_STORAGE_CLASS,
          KaitoAnnotations.STREAMING_SERVICE_ACCOUNT,
          KaitoAnnotations.STREAM_DATAREFS_URL,
          KaitoAnnotations.STREAM_IDENTITY_CLIENT_ID,
          KaitoAnnotations.STREAM_SOURCE_TYPE);

  private UnsupportedWishes() {}

  /** Wishes that no runtime fulfils. */
  static List<Violation> of(Workspace workspace, String name) {
    List<Violation> problems = new ArrayList<>();
    for (String key : STREAMING_KEYS) {
      workspace
          .annotation(key)
          .ifPresent(value -> problems.add(refuse(annotation(key), value, STREAMING)));
    }
    workspace
        .annotation(KaitoAnnotations.STATIC_MODEL_MIRROR)
        .filter(value -> !value.equals("false"))
        .ifPresent(
            value ->
                problems.add(
                    refuse(annotation(KaitoAnnotations.STATIC_MODEL_MIRROR), value, STREAMING)));
    workspace
        .annotation(KaitoAnnotations.MODEL_STREAMING)
        .filter(value -> !value.equals("disabled"))
        .ifPresent(
            value ->
                problems.add(
                    refuse(annotation(KaitoAnnotations.MODEL_STREAMING), value, STREAMING)));
    label(workspace, KaitoLabels.INFERENCE_ROLE)
        .ifPresent(
            role ->
                problems.add(
                    refuse(
                        "metadata.labels[" + KaitoLabels.INFERENCE_ROLE + "]",
                        role,
                        "prefill and decode on separate pods need the MultiRoleInference"
                            + " controller, which this library does not have")));
    if (workspace.inference().isPresent()
        && !name.isEmpty()
        && !Character.isLetter(name.charAt(0))) {
      problems.add(
          Problem.of(
              "V-10",
              "metadata.name",
              name,
              "begins with a digit, and the name of a Service begins with a letter",
              "choose another name"));
    }
    if (name.endsWith(KaitoApi.HEADLESS_SERVICE_SUFFIX)) {
      problems.add(
          Problem.of(
              "V-10",
              "metadata.name",
              name,
              "ends like the headless Service of another workspace, and both would be one object",
              "choose another name"));
    }
    return problems;
  }

  /** Wishes that only vLLM fulfils. */
  static void ofRuntime(Planning planning, ServingRuntime runtime) {
    if (runtime == ServingRuntime.VLLM) {
      return;
    }
    planning
        .workspace
        .annotation(KaitoAnnotations.USE_LOCAL_WEIGHTS)
        .filter(value -> value.equals("true"))
        .ifPresent(
            value ->
                planning.problems.add(
                    Problem.of(
                        "V-18",
                        annotation(KaitoAnnotations.USE_LOCAL_WEIGHTS),
                        value,
                        "works with vLLM alone, and this workspace is served by " + runtime,
                        "remove the annotation")));
    planning
        .workspace
        .inference()
        .flatMap(InferenceSpec::config)
        .filter(name -> !name.isEmpty())
        .ifPresent(
            name ->
                planning.warnings.add(
                    Problem.warning(
                        "inference.config",
                        "has no effect: it holds settings of vLLM, and this workspace is served by "
                            + runtime,
                        "remove it")));
    planning
        .workspace
        .annotation(KaitoAnnotations.PERFORMANCE_MODE)
        .filter(value -> !value.equals("balanced"))
        .ifPresent(
            value ->
                planning.warnings.add(
                    Problem.warning(
                        annotation(KaitoAnnotations.PERFORMANCE_MODE),
                        "has no effect: "
                            + value
                            + " is a mode of vLLM, and this workspace is"
                            + " served by "
                            + runtime,
                        "remove the annotation")));
  }

  static Optional<String> label(Workspace workspace, String key) {
    Map<String, String> labels = workspace.metadata().getLabels();
    return labels == null ? Optional.empty() : Optional.ofNullable(labels.get(key));
  }

  private static Violation refuse(String path, String found, String reason) {
    return Problem.of("unsupported", path, found, "cannot be fulfilled: " + reason, "remove it");
  }

  private static String annotation(String key) {
    return "metadata.annotations[" + key + "]";
  }
}

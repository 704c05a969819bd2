package sh.kaito.core.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.InferenceSpec;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.TuningSpec;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.internal.settings.InferenceSettings;
import sh.kaito.core.plan.Plan;

/**
 * From a plan to the objects that carry it out. Pure functions; safe for any thread.
 *
 * <pre>{@code
 * RenderOutcome outcome =
 *     Manifests.render(
 *         RenderInputs.builder()
 *             .plan(plan)
 *             .workspace(workspace)
 *             .owner(owner)
 *             .constraints(provisioner.constraints(nodes))
 *             .configMaps(configMaps)
 *             .build());
 * if (outcome instanceof Rendered rendered) {
 *   rendered.manifests().forEach(manifest -> apply(manifest.toJson()));
 * }
 * }</pre>
 */
public final class Manifests {
  /** Goes up with every release that renders the same wish in another way. */
  public static final int RENDERING_REVISION = 1;

  private Manifests() {}

  /**
   * The ConfigMaps of the user whose content counts as part of the wish: their absence holds
   * rendering up, their change changes {@link #inputHash}.
   */
  public static List<ConfigMapReference> configMaps(Workspace workspace) {
    List<ConfigMapReference> references = new ArrayList<>();
    workspace
        .inference()
        .filter(inference -> inference.preset().isPresent())
        .flatMap(InferenceSpec::config)
        .filter(name -> !name.isEmpty())
        .ifPresent(
            name ->
                references.add(
                    new ConfigMapReference(
                        name, KaitoApi.INFERENCE_CONFIG_KEY, "inference.config")));
    workspace
        .tuning()
        .flatMap(TuningSpec::config)
        .filter(name -> !name.isEmpty())
        .ifPresent(
            name ->
                references.add(
                    new ConfigMapReference(name, KaitoApi.TRAINING_CONFIG_KEY, "tuning.config")));
    return references;
  }

  /**
   * Hash of what the user asks a workload to be: 64 characters of hex. It is the {@link
   * Manifest#inputHash()} of the workload that would be rendered, known before there is a plan.
   *
   * @param configMaps {@code data} by name, as in {@link RenderInputs#configMaps()}
   */
  public static String inputHash(Workspace workspace, Map<String, Map<String, String>> configMaps) {
    return InputHash.ofWorkload(workspace, configMaps);
  }

  /**
   * Whether two values of {@link #inputHash} are of Workspaces that ask for the same, whatever the
   * ConfigMaps that they name contain.
   */
  public static boolean isSameSpecification(String inputHash, String other) {
    return InputHash.isSameSpecification(inputHash, other);
  }

  /**
   * The objects of a plan.
   *
   * @throws IllegalArgumentException when the plan was made from another {@code
   *     inference_config.yaml} than the one that is given here
   */
  public static RenderOutcome render(RenderInputs inputs) {
    Workspace workspace = inputs.workspace();
    Plan plan = inputs.plan();
    boolean serverSettings =
        plan.runtime().filter(choice -> choice.runtime() == ServingRuntime.VLLM).isPresent();
    for (ConfigMapReference reference : configMaps(workspace)) {
      boolean needed = serverSettings || workspace.tuning().isPresent();
      if (needed && text(inputs, reference).isEmpty()) {
        return new NeedsConfigMap(reference.name(), reference.key(), reference.path());
      }
    }
    return switch (plan.workload()) {
      case INFERENCE ->
          new InferenceRendering(
                  inputs,
                  workspace.inference().orElseThrow(),
                  serverSettings ? serverSettings(inputs) : InferenceSettings.empty())
              .render();
      case TEMPLATE -> new TemplateRendering(inputs).render();
      case TUNING -> new TuningRendering(inputs, workspace.tuning().orElseThrow()).render();
    };
  }

  private static InferenceSettings serverSettings(RenderInputs inputs) {
    Optional<String> text =
        configMaps(inputs.workspace()).stream()
            .findFirst()
            .flatMap(reference -> text(inputs, reference));
    if (!text.equals(inputs.plan().inferenceConfig())) {
      throw new IllegalArgumentException(
          "the plan of "
              + inputs.workspace().key()
              + " was made from another inference_config.yaml; give the text of the ConfigMap to"
              + " PlanInputs.inferenceConfig");
    }
    List<Violation> problems = new ArrayList<>();
    InferenceSettings settings =
        text.map(yaml -> InferenceSettings.read(yaml, problems))
            .orElseGet(InferenceSettings::empty);
    if (!problems.isEmpty()) {
      // The plan read the same text and would have been refused.
      throw new IllegalStateException("a plan from settings with problems: " + problems);
    }
    return settings;
  }

  static Optional<String> text(RenderInputs inputs, ConfigMapReference reference) {
    return Optional.ofNullable(inputs.configMaps().get(reference.name()))
        .map(data -> data.get(reference.key()));
  }
}

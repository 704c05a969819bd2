package sh.kaito.core.plan;

import io.kubernetes.client.openapi.models.V1PersistentVolumeClaimVolumeSource;
import io.kubernetes.client.openapi.models.V1Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import sh.kaito.api.model.InferenceSpec;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.api.model.TuningSpec;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;
import sh.kaito.core.catalog.BaseImageRecipe;
import sh.kaito.core.catalog.MetadataLookup;
import sh.kaito.core.catalog.ModelPreset;

/** One plan in the making: what every kind of workspace has in common. */
final class Planning {
  final Planner.Builder settings;
  final Workspace workspace;
  final PlanInputs inputs;
  final List<Violation> problems = new ArrayList<>();
  final List<Violation> warnings = new ArrayList<>();
  final List<PlannedReference> references = new ArrayList<>();
  final List<PlannedImage> images = new ArrayList<>();
  final List<PlannedObject> objects = new ArrayList<>();
  final NodeResolver resolver;
  final WorkspaceKey key;

  Planning(Planner.Builder settings, Workspace workspace, PlanInputs inputs) {
    this.settings = settings;
    this.workspace = workspace;
    this.inputs = inputs;
    this.key = key(workspace);
    this.resolver = new NodeResolver(settings, workspace, inputs, problems, warnings);
  }

  /** The API server completes {@code metadata.generateName}; a plan can be made before. */
  private static WorkspaceKey key(Workspace workspace) {
    if (workspace.metadata().getName() != null) {
      return workspace.key();
    }
    String prefix = Objects.requireNonNullElse(workspace.metadata().getGenerateName(), "");
    String namespace = workspace.metadata().getNamespace();
    return WorkspaceKey.of(
        namespace == null || namespace.isEmpty() ? WorkspaceKey.DEFAULT_NAMESPACE : namespace,
        prefix + "<generated>");
  }

  PlanOutcome outcome() {
    Optional<Plan> plan = make();
    if (plan.isPresent() && problems.isEmpty()) {
      return Plan.builder()
          .from(plan.get())
          .migration(located(Migration.advice(workspace, plan.get())))
          .build();
    }
    if (problems.isEmpty()) {
      throw new IllegalStateException("neither plan nor problem for " + workspace);
    }
    return new PlanRefusal(located(problems));
  }

  private Optional<Plan> make() {
    Optional<TuningSpec> tuning = workspace.tuning();
    Optional<InferenceSpec> inference = workspace.inference();
    if (inference.isPresent() == tuning.isPresent()) {
      problems.add(
          Problem.of(
              inference.isPresent() ? "V-12" : "V-11",
              inference.isPresent() ? "tuning" : "",
              "",
              inference.isPresent()
                  ? "has both inference and tuning, and a workspace does one of them"
                  : "has neither inference nor tuning, so there is nothing to do",
              "give exactly one of inference and tuning"));
      return Optional.empty();
    }
    problems.addAll(UnsupportedWishes.of(workspace, key.name()));
    if (tuning.isPresent()) {
      return new TuningPlanning(this, tuning.get()).plan();
    }
    return inference.get().template().isPresent() && inference.get().preset().isEmpty()
        ? Optional.of(new TemplatePlanning(this).plan())
        : new InferencePlanning(this, inference.get()).plan();
  }

  /** A plan with what every kind shares; collected lists are copied when it is built. */
  Plan.Builder start(WorkloadKind kind) {
    return Plan.builder().workspace(key).workload(kind).tools(settings.tools);
  }

  /** A plan whose image holds the weights; how large they are is guessed where nobody knows. */
  Plan finishWithWeights(Plan.Builder builder, NodePlan nodes, long weightsBytes, double guessGiB) {
    double bytes = weightsBytes > 0 ? weightsBytes : guessGiB * Sizing.GIB;
    return finish(
        builder.expectedTimes(ExpectedTimes.of(!nodes.bringYourOwn(), (long) bytes, true)),
        nodes,
        weightsBytes);
  }

  /** A plan whose weights, if there are any, are downloaded. */
  Plan finishWithDownload(Plan.Builder builder, NodePlan nodes, long weightsBytes) {
    return finish(
        builder.expectedTimes(ExpectedTimes.of(!nodes.bringYourOwn(), weightsBytes, false)),
        nodes,
        weightsBytes);
  }

  private Plan finish(Plan.Builder builder, NodePlan nodes, long weightsBytes) {
    return builder
        .nodes(nodes)
        .weightsBytes(weightsBytes)
        .price(price(nodes))
        .images(images)
        .objects(objects)
        .references(references)
        .warnings(located(warnings))
        .build();
  }

  private Optional<PlannedPrice> price(NodePlan nodes) {
    if (nodes.bringYourOwn() || settings.prices.isEmpty() || nodes.instanceType().isEmpty()) {
      return Optional.empty();
    }
    String name = nodes.instanceType().get();
    Optional<PlannedPrice> price =
        settings.prices.get().price(name).map(each -> new PlannedPrice(each, nodes.count()));
    if (price.isEmpty()) {
      warnings.add(
          Problem.warning(
              NodeResolver.INSTANCE_TYPE,
              "the price list has no price for " + name,
              "look it up before you create the Workspace"));
    }
    return price;
  }

  private List<Violation> located(List<Violation> violations) {
    return workspace
        .source()
        .map(source -> Violations.locatedIn(source, violations))
        .orElse(violations);
  }

  NodePlan.Builder nodes(NodeResolver.Nodes nodes) {
    return NodePlan.builder()
        .instanceType(nodes.name())
        .catalogRow(nodes.row())
        .gpus(nodes.gpus())
        .gpuResource(nodes.gpuResource())
        .labels(resolver.labels())
        .bringYourOwn(settings.bringYourOwn);
  }

  /** The claims that will be written, one for each node; none for the user's own nodes. */
  void nodeObjects(int count) {
    if (!settings.bringYourOwn) {
      objects.add(
          new PlannedObject(
              "karpenter.sh/v1",
              "NodeClaim",
              "",
              count == 1 ? "1, named by the provisioner" : count + ", named by the provisioner"));
    }
  }

  int requestedCount() {
    return inputs.pinnedNodeCount().orElse(Math.max(1, workspace.resource().count().orElse(1)));
  }

  String countReason(int count) {
    return inputs.pinnedNodeCount().isPresent()
        ? "this number was decided on before and stays"
        : workspace.resource().count().isPresent()
            ? "resource.count is " + count
            : "resource.count is not given, and 1 is the default";
  }

  /** The preset of this name; an unknown name is a problem with its neighbours. */
  Optional<ModelPreset> preset(String path, Optional<PresetSpec> spec) {
    String name = spec.flatMap(PresetSpec::name).orElse("");
    String namePath = path + ".name";
    if (name.isEmpty()) {
      problems.add(Problem.of("V-50", namePath, "", "is missing", "name a preset, such as phi-4"));
      return Optional.empty();
    }
    Optional<ModelPreset> preset = settings.presets.find(name);
    if (preset.isPresent()) {
      preset
          .get()
          .deprecated()
          .ifPresent(
              why ->
                  warnings.add(
                      Problem.warning(
                          namePath,
                          name + " is deprecated: " + why.replaceFirst("\\.$", ""),
                          "choose a newer preset")));
      return preset;
    }
    Optional<MetadataLookup.Failed> asked = settings.presets.problem(name);
    if (asked.isPresent()) {
      problems.add(Problem.of("V-59", namePath, name, asked.get().problem(), asked.get().advice()));
      return Optional.empty();
    }
    int slash = name.indexOf('/');
    boolean hubName = slash > 0 && slash < name.length() - 1;
    problems.add(
        Problem.of(
            hubName ? "V-59" : "V-52",
            namePath,
            name,
            hubName
                ? "is not in the catalogue, and no source of model metadata is configured that could"
                    + " look it up on Hugging Face"
                : "is not a preset that the catalogue knows",
            hubName ? List.of() : settings.presets.names(),
            settings.presets.nearest(name),
            hubName
                ? "use a preset of the catalogue, or add this model with a catalogue file of your own"
                : "docs/reference/catalog.md lists all"));
    return Optional.empty();
  }

  /** Whether the owner asked not to be stopped by a shortage of memory. */
  boolean bypass() {
    return workspace.annotation(KaitoAnnotations.BYPASS_RESOURCE_CHECKS).isPresent();
  }

  void loadBalancerHint() {
    workspace
        .annotation(KaitoAnnotations.ENABLE_LB)
        .filter(value -> !value.equals(KaitoAnnotations.ENABLE_LB_TRUE))
        .filter(value -> value.equalsIgnoreCase(KaitoAnnotations.ENABLE_LB_TRUE))
        .ifPresent(
            value ->
                warnings.add(
                    Problem.warning(
                        "metadata.annotations[" + KaitoAnnotations.ENABLE_LB + "]",
                        "is " + value + ", which counts for nothing",
                        "write \"True\", with a capital T, to get a load balancer")));
  }

  /**
   * The model's name in the OpenAI routes: its own, or that of the InferenceSet whose replica the
   * workspace is, so that all replicas answer to one name.
   */
  String servedName(BaseImageRecipe recipe) {
    return UnsupportedWishes.label(workspace, KaitoLabels.INFERENCE_SET_CREATED_BY)
        .orElse(recipe.servedName());
  }

  /** The catalogue's image, or the one that a running workload is pinned to. */
  String publicImage(String catalogued) {
    return inputs.pinnedImage().orElse(catalogued);
  }

  /** The claim behind a volume of the user. */
  void claim(Optional<V1Volume> volume, String purpose) {
    volume
        .map(V1Volume::getPersistentVolumeClaim)
        .map(V1PersistentVolumeClaimVolumeSource::getClaimName)
        .ifPresent(name -> reference("PersistentVolumeClaim", name, "", purpose));
  }

  /** An image that will be pulled; once in the list, however many containers use it. */
  void image(String role, String reference) {
    if (images.stream().noneMatch(image -> image.reference().equals(reference))) {
      images.add(new PlannedImage(role, reference));
    }
  }

  void secret(String name, String key, String purpose) {
    reference("Secret", name, key, purpose);
  }

  void reference(String kind, String name, String key, String purpose) {
    PlannedReference reference = new PlannedReference(kind, name, key, purpose);
    if (!references.contains(reference)) {
      references.add(reference);
    }
  }
}

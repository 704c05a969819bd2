package sh.kaito.core.engine;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.manifest.ConfigMapReference;
import sh.kaito.core.manifest.Manifest;
import sh.kaito.core.manifest.Manifests;
import sh.kaito.core.manifest.NeedsConfigMap;
import sh.kaito.core.manifest.Owner;
import sh.kaito.core.manifest.PinnedChoices;
import sh.kaito.core.manifest.RenderInputs;
import sh.kaito.core.manifest.RenderOutcome;
import sh.kaito.core.manifest.RenderRefusal;
import sh.kaito.core.manifest.Rendered;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.PlanOutcome;
import sh.kaito.core.plan.PlanRefusal;
import sh.kaito.core.plan.PlannedReference;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.validation.WorkspaceValidator;

/**
 * Works out what a Workspace asks for. Pure, and the same for the same specification; it runs
 * before anything is bought, so what cannot be rendered is refused while it costs nothing.
 */
final class IntentReader {
  /** Kinds of children, and where they live. */
  private static final Map<String, ResourceType> TYPES =
      Map.of(
          "ConfigMap", ResourceType.CONFIGMAPS,
          "Service", ResourceType.SERVICES,
          "Deployment", ResourceType.DEPLOYMENTS,
          "StatefulSet", ResourceType.STATEFULSETS,
          "Job", ResourceType.JOBS);

  /** So many violations stand in a condition; whoever has mended them is told the next. */
  private static final int TOLD = 8;

  private final Planner planner;
  private final WorkspaceValidator validator;
  private final NodeProvisioner provisioner;
  private final UpgradePolicy upgrades;

  IntentReader(Planner planner, NodeProvisioner provisioner, UpgradePolicy upgrades) {
    this.planner =
        provisioner.buysNodes() ? planner : planner.toBuilder().bringYourOwn(true).build();
    this.validator = WorkspaceValidator.of(this.planner);
    this.provisioner = provisioner;
    this.upgrades = upgrades;
  }

  /**
   * Reads an intent.
   *
   * @param running the workload that runs, if one does: as long as the user's wish is the one that
   *     it was made for, its resolved choices are kept. One of the Go operator, where it is given,
   *     is taken for one that was made for the present wish
   * @param configs the ConfigMaps that the Workspace may refer to
   * @param ownNodes labels of the nodes that it may use, where none is bought
   */
  Intent read(
      ObservedWorkspace observed,
      Workspace workspace,
      NodeSetKey nodes,
      Optional<ObservedChild> running,
      Configs configs,
      Optional<List<Map<String, String>>> ownNodes) {
    Map<String, Map<String, String>> data = data(workspace, observed.key().namespace(), configs);
    String inputHash = Manifests.inputHash(workspace, data);
    Intent intent = read(observed, workspace, nodes, running, new Known(data, ownNodes), inputHash);
    return intent instanceof Intent.Refused refused
        ? new Intent.Refused(refused.reason(), refused.message(), inputHash)
        : intent;
  }

  private Intent read(
      ObservedWorkspace observed,
      Workspace workspace,
      NodeSetKey nodes,
      Optional<ObservedChild> running,
      Known known,
      String inputHash) {
    Optional<ObservedChild> same =
        running
            .filter(child -> !child.marks().isForeign())
            .filter(child -> child.marks().inputHash().equals(inputHash));
    Optional<PinnedChoices> pinned =
        running
            .filter(
                child -> child.marks().isForeign() || child.marks().inputHash().equals(inputHash))
            .flatMap(child -> PinnedChoices.read(child.marks().pinned()))
            .map(pins -> of(workspace, pins));
    if (same.isPresent() && pinned.isEmpty()) {
      return unreadablePins(same.get());
    }
    PlanInputs fresh = inputs(known, Optional.empty());
    boolean upgrade = false;
    PlanInputs inputs = fresh;
    if (pinned.isPresent()) {
      inputs = inputs(known, pinned);
      if (isUpgradeWanted(observed, workspace, pinned.get(), fresh)) {
        upgrade = true;
        inputs = withoutImage(known, pinned.get());
      }
    }
    List<Violation> errors =
        validator.validateCreate(workspace, inputs).stream().filter(Violation::isError).toList();
    if (!errors.isEmpty()) {
      return refused(errors);
    }
    PlanOutcome outcome = planner.plan(workspace, inputs);
    if (outcome instanceof PlanRefusal refusal) {
      return refused(refusal.violations());
    }
    return intent(observed, workspace, nodes, known.configs(), (Plan) outcome, upgrade);
  }

  /** A template says itself what runs; what its image looks like is no choice of anybody's. */
  private static PinnedChoices of(Workspace workspace, PinnedChoices pins) {
    boolean template = workspace.inference().flatMap(inference -> inference.template()).isPresent();
    return template
        ? new PinnedChoices(Optional.empty(), Optional.empty(), pins.nodes(), pins.revision())
        : pins;
  }

  private static Intent.Refused unreadablePins(ObservedChild running) {
    return new Intent.Refused(
        "PinnedUnreadable",
        "annotation "
            + KaitoAnnotations.PINNED
            + " of "
            + running.key()
            + " cannot be read, so it is not known which runtime, image and number of nodes were"
            + " chosen for what runs; it goes on, and nothing is bought or changed. Restore the"
            + " annotation, or remove it: then they are chosen anew, which may restart the model."
            + " A newer release of this library may have written it: then use that one");
  }

  private Intent intent(
      ObservedWorkspace observed,
      Workspace workspace,
      NodeSetKey nodes,
      Map<String, Map<String, String>> data,
      Plan plan,
      boolean upgrade) {
    NodeSetSpec spec =
        NodeSetSpec.builder()
            .key(nodes)
            .instanceType(plan.nodes().instanceType().orElse(""))
            .labels(plan.nodes().labels())
            .gpuResource(plan.nodes().gpuResource())
            .gpusPerNode(plan.nodes().gpus().map(gpus -> gpus.count()).orElse(0))
            .storage(plan.nodes().diskGiB() + "Gi")
            .preferredNodes(workspace.resource().preferredNodes())
            .imageFamily(workspace.annotation(KaitoAnnotations.NODE_IMAGE_FAMILY))
            .purchaseAllowed(false)
            .build();
    List<String> problems = provisioner.validate(spec);
    if (!problems.isEmpty()) {
      return new Intent.Refused(Intent.Refused.INVALID, String.join("; ", problems));
    }
    RenderOutcome outcome =
        Manifests.render(
            RenderInputs.builder()
                .plan(plan)
                .workspace(workspace)
                .owner(new Owner(observed.key(), observed.apiVersion(), observed.uid()))
                .constraints(provisioner.constraints(spec))
                .configMaps(data)
                .build());
    if (outcome instanceof RenderRefusal refusal) {
      return refused(refusal.violations());
    } else if (outcome instanceof NeedsConfigMap missing) {
      return new Intent.Refused(
          Intent.Refused.CONFIG_MAP_NOT_FOUND,
          missing.path()
              + ": ConfigMap "
              + observed.key().namespace()
              + "/"
              + missing.name()
              + " with key "
              + missing.key()
              + " does not exist; create it. No node is requested before");
    }
    Rendered rendered = (Rendered) outcome;
    List<Intent.Child> children = new ArrayList<>();
    for (Manifest manifest : rendered.manifests()) {
      children.add(child(rendered, manifest));
    }
    return new Intent.Run(
        plan.workload(),
        plan.nodes().count(),
        spec,
        children,
        secrets(plan),
        provisioner.buysNodes(),
        upgrade,
        plan.deadlines(),
        summary(plan));
  }

  private static Map<String, Map<String, String>> data(
      Workspace workspace, String namespace, Configs configs) {
    Map<String, Map<String, String>> data = new HashMap<>();
    for (ConfigMapReference reference : Manifests.configMaps(workspace)) {
      configs
          .find(namespace, reference.name())
          .ifPresent(found -> data.put(reference.name(), found));
    }
    return data;
  }

  /**
   * What is known beyond the Workspace.
   *
   * @param configs data of the ConfigMaps that it names and that exist, by name
   * @param ownNodes labels of the nodes that it may use, where none is bought
   */
  private record Known(
      Map<String, Map<String, String>> configs, Optional<List<Map<String, String>>> ownNodes) {}

  private static PlanInputs inputs(Known known, Optional<PinnedChoices> pinned) {
    PlanInputs.Builder inputs = PlanInputs.builder().nodeLabels(known.ownNodes());
    for (Map<String, String> map : known.configs().values()) {
      Optional.ofNullable(map.get(Configs.INFERENCE_KEY)).ifPresent(inputs::inferenceConfig);
      Optional.ofNullable(map.get(Configs.TRAINING_KEY)).ifPresent(inputs::trainingConfig);
    }
    pinned.ifPresent(choices -> choices.keepIn(inputs));
    return inputs.build();
  }

  /** An upgrade changes the image, never the runtime or the number of nodes. */
  private static PlanInputs withoutImage(Known known, PinnedChoices pinned) {
    return inputs(
        known,
        Optional.of(
            new PinnedChoices(
                pinned.runtime(), Optional.empty(), pinned.nodes(), pinned.revision())));
  }

  /**
   * By policy, or by the label that names the tag of the image that this release would run. A label
   * that names another tag asks another release.
   */
  private boolean isUpgradeWanted(
      ObservedWorkspace observed, Workspace workspace, PinnedChoices pinned, PlanInputs fresh) {
    if (upgrades == UpgradePolicy.ROLL) {
      return true;
    }
    String asked = observed.labels().getOrDefault(KaitoLabels.UPGRADE_TO_VERSION, "");
    String running = pinned.image().map(IntentReader::tag).orElse("");
    if (asked.isEmpty() || asked.equals(running)) {
      return false;
    }
    return planner.plan(workspace, fresh) instanceof Plan plan
        && plan.image().map(IntentReader::tag).filter(asked::equals).isPresent();
  }

  private static String tag(String image) {
    int colon = image.lastIndexOf(':');
    return colon > image.lastIndexOf('/') ? image.substring(colon + 1) : "";
  }

  private static List<String> secrets(Plan plan) {
    return plan.references().stream()
        .filter(reference -> reference.kind().equals("Secret"))
        .map(PlannedReference::name)
        .distinct()
        .toList();
  }

  private static Intent.Refused refused(List<Violation> violations) {
    String told =
        violations.stream().limit(TOLD).map(Violation::toString).collect(Collectors.joining("; "));
    int more = violations.size() - TOLD;
    return new Intent.Refused(
        Intent.Refused.INVALID, more > 0 ? told + "; and " + more + " more" : told);
  }

  private static String summary(Plan plan) {
    return "requesting " + plan.nodes().summary() + ", because " + plan.nodes().reason();
  }

  private static Intent.Child child(Rendered rendered, Manifest manifest) {
    ResourceType type = TYPES.get(manifest.kind());
    if (type == null) {
      throw new IllegalStateException("the engine does not know the kind " + manifest.kind());
    }
    ObjectNode body = tree(manifest);
    ObjectNode hashed = body.deepCopy();
    // The owner's apiVersion changes with its definition, and what is made of the wish does not.
    hashed.withObject("/metadata").remove("ownerReferences");
    String renderedHash = Hashes.sha256(hashed.toString());
    ObjectNode annotations =
        object(
            KaitoAnnotations.INPUT_HASH,
            manifest.inputHash(),
            KaitoAnnotations.RENDERED_HASH,
            renderedHash);
    if (manifest.kind().equals(rendered.workload().type().kind())) {
      annotations.put(KaitoAnnotations.PINNED, rendered.pinned().toJson());
    }
    return new Intent.Child(
        new ChildKey(type, manifest.name()),
        manifest.inputHash(),
        renderedHash,
        Intent.Body.of(body, () -> annotated(manifest, annotations)),
        manifest::immutableDifferences);
  }

  private static ObjectNode annotated(Manifest manifest, ObjectNode annotations) {
    ObjectNode body = tree(manifest);
    body.withObject("/metadata").withObject("/annotations").setAll(annotations);
    return body;
  }

  private static ObjectNode tree(Manifest manifest) {
    try {
      return (ObjectNode) KubeJson.read(manifest.toJson());
    } catch (KubeJson.MalformedJsonException e) {
      throw new IllegalStateException("a manifest is well-formed JSON", e);
    }
  }
}

package sh.kaito.core.engine;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.manifest.Manifest;
import sh.kaito.core.manifest.Manifests;
import sh.kaito.core.manifest.Owner;
import sh.kaito.core.manifest.PinnedChoices;
import sh.kaito.core.manifest.RenderInputs;
import sh.kaito.core.manifest.RenderOutcome;
import sh.kaito.core.manifest.Rendered;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.PlanOutcome;
import sh.kaito.core.plan.PlanRefusal;
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
          "Service", ResourceType.SERVICES,
          "Deployment", ResourceType.DEPLOYMENTS,
          "StatefulSet", ResourceType.STATEFULSETS);

  private final Planner planner;
  private final WorkspaceValidator validator;
  private final NodeProvisioner provisioner;

  IntentReader(Planner planner, NodeProvisioner provisioner) {
    this.planner = planner;
    this.validator = WorkspaceValidator.of(planner);
    this.provisioner = provisioner;
  }

  /**
   * Reads an intent.
   *
   * @param running the workload that runs, if one does: as long as the user's wish is the one that
   *     it was made for, its resolved choices are kept
   */
  Intent read(
      ObservedWorkspace observed,
      Workspace workspace,
      NodeSetKey nodes,
      Optional<ObservedChild> running) {
    PlanInputs inputs =
        running
            .filter(child -> child.inputHash().equals(Manifests.inputHash(workspace, Map.of())))
            .map(child -> pinned(child.pinned()))
            .orElse(PlanInputs.none());
    List<Violation> errors =
        validator.validateCreate(workspace, inputs).stream().filter(Violation::isError).toList();
    if (!errors.isEmpty()) {
      return new Intent.Refused(summary(errors));
    }
    PlanOutcome outcome = planner.plan(workspace, inputs);
    if (outcome instanceof PlanRefusal refusal) {
      return new Intent.Refused(summary(refusal.violations()));
    }
    Plan plan = (Plan) outcome;
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
      return new Intent.Refused(String.join("; ", problems));
    }
    NodeConstraints constraints = provisioner.constraints(spec);
    Owner owner = new Owner(observed.key(), observed.apiVersion(), observed.uid());
    List<Intent.Child> children = new ArrayList<>();
    RenderOutcome rendering =
        Manifests.render(
            RenderInputs.builder()
                .plan(plan)
                .workspace(workspace)
                .owner(owner)
                .constraints(constraints)
                .build());
    if (!(rendering instanceof Rendered rendered)) {
      return new Intent.Refused(rendering.toString());
    }
    for (Manifest manifest : rendered.manifests()) {
      children.add(child(rendered, manifest));
    }
    int count = plan.nodes().count();
    return new Intent.Run(count, spec, children, summary(plan, count));
  }

  private static PlanInputs pinned(String annotation) {
    PlanInputs.Builder inputs = PlanInputs.builder();
    PinnedChoices.read(annotation).ifPresent(choices -> choices.keepIn(inputs));
    return inputs.build();
  }

  private static String summary(List<Violation> violations) {
    return violations.stream().map(Violation::toString).collect(Collectors.joining("; "));
  }

  private static String summary(Plan plan, int count) {
    return "requesting "
        + count
        + " x "
        + plan.nodes().instanceType().orElse("node")
        + ": "
        + plan.nodes().reason();
  }

  private static Intent.Child child(Rendered rendered, Manifest manifest) {
    ResourceType type = TYPES.get(manifest.kind());
    if (type == null) {
      throw new IllegalStateException("the engine does not know the kind " + manifest.kind());
    }
    ObjectNode body = tree(manifest);
    String inputHash = manifest.inputHash();
    String renderedHash = sha256(body.toString());
    ObjectNode annotations =
        object(
            KaitoAnnotations.INPUT_HASH, inputHash, KaitoAnnotations.RENDERED_HASH, renderedHash);
    if (manifest.kind().equals(rendered.workload().type().kind())) {
      annotations.put(KaitoAnnotations.PINNED, rendered.pinned().toJson());
    }
    ((ObjectNode) body.get("metadata")).set("annotations", annotations);
    return new Intent.Child(type, manifest.name(), inputHash, renderedHash, body);
  }

  private static ObjectNode tree(Manifest manifest) {
    try {
      return (ObjectNode) KubeJson.read(manifest.toJson());
    } catch (KubeJson.MalformedJsonException e) {
      throw new IllegalStateException("a manifest is well-formed JSON", e);
    }
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

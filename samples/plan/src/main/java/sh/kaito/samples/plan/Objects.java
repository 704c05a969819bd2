package sh.kaito.samples.plan;

import io.kubernetes.client.openapi.models.V1LabelSelector;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.ManifestDocument;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.core.manifest.Manifest;
import sh.kaito.core.manifest.Manifests;
import sh.kaito.core.manifest.Owner;
import sh.kaito.core.manifest.RenderInputs;
import sh.kaito.core.manifest.RenderOutcome;
import sh.kaito.core.plan.NodePlan;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.provision.ClaimProvisioner;

/** The Kubernetes objects of a plan, as the engine would apply them. */
final class Objects {
  /** Only the API server knows the real one. */
  private static final String UID = "uid-of-the-workspace";

  private Objects() {}

  static RenderOutcome render(
      Plan plan, Workspace workspace, Map<String, Map<String, String>> configMaps) {
    return Manifests.render(
        RenderInputs.builder()
            .plan(plan)
            .workspace(workspace)
            .owner(new Owner(plan.workspace(), workspace.getApiVersion(), ""))
            .constraints(constraints(plan))
            .configMaps(configMaps)
            .build());
  }

  private static NodeConstraints constraints(Plan plan) {
    NodePlan nodes = plan.nodes();
    if (nodes.bringYourOwn()) {
      return new NodeConstraints(nodes.labels(), List.of());
    }
    return ClaimProvisioner.gpuProvisioner()
        .constraints(
            NodeSetSpec.builder()
                .key(
                    new NodeSetKey(
                        plan.workspace().namespace(),
                        plan.workspace().name(),
                        UID,
                        NodeSetKey.WORKERS))
                .instanceType(nodes.instanceType().orElse(""))
                .labels(nodes.labels())
                .gpusPerNode(nodes.gpus().map(gpus -> gpus.count()).orElse(0))
                .storage(nodes.diskGiB() + "Gi")
                .purchaseAllowed(false)
                .build());
  }

  /** An object as one YAML document. */
  static String yaml(Manifest manifest) {
    List<ManifestDocument> documents =
        Workspaces.readAll(new String(manifest.toJson(), StandardCharsets.UTF_8)).others();
    return "---\n" + documents.get(0).toYaml();
  }

  /** Whether a node carries every label that a Workspace asks for. */
  static boolean selects(Workspace workspace, Map<String, String> nodeLabels) {
    Map<String, String> wanted =
        workspace
            .resource()
            .labelSelector()
            .map(V1LabelSelector::getMatchLabels)
            .flatMap(Optional::ofNullable)
            .orElse(Map.of());
    return nodeLabels.entrySet().containsAll(wanted.entrySet());
  }
}

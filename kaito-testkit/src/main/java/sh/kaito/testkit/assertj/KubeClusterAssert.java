package sh.kaito.testkit.assertj;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.testkit.KubeCluster;
import sh.kaito.testkit.internal.json.Json;

/**
 * Assertions about a cluster. Each looks at the API server now; on virtual time that lets the tasks
 * of this instant run.
 */
public final class KubeClusterAssert extends AbstractAssert<KubeClusterAssert, KubeCluster> {
  private static final String SIMULATED = "java.kaito.sh/simulated";

  KubeClusterAssert(KubeCluster actual) {
    super(actual, KubeClusterAssert.class);
  }

  /**
   * No node offers GPUs. On a real cluster only simulated nodes count: others may have been there
   * before.
   */
  public KubeClusterAssert hasNoGpuNodes() {
    List<String> nodes = new ArrayList<>();
    for (Object node : items("/api/v1/nodes")) {
      String gpus = Json.string(node, "status", "capacity", "nvidia.com/gpu");
      boolean ours =
          !actual.isReal() || Json.string(node, "metadata", "annotations", SIMULATED) != null;
      if (ours && gpus != null && !gpus.equals("0")) {
        nodes.add(
            Json.text(node, "metadata", "name")
                + " ("
                + gpus
                + " GPUs, "
                + Json.string(node, "metadata", "labels", "node.kubernetes.io/instance-type")
                + (Json.string(node, "metadata", "deletionTimestamp") == null
                    ? ")"
                    : ", being deleted)"));
      }
    }
    return none("GPU node", nodes);
  }

  /** No NodeClaim is there. On a real cluster those of other namespaces' Workspaces count too. */
  public KubeClusterAssert hasNoNodeClaims() {
    return none("NodeClaim", names("/apis/karpenter.sh/v1/nodeclaims"));
  }

  /** The test's namespace has no Workspace. */
  public KubeClusterAssert hasNoWorkspaces() {
    return none(
        "Workspace in namespace " + actual.namespace(),
        names(
            "/apis/"
                + KaitoApi.GROUP
                + "/v1alpha1/namespaces/"
                + actual.namespace()
                + "/workspaces"));
  }

  /** So many machines were ever bought. */
  public KubeClusterAssert hasBought(int machines) {
    new NodeBillAssert(actual.nodes().bill()).hasBought(machines);
    return this;
  }

  /** Nothing is paid for any more. */
  public KubeClusterAssert hasNothingRunning() {
    new NodeBillAssert(actual.nodes().bill()).hasNothingRunning();
    return this;
  }

  private KubeClusterAssert none(String what, List<String> found) {
    if (!found.isEmpty()) {
      failWithMessage(
          "Expected no %s on %s, but there are %s:%n  %s",
          what, actual, found.size(), String.join("\n  ", found));
    }
    return this;
  }

  private List<String> names(String path) {
    List<String> names = new ArrayList<>();
    for (Object item : items(path)) {
      names.add(
          Json.text(item, "metadata", "name")
              + (Json.string(item, "metadata", "deletionTimestamp") == null
                  ? ""
                  : ", being deleted; finalizers " + Json.list(item, "metadata", "finalizers")));
    }
    return names;
  }

  private List<@Nullable Object> items(String path) {
    isNotNull();
    KubeResponse answer = actual.await(actual.transport().exchange(KubeRequest.get(path).build()));
    if (answer.status() == 404) {
      return List.of();
    }
    if (!answer.isSuccess()) {
      failWithMessage(
          "GET %s on %s was answered %s: %s", path, actual, answer.status(), answer.bodyText());
    }
    List<@Nullable Object> items = Json.list(Json.parse(answer.body()), "items");
    return items == null ? List.of() : items;
  }
}

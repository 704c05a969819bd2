package sh.kaito.testkit.assertj;

import org.assertj.core.api.Assertions;
import sh.kaito.api.model.Workspace;
import sh.kaito.testkit.KubeCluster;
import sh.kaito.testkit.NodeBill;

/**
 * Where assertions begin; a static import of it stands beside AssertJ's own.
 *
 * <pre>{@code
 * assertThat(workspace).isReady();
 * assertThat(workspace).hasCondition("ResourceReady", "True");
 * assertThat(cluster).hasNoGpuNodes();
 * assertThat(cluster.nodes().bill()).hasBought(1).hasNothingRunning();
 * }</pre>
 */
public final class KaitoAssertions extends Assertions {
  private KaitoAssertions() {}

  /** Assertions about a Workspace as it was read. */
  public static WorkspaceAssert assertThat(Workspace actual) {
    return new WorkspaceAssert(actual);
  }

  /** Assertions about what is in a cluster now. */
  public static KubeClusterAssert assertThat(KubeCluster actual) {
    return new KubeClusterAssert(actual);
  }

  /** Assertions about what was bought. */
  public static NodeBillAssert assertThat(NodeBill actual) {
    return new NodeBillAssert(actual);
  }
}

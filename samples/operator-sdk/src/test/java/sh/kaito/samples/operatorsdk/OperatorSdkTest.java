package sh.kaito.samples.operatorsdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.Operator;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.kube.CountingTransport;
import sh.kaito.core.kube.RequestCounts;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.SimulatedCluster;

/** The engine in an operator of Java Operator SDK, over fabric8's HTTP client, without polling. */
class OperatorSdkTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration SHORT = Duration.ofMillis(50);

  private static Workspace workspace() {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata:
          name: phi
        resource:
          instanceType: Standard_NC6s_v3
          labelSelector:
            matchLabels:
              apps: phi
        inference:
          preset:
            name: phi-3-mini-4k-instruct
        """);
  }

  @Test
  void aWorkspaceIsServedAndDeletedByTheHostsLoop() {
    try (SimulatedCluster cluster =
            SimulatedCluster.builder()
                .nodes(
                    nodes ->
                        nodes
                            .launchDelay(SHORT)
                            .registerDelay(SHORT)
                            .readyDelay(SHORT)
                            .gpuDelay(SHORT)
                            .terminationDelay(SHORT))
                .workloads(workloads -> workloads.pullDelay(SHORT).weightsDelay(SHORT))
                .start();
        KubernetesClient fabric8 =
            new KubernetesClientBuilder()
                .withConfig(
                    new ConfigBuilder()
                        .withAutoConfigure(false)
                        .withMasterUrl(cluster.url().toString())
                        // The embedded API server streams watches over plain HTTP alone.
                        .withOnlyHttpWatches(true)
                        .build())
                .build();
        CountingTransport transport = CountingTransport.of(new Fabric8Transport(fabric8));
        WorkspaceReconciler reconciler =
            new WorkspaceReconciler(transport, ClaimProvisioner.gpuProvisioner());
        WorkspaceClient kaito = WorkspaceClient.create(cluster.transport())) {
      Operator operator =
          new Operator(
              overrider -> overrider.withKubernetesClient(fabric8).withCloseClientOnStop(false));
      operator.register(reconciler);
      operator.start();
      try {
        Workspace workspace = workspace();
        kaito.apply(workspace);
        kaito.awaitReady(workspace.key(), LIMIT);
        assertThat(cluster.nodes().bill().bought()).as("nodes bought").isEqualTo(1);

        RequestCounts ready = transport.counts();
        kaito.delete(workspace.key());
        kaito.awaitDeleted(workspace.key(), LIMIT);
        assertThat(cluster.nodes().bill().running()).as("nodes left").isZero();
        assertThat(ready.count("get", "workspaces"))
            .as("reads of Workspaces on the way to ready:%n%s", ready)
            .isZero();
      } finally {
        operator.stop();
      }
    }
  }
}

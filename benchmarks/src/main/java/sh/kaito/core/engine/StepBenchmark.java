package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.VirtualScheduler;

/**
 * What single steps of the engine cost, in processor time of one thread, so that a busy machine
 * does not count: {@code ./mvnw -q -pl benchmarks -am compile exec:java
 * -Dexec.mainClass=sh.kaito.core.engine.StepBenchmark}. It stands in the engine's package because
 * the steps are nobody else's to call.
 */
public final class StepBenchmark {
  private static final Duration LIMIT = Duration.ofHours(1);
  private static final WorkspaceKey KEY = WorkspaceKey.of("phi-3");
  private static final String PHI_3 =
      """
      apiVersion: kaito.sh/v1beta1
      kind: Workspace
      metadata:
        name: phi-3
        namespace: default
      resource:
        instanceType: Standard_NC6s_v3
        labelSelector:
          matchLabels:
            apps: phi-3
      inference:
        preset:
          name: phi-3-mini-4k-instruct
      """;

  private final PrintStream out;
  private long seen;

  private StepBenchmark(PrintStream out) {
    this.out = out;
  }

  /** Measures and prints. */
  public static void main(String[] arguments) throws IOException {
    StepBenchmark benchmark = new StepBenchmark(System.out);
    VirtualScheduler time = VirtualScheduler.seeded(1);
    try (SimulatedCluster cluster = SimulatedCluster.onVirtualTime(time)) {
      benchmark.run(cluster, time);
    }
    System.out.println("(" + benchmark.seen + " results looked at)");
  }

  private void run(SimulatedCluster cluster, VirtualScheduler time) throws IOException {
    KaitoController.Builder settings =
        KaitoController.builder(cluster.transport())
            .scheduler(time)
            .provisioner(ClaimProvisioner.gpuProvisioner());
    try (KaitoController controller = settings.build().start()) {
      WorkspaceClient client = WorkspaceClient.create(cluster.transport());
      Workspace workspace = Workspaces.read(PHI_3);
      time.await(
          cluster
              .transport()
              .exchange(
                  KubeRequest.post(
                          ResourceType.WORKSPACES_V1BETA1.path("default"),
                          Workspaces.toJson(workspace).getBytes(StandardCharsets.UTF_8))
                      .build()),
          LIMIT);
      time.advance(Duration.ofMinutes(10));
      seen += client.plan(workspace).explain().length();
      byte[] live =
          get(cluster, time, "/apis/kaito.sh/v1beta1/namespaces/default/workspaces/phi-3");
      byte[] deployment = get(cluster, time, "/apis/apps/v1/namespaces/default/deployments/phi-3");
      steps(live, deployment);
      settled(cluster, time);
    }
  }

  private static byte[] get(SimulatedCluster cluster, VirtualScheduler time, String path) {
    return time.await(cluster.transport().exchange(KubeRequest.get(path).build()), LIMIT).body();
  }

  private void steps(byte[] workspace, byte[] deployment) throws IOException {
    out.printf(
        "a ready Workspace is %,d bytes, its Deployment %,d%n",
        workspace.length, deployment.length);
    JsonNode tree = KubeJson.read(deployment);
    JsonNode said = ChildDecisions.said(tree);
    measure("parse a Deployment, all of it", () -> json(deployment, false));
    measure("parse a Deployment without managedFields", () -> json(deployment, true));
    measure(
        "decode a watch event of a Deployment",
        () -> Decoders.child(ResourceType.DEPLOYMENTS, json(deployment, true)));
    measure("read the model of a Workspace", () -> Workspaces.fromJson(workspace));
    measure("write a Deployment as JSON", () -> KubeJson.write(tree));
    measure("compare a Deployment with its rendering", () -> Drift.of(said, said));
    measure("hash the text of a Deployment", () -> Hashes.sha256(tree.toString()));
  }

  private static JsonNode json(byte[] text, boolean pruned) {
    try {
      return pruned ? KubeJson.readPruned(text) : KubeJson.read(text);
    } catch (IOException e) {
      throw new IllegalStateException("the API server sends JSON", e);
    }
  }

  /** Observation, decision, and nothing to do: what each event of a ready Workspace costs. */
  private void settled(SimulatedCluster cluster, VirtualScheduler time) {
    try (WorkspaceEngine engine =
        WorkspaceEngine.builder(cluster.transport())
            .scheduler(time)
            .provisioner(ClaimProvisioner.gpuProvisioner())
            .start()) {
      time.advance(Duration.ofMinutes(1));
      for (int i = 0; i < 3; i++) {
        seen += time.await(engine.reconcile(KEY), LIMIT).outcome().ordinal();
        time.advance(Duration.ofSeconds(10));
      }
      measure("reconcile a settled Workspace", () -> time.await(engine.reconcile(KEY), LIMIT));
    }
  }

  /** Ten rounds, of which the best counts: what is left of warming up and collecting goes. */
  private void measure(String what, Supplier<?> call) {
    long best = Long.MAX_VALUE;
    int calls = 500;
    for (int round = 0; round < 10; round++) {
      long start = cpu();
      for (int i = 0; i < calls; i++) {
        seen += call.get().hashCode() == 0 ? 0 : 1;
      }
      best = Math.min(best, cpu() - start);
    }
    out.printf("%-45s %10.1f µs%n", what, best / 1e3 / calls);
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}

package sh.kaito.samples.tuning;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.client.WorkspaceEndpoint;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.StubRegistry;
import sh.kaito.testkit.Tables;

/**
 * One Workspace fine-tunes a model and pushes the adapter as an image; another one serves the model
 * with it. Cluster, registry, trainer and model are simulated; controller, client and protocols are
 * not.
 */
public final class TuningStory {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String REGISTRY = "registry.example.com";

  private final PrintStream out;

  TuningStory(PrintStream out) {
    this.out = out;
  }

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    new TuningStory(System.out).run();
  }

  void run() throws IOException {
    List<Workspace> workspaces = read();
    Workspace tuning = workspaces.get(0);
    Workspace serving = workspaces.get(1);
    try (StubRegistry registry = StubRegistry.builder().user("ci", "s3cret").build();
        SimulatedCluster cluster =
            SimulatedCluster.builder()
                .workloads(
                    pods -> pods.registry(REGISTRY, registry).workTime(Duration.ofSeconds(1)))
                .start();
        KaitoController controller =
            KaitoController.builder(cluster.transport())
                .provisioner(ClaimProvisioner.gpuProvisioner())
                .build()
                .start();
        WorkspaceClient kaito = WorkspaceClient.create(cluster.transport())) {
      out.println(kaito.plan(tuning).explain());
      makePushSecret(cluster);

      kaito.apply(tuning);
      kaito.awaitReady(tuning.key(), LIMIT, progress -> out.println("  " + progress));
      out.print(table(cluster, "/apis/batch/v1/namespaces/default/jobs"));
      out.println("pushed: adapters/dolly " + registry.tags("adapters/dolly"));

      kaito.apply(serving);
      WorkspaceEndpoint endpoint =
          kaito.awaitReady(serving.key(), LIMIT, progress -> out.println("  " + progress));
      out.println(endpoint.chat("What is Kaito?"));
      String question =
          "{\"model\": \"dolly\", \"messages\":"
              + " [{\"role\": \"user\", \"content\": \"What is Kaito?\"}]}";
      String path = endpoint.proxyPath() + "/v1/chat/completions";
      out.println(send(cluster, KubeRequest.post(path, utf8(question)).build()));

      for (Workspace workspace : workspaces) {
        kaito.delete(workspace.key());
        kaito.awaitDeleted(workspace.key(), LIMIT);
      }
    }
  }

  private static List<Workspace> read() throws IOException {
    try (InputStream yaml = TuningStory.class.getResourceAsStream("/workspaces.yaml")) {
      return Workspaces.readAll(
              Objects.requireNonNull(yaml, "workspaces.yaml is not in the jar"), "workspaces.yaml")
          .workspaces();
    }
  }

  /** What {@code kubectl create secret docker-registry} makes. */
  private static void makePushSecret(SimulatedCluster cluster) {
    String secret =
        """
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "registry"},
         "type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson":
         "{\\"auths\\": {\\"registry.example.com\\": {\\"username\\": \\"ci\\", \\"password\\": \\"s3cret\\"}}}"}}
        """;
    send(cluster, KubeRequest.post("/api/v1/namespaces/default/secrets", utf8(secret)).build());
  }

  private static String send(SimulatedCluster cluster, KubeRequest request) {
    KubeResponse answer = cluster.transport().exchange(request).toCompletableFuture().join();
    if (!answer.isSuccess()) {
      throw new IllegalStateException(answer.bodyText());
    }
    return answer.bodyText();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String table(SimulatedCluster cluster, String path) {
    return Tables.get(cluster.transport(), path).toCompletableFuture().join().indent(2);
  }
}

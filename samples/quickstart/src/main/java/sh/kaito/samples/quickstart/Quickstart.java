package sh.kaito.samples.quickstart;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.client.WorkspaceEndpoint;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.kube.CountingTransport;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.core.kube.RequestCounts;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.Tables;

/**
 * From a Workspace to an answer on {@code /chat}, in one process: an embedded API server with
 * simulated nodes, the controller, and a client. {@code --keep} leaves it running for kubectl and
 * curl.
 */
public final class Quickstart {
  private static final String QUESTION = "What is Kaito?";
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final PrintStream out;
  private final boolean keep;
  private final long begun = System.nanoTime();

  private Quickstart(PrintStream out, boolean keep) {
    this.out = out;
    this.keep = keep;
  }

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    List<String> arguments = List.of(args);
    if (!List.of("--keep").containsAll(arguments)) {
      System.err.println("usage: quickstart [--keep]\n  found: " + String.join(" ", arguments));
      System.exit(2);
    }
    new Quickstart(System.out, arguments.contains("--keep")).run();
  }

  private void run() throws IOException {
    try (SimulatedCluster cluster =
        SimulatedCluster.builder()
            .nodes(
                nodes ->
                    nodes
                        .launchDelay(Duration.ofMillis(500))
                        .registerDelay(Duration.ofMillis(500))
                        .readyDelay(Duration.ofMillis(250))
                        .gpuDelay(Duration.ofMillis(250))
                        .terminationDelay(Duration.ofSeconds(1)))
            .workloads(
                workloads ->
                    workloads.pullDelay(Duration.ofMillis(500)).weightsDelay(Duration.ZERO))
            .start()) {
      run(cluster);
    }
  }

  private void run(SimulatedCluster cluster) throws IOException {
    Path kubeconfig = cluster.writeKubeconfig(Files.createTempFile("kaito-", ".kubeconfig"));
    kubeconfig.toFile().deleteOnExit();
    try (CountingTransport counted =
            CountingTransport.of(HttpKubeTransport.fromKubeconfig(kubeconfig));
        KaitoController controller =
            KaitoController.builder(counted)
                .provisioner(ClaimProvisioner.gpuProvisioner())
                .build()
                .start();
        KubeTransport transport = HttpKubeTransport.fromKubeconfig(kubeconfig);
        WorkspaceClient kaito = WorkspaceClient.create(transport)) {
      step("Cluster");
      line("API server on " + cluster.url() + "; its nodes, kubelet and models are simulated");
      Workspace workspace = readWorkspace();
      step("Plan: what " + workspace.key().name() + " will get, before anything is bought");
      out.print(kaito.plan(workspace).explain());

      if (keep) {
        keepRunning(kubeconfig, workspace.key().name());
        return;
      }
      step("Apply, and wait until it serves");
      RequestCounts before = counted.counts();
      kaito.apply(workspace);
      WorkspaceEndpoint endpoint =
          kaito.awaitReady(workspace.key(), LIMIT, progress -> line(progress.toString()));
      RequestCounts requests = counted.counts().since(before);
      long heap = heapMiB();
      show(cluster, workspace.key());

      step("POST /chat through the API server's service proxy");
      line("> " + QUESTION);
      line(endpoint.chat(QUESTION));

      step("Delete; the workspace goes after its last node");
      kaito.delete(workspace.key());
      kaito.awaitDeleted(workspace.key(), LIMIT);
      get(cluster, "nodeclaims", "/apis/karpenter.sh/v1/nodeclaims");
      get(cluster, "nodes", "/api/v1/nodes");

      step("What it took");
      out.print(requests.toString().indent(2));
      measure(heap);
      virtual(workspace);
    }
  }

  /** The plan that the quickstart prints. */
  static String planOfTheSeed() throws IOException {
    return Planner.builder().build().plan(readWorkspace()).orElseThrow().explain();
  }

  private static Workspace readWorkspace() throws IOException {
    try (InputStream yaml = Quickstart.class.getResourceAsStream("/workspace-phi-3-mini.yaml")) {
      return Workspaces.read(
          Objects.requireNonNull(yaml, "workspace-phi-3-mini.yaml is not in the jar"),
          "workspace-phi-3-mini.yaml");
    }
  }

  private void show(SimulatedCluster cluster, WorkspaceKey key) {
    String namespace = "/namespaces/" + key.namespace();
    get(cluster, "workspace", "/apis/kaito.sh/v1beta1" + namespace + "/workspaces");
    get(cluster, "svc", "/api/v1" + namespace + "/services");
  }

  private void get(SimulatedCluster cluster, String what, String path) {
    step("kubectl get " + what);
    out.print(Tables.get(cluster.transport(), path).toCompletableFuture().join().indent(2));
  }

  private void keepRunning(Path kubeconfig, String name) throws IOException {
    Path file = Files.createTempFile("kaito-", ".yaml");
    file.toFile().deleteOnExit();
    try (InputStream yaml = Quickstart.class.getResourceAsStream("/workspace-phi-3-mini.yaml")) {
      Files.write(file, Objects.requireNonNull(yaml).readAllBytes());
    }
    step("Running until Ctrl-C. In another terminal:");
    line("export KUBECONFIG=" + kubeconfig);
    line("kubectl apply -f " + file);
    line("kubectl wait --for=condition=WorkspaceSucceeded --timeout=60s workspace/" + name);
    line("kubectl get workspace " + name);
    line("kubectl get svc " + name);
    line("kubectl proxy --port=8001 &");
    line(
        "curl -X POST -H 'Content-Type: application/json' -d '{\"prompt\":\"What is Kaito?\"}' "
            + "http://127.0.0.1:8001/api/v1/namespaces/default/services/"
            + name
            + ":80/proxy/chat");
    line("kubectl delete workspace " + name);
    line("kubectl get nodeclaims,nodes");
    out.flush();
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown, "quickstart-stop"));
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long heapMiB() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
  }

  private void measure(long heapAfterReady) {
    line(
        String.format(
            Locale.ROOT,
            "%.1f s from start to end; %d MiB of heap in use when it was ready",
            (System.nanoTime() - begun) / 1e9,
            heapAfterReady));
  }

  private void virtual(Workspace workspace) {
    // The first one loads classes; the second is what a test suite sees.
    VirtualStory.tell(workspace);
    VirtualStory story = VirtualStory.tell(workspace);
    line(
        "the same story on virtual time, with nodes that take five minutes: "
            + story.told().toMinutes()
            + " minutes told in "
            + story.took().toMillis()
            + " ms");
  }

  private void step(String title) {
    out.println();
    out.println(title);
  }

  private void line(String text) {
    out.println("  " + text);
  }
}

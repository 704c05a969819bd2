package sh.kaito.samples.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.core.kube.HttpKubeTransport;

class ApiServerCommandTest {
  private static final long LIMIT_SECONDS = 60;

  /** The command in a thread of its own, as a process would run it. */
  private static final class Running implements AutoCloseable {
    final CompletableFuture<String> ready = new CompletableFuture<>();
    final CompletableFuture<Integer> code = new CompletableFuture<>();
    private final ApiServerCommand command;

    Running(String... arguments) {
      PrintStream err = new PrintStream(OutputStream.nullOutputStream(), true);
      command = new ApiServerCommand(new PrintStream(firstLine(), true), err);
      Thread thread =
          new Thread(
              () -> {
                int exit = command.run(List.of(arguments));
                ready.complete("ended with " + exit);
                code.complete(exit);
              },
              "apiserver-under-test");
      thread.setDaemon(true);
      thread.start();
    }

    private OutputStream firstLine() {
      return new OutputStream() {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int b) {
          if (b == '\n') {
            ready.complete(line.toString(StandardCharsets.UTF_8));
          }
          line.write(b);
        }
      };
    }

    String readyLine() throws Exception {
      return ready.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws Exception {
      command.stopAndWait();
      assertThat(code.get(LIMIT_SECONDS, TimeUnit.SECONDS)).as("exit code").isZero();
    }
  }

  private static KubeResponse get(Path kubeconfig, String path) {
    try (HttpKubeTransport transport = HttpKubeTransport.fromKubeconfig(kubeconfig)) {
      return transport
          .exchange(KubeRequest.get(path).build())
          .toCompletableFuture()
          .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
          .join();
    }
  }

  @Test
  void saysWhenItIsReadyAndServesUntilItIsStopped(@TempDir Path folder) throws Exception {
    Path kubeconfig = folder.resolve("new").resolve("kubeconfig");
    String url;
    try (Running server =
        new Running("--port", "0", "--kubeconfig", kubeconfig.toString(), "--kaito-crds")) {
      assertThat(server.readyLine())
          .startsWith("API server ready on http://127.0.0.1:")
          .contains(kubeconfig.toString());
      url = server.readyLine().replaceAll(".* on (\\S+);.*", "$1");
      assertThat(get(kubeconfig, "/apis/kaito.sh/v1beta1/workspaces").status()).isEqualTo(200);
    }
    HttpClient client = HttpClient.newHttpClient();
    assertThat(
            client
                .sendAsync(
                    HttpRequest.newBuilder(URI.create(url + "/version")).build(),
                    HttpResponse.BodyHandlers.ofString())
                .handle((answer, failure) -> failure == null ? "answered" : "refused")
                .get(LIMIT_SECONDS, TimeUnit.SECONDS))
        .as("a request after the end")
        .isEqualTo("refused");
  }

  @Test
  void usersHaveTheirTokensOverTls(@TempDir Path folder) throws Exception {
    Path kubeconfig = folder.resolve("kubeconfig");
    try (Running server =
        new Running(
            "--port",
            "0",
            "--kubeconfig",
            kubeconfig.toString(),
            "--tls",
            "--token",
            "admin=token-of-admin,system:masters")) {
      assertThat(server.readyLine()).contains("https://127.0.0.1:");
      assertThat(get(kubeconfig, "/api/v1/secrets").status()).isEqualTo(200);
      Path stranger = folder.resolve("stranger");
      Files.writeString(
          stranger, Files.readString(kubeconfig).replace("token-of-admin", "token-of-nobody"));
      assertThat(get(stranger, "/api/v1/secrets").status()).isEqualTo(401);
    }
  }

  @Test
  void theCrdsOfAFolderAreServedTheNewestOfEach(@TempDir Path folder) throws Exception {
    Path crds = Files.createDirectory(folder.resolve("crds"));
    Files.writeString(crds.resolve("a-new.yaml"), widgets("v1"));
    Files.writeString(crds.resolve("b-old.yaml"), widgets("v1beta1"));
    Files.writeString(crds.resolve("readme.txt"), "not: [yaml");
    Path kubeconfig = folder.resolve("kubeconfig");
    try (Running server =
        new Running(
            "--port", "0", "--kubeconfig", kubeconfig.toString(), "--crds", crds.toString())) {
      assertThat(server.readyLine()).startsWith("API server ready");
      assertThat(get(kubeconfig, "/apis/example.org/v1/widgets").status()).isEqualTo(200);
      assertThat(get(kubeconfig, "/apis/example.org/v1beta1/widgets").status()).isEqualTo(404);
    }
  }

  private static String widgets(String version) {
    return """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: widgets.example.org}
    spec:
      group: example.org
      scope: Namespaced
      names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
      versions:
        - name: %s
          served: true
          storage: true
          schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    """
        .formatted(version);
  }

  @Test
  void compactionEndsWatchesOfThePast(@TempDir Path folder) throws Exception {
    Path kubeconfig = folder.resolve("kubeconfig");
    try (Running server =
        new Running(
            "--port", "0", "--kubeconfig", kubeconfig.toString(), "--compaction-port", "0")) {
      Matcher port = Pattern.compile("compaction on (\\S+)").matcher(server.readyLine());
      assertThat(port.find()).as(server.readyLine()).isTrue();
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(
                          URI.create("http://" + port.group(1) + "/v3/kv/compaction"))
                      .POST(HttpRequest.BodyPublishers.ofString("{\"revision\":1}"))
                      .timeout(Duration.ofSeconds(LIMIT_SECONDS))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(get(kubeconfig, "/api/v1/namespaces?watch=1&resourceVersion=1&timeoutSeconds=1"))
          .satisfies(watch -> assertThat(watch.bodyText()).contains("too old resource version"));
    }
  }

  @Test
  void aPortThatIsTakenIsSaidSo(@TempDir Path folder) throws Exception {
    String kubeconfig = folder.resolve("kubeconfig").toString();
    try (Running first = new Running("--port", "0", "--kubeconfig", kubeconfig)) {
      String port = first.readyLine().replaceAll(".*127.0.0.1:(\\d+);.*", "$1");
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      int code =
          new ApiServerCommand(
                  new PrintStream(OutputStream.nullOutputStream(), true),
                  new PrintStream(err, true, StandardCharsets.UTF_8))
              .run(List.of("--port", port, "--kubeconfig", kubeconfig));
      assertThat(code).isEqualTo(1);
      assertThat(err.toString(StandardCharsets.UTF_8)).contains("127.0.0.1:" + port);
    }
  }

  @Test
  void wrongUsageNamesTheOptionAndNoSecret() throws IOException {
    for (List<String> wrong :
        List.of(
            List.of("--prot", "1"),
            List.of("--port", "70000"),
            List.of("--port"),
            List.of("--token", "s3cret"))) {
      try (ByteArrayOutputStream err = new ByteArrayOutputStream()) {
        int code =
            new ApiServerCommand(
                    new PrintStream(OutputStream.nullOutputStream(), true),
                    new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(wrong);
        assertThat(code).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
            .contains(wrong.get(0))
            .contains("usage: apiserver")
            .doesNotContain("s3cret");
      }
    }
  }
}

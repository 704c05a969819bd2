package sh.kaito.core.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The constant shell programs, run by a real shell with real files and stub tools. */
class ScriptsTest {
  private final Path directory;
  private final Kubelet kubelet;

  ScriptsTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.kubelet = new Kubelet(directory).variable("RETRY_SECONDS", "0");
  }

  private Path file(String path, String text) throws IOException {
    Path file = directory.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private List<String> names(String folder) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(folder))) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  /** With the machine's curl, against a server on loopback. */
  @Nested
  class Download {
    private HttpServer server;
    private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();

    @BeforeEach
    void start() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/", this::answer);
      server.start();
      Files.createDirectories(directory.resolve("data"));
      kubelet.variable("DATA_DIR", directory.resolve("data").toString());
    }

    @AfterEach
    void stop() {
      server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
      String path = exchange.getRequestURI().getPath();
      int attempt = requests.computeIfAbsent(path, p -> new AtomicInteger()).incrementAndGet();
      try (exchange) {
        if (path.contains("missing")) {
          exchange.sendResponseHeaders(404, -1);
        } else if (path.contains("flaky") && attempt < 3) {
          exchange.sendResponseHeaders(503, -1);
        } else if (path.contains("moved")) {
          exchange.getResponseHeaders().add("Location", "/there.csv");
          exchange.sendResponseHeaders(302, -1);
        } else if (path.contains("to-file")) {
          exchange.getResponseHeaders().add("Location", "file:///etc/passwd");
          exchange.sendResponseHeaders(302, -1);
        } else if (path.contains("empty")) {
          exchange.sendResponseHeaders(200, -1);
        } else {
          byte[] body = ("content of " + exchange.getRequestURI()).getBytes(StandardCharsets.UTF_8);
          boolean partial = path.contains("partial") && attempt < 2;
          exchange.sendResponseHeaders(200, partial ? body.length + 10 : body.length);
          exchange.getResponseBody().write(body);
        }
      }
    }

    private String url(String path) {
      return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private Kubelet.Result download(String... urls) {
      return kubelet.run(Scripts.DOWNLOAD, urls);
    }

    @Test
    void keepsTheNameWithoutTheQuery() throws IOException {
      Kubelet.Result result = download(url("/d/train.parquet?download=true&token=s3cret"));

      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(names("data")).containsExactly("train.parquet");
      assertThat(directory.resolve("data/train.parquet"))
          .content()
          .isEqualTo("content of /d/train.parquet?download=true&token=s3cret");
      assertThat(result.output()).as("a token is not written to the log").doesNotContain("s3cret");
    }

    @Test
    void triesAgainAfterAnErrorAndAfterAPartOfTheFile() throws IOException {
      Kubelet.Result result = download(url("/flaky.csv"), url("/partial.csv"));

      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(names("data")).containsExactly("flaky.csv", "partial.csv");
      assertThat(directory.resolve("data/partial.csv"))
          .content()
          .isEqualTo("content of /partial.csv");
      assertThat(requests.get("/flaky.csv")).hasValue(3);
    }

    @Test
    void followsRedirectsButOnlyToTheWeb() throws IOException {
      Kubelet.Result moved = download(url("/moved.csv"));
      Kubelet.Result file = download(url("/to-file.csv"));

      assertThat(moved.exitCode()).as(moved.output()).isZero();
      assertThat(directory.resolve("data/moved.csv")).content().isEqualTo("content of /there.csv");
      assertThat(file.exitCode()).as("a redirect to a local file: %s", file.output()).isEqualTo(1);
      assertThat(names("data")).containsExactly("moved.csv");
    }

    @Test
    void givesUpWithinItsBudgetAndLeavesNothingHalf() throws IOException {
      Kubelet.Result missing = download(url("/missing.csv"));
      Kubelet.Result empty = download(url("/empty.csv"));
      Kubelet.Result none = download();

      assertThat(missing.exitCode()).isEqualTo(1);
      assertThat(missing.output()).contains("URL 1 (missing.csv): gave up after 3 attempts");
      assertThat(requests.get("/missing.csv")).hasValue(3);
      assertThat(empty.exitCode()).as("an empty file is no data").isEqualTo(1);
      assertThat(none.exitCode()).as("no URL at all").isEqualTo(1);
      assertThat(names("data")).isEmpty();
    }

    @Test
    void refusesOtherProtocolsAndTakesOptionsForUrls() throws IOException {
      Path secret = file("secret.txt", "secret");

      assertThat(download(secret.toUri().toString()).exitCode()).isEqualTo(1);
      assertThat(download("--output=" + directory.resolve("stolen")).exitCode()).isEqualTo(1);
      assertThat(download(url("/a.csv") + " " + url("/b.csv")).exitCode())
          .as("two URLs in one are one bad URL")
          .isEqualTo(1);
      assertThat(names("data")).isEmpty();
      assertThat(directory.resolve("stolen")).doesNotExist();
    }

    @Test
    void givesEveryFileASafeNameOfItsOwn() throws IOException {
      Kubelet.Result result =
          download(
              url("/a/x.csv"), url("/b/x.csv"), url("/"), url("/.hidden"), url("/%2e%2e%2fup"));

      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(names("data"))
          .containsExactly("2-x.csv", "_2e_2e_2fup", "data-3", "data-4.hidden", "x.csv");
    }

    @Test
    void doesNotExpandBracketsAsCurlWould() throws IOException {
      Kubelet.Result result = download(url("/part[1-3].csv"));

      assertThat(names("data").size()).as(result.output()).isLessThanOrEqualTo(1);
      assertThat(requests.keySet()).doesNotContain("/part1.csv", "/part2.csv");
    }
  }

  @Nested
  class Copy {
    @Test
    void copiesEverythingAndChecksThatAnAdapterArrived() throws IOException {
      file("image/adapter_config.json", "{}");
      file("image/sub/more.txt", "more");
      String target = directory.resolve("mnt/my adapter").toString();

      Kubelet.Result result =
          kubelet.run(
              Scripts.COPY, directory.resolve("image").toString(), target, "adapter_config.json");

      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(Path.of(target, "sub", "more.txt")).content().isEqualTo("more");
    }

    @Test
    void twiceIsTheSameAsOnce() throws IOException {
      file("image/f", "1");
      String[] arguments = {
        directory.resolve("image").toString(), directory.resolve("target").toString(), ""
      };

      assertThat(kubelet.run(Scripts.COPY, arguments).exitCode()).isZero();
      assertThat(kubelet.run(Scripts.COPY, arguments).exitCode()).isZero();
      assertThat(names("target")).containsExactly("f");
    }

    @Test
    void saysWhatIsMissing() throws IOException {
      file("image/other.txt", "");

      Kubelet.Result result =
          kubelet.run(
              Scripts.COPY,
              directory.resolve("image").toString(),
              directory.resolve("target").toString(),
              "adapter_config.json");

      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.output()).contains("has no file").contains("adapter_config.json");
    }
  }

  /** With a stub of skopeo that copies an image directory which the test has made. */
  @Nested
  class Pull {
    @BeforeEach
    void image() throws IOException {
      kubelet
          .variable("WORK_DIR", directory.resolve("work").toString())
          .variable("IMAGE", directory.resolve("image").toString())
          .variable("LOG", directory.resolve("log").toString())
          .program(
              "skopeo",
              """
              printf '%s\\n' "$@" >>"$LOG"
              case $3 in *good*) ;; *) exit 1 ;; esac
              cp "$IMAGE"/* "${6#dir:}"
              """);
      Files.createDirectories(directory.resolve("auth"));
    }

    private void layer(String digest, String... files) throws IOException {
      Path root = Files.createDirectories(directory.resolve("layer-" + digest));
      for (String name : files) {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "from " + digest);
      }
      Files.createDirectories(directory.resolve("image"));
      Kubelet.Result tar =
          new Kubelet(directory)
              .run(
                  "tar",
                  "-C",
                  root.toString(),
                  "-czf",
                  directory.resolve("image").resolve(digest).toString(),
                  ".");
      assertThat(tar.exitCode()).as(tar.output()).isZero();
    }

    private void manifest(String... digests) throws IOException {
      String layers =
          String.join(
              ",",
              Stream.of(digests)
                  .map(d -> "{\"size\": 1, \"digest\": \"sha256:" + d + "\"}")
                  .toList());
      file(
          "image/manifest.json",
          "{\"schemaVersion\": 2,\n \"config\": {\"digest\": \"sha256:c0\"},\n \"layers\": [\n"
              + layers
              + "]}");
      file("image/c0", "{}");
    }

    private Kubelet.Result pull(String image) {
      return kubelet.run(
          Scripts.PULL,
          image,
          directory.resolve("target").toString(),
          "adapter_config.json",
          directory.resolve("auth").toString());
    }

    @Test
    void unpacksTheDataOfAllLayersInTheirOrder() throws IOException {
      layer("aa", "data/adapter_config.json", "data/old.txt", "bin/sh");
      layer("bb", "etc/passwd");
      layer("cc", "data/old.txt");
      manifest("aa", "bb", "cc");
      file("auth/good.json", "{}");

      Kubelet.Result result = pull("r.example/a:1");

      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(names("target")).containsExactly("adapter_config.json", "old.txt");
      assertThat(directory.resolve("target/old.txt")).content().isEqualTo("from cc");
      assertThat(directory.resolve("log")).content().contains("docker://r.example/a:1");
    }

    @Test
    void triesOneCredentialAfterTheOtherAndThenGivesUp() throws IOException {
      layer("aa", "data/adapter_config.json");
      manifest("aa");
      file("auth/a-bad.json", "{}");

      assertThat(pull("r.example/a:1").output()).contains("could not pull the image in 3 attempts");
      assertThat(Files.readAllLines(directory.resolve("log")).stream().filter("copy"::equals))
          .hasSize(3);

      file("auth/b-good.json", "{}");
      assertThat(pull("r.example/a:1").exitCode()).isZero();
    }

    @Test
    void saysWhenAnImageHoldsNoAdapter() throws IOException {
      layer("aa", "data/readme.txt");
      manifest("aa");
      file("auth/good.json", "{}");

      Kubelet.Result result = pull("r.example/a:1");

      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.output()).contains("has no file /data/adapter_config.json");
    }

    @Test
    void doesNotFollowALinkOutOfTheImage() throws IOException {
      layer("aa", "other/adapter_config.json");
      Files.createSymbolicLink(directory.resolve("layer-aa/data"), Path.of("other"));
      layer("aa");
      manifest("aa");
      file("auth/good.json", "{}");

      Kubelet.Result result = pull("r.example/a:1");

      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.output()).contains("has no directory /data");
    }
  }

  /** With a stub of oras that keeps what it is given. */
  @Nested
  class Push {
    @BeforeEach
    void tools() throws IOException {
      kubelet
          .variable("OUTPUT_DIR", directory.resolve("results").toString())
          .variable("OUTPUT_IMAGE", "r.example/out:1")
          .variable("MODEL_NAME", "phi-3-mini-128k-instruct")
          .variable("TMPDIR", directory.toString())
          .variable("LOG", directory.resolve("log").toString())
          .variable("PUSHED", directory.resolve("pushed").toString())
          .variable("FAILURES", directory.resolve("failures").toString())
          .program(
              "oras",
              """
              printf '%s\\n' "$@" >>"$LOG"
              if [ -s "$FAILURES" ]; then
                sed -i 1d "$FAILURES"
                exit 1
              fi
              mkdir -p "$PUSHED"
              cp config.json *.tar.gz "$PUSHED"
              """);
    }

    private void trained() throws IOException {
      file("results/fine_tuning_completed.txt", "");
      file("results/adapter_config.json", "{\"r\":8}");
      file("results/adapter_model.safetensors", "tensors");
      file("results/checkpoint-1/optimizer.pt", "not pushed");
    }

    private Kubelet.Result push() {
      return kubelet.run(Scripts.PUSH);
    }

    private List<String> members(String layer) throws IOException {
      Kubelet.Result list =
          new Kubelet(directory)
              .run("tar", "-tzf", directory.resolve("pushed").resolve(layer).toString());
      return list.output().lines().sorted().toList();
    }

    @Test
    void pushesTheTwoFilesAsALayerOfAnImage() throws IOException {
      trained();

      Kubelet.Result result = push();

      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(members("data.tar.gz"))
          .containsExactly("data/", "data/adapter_config.json", "data/adapter_model.safetensors");
      assertThat(Files.readAllLines(directory.resolve("log")))
          .containsSubsequence(
              "push",
              "--config",
              "config.json:application/vnd.oci.image.config.v1+json",
              "--annotation",
              "sh.kaito.model.name=phi-3-mini-128k-instruct",
              "--",
              "r.example/out:1");
      assertThat(directory.resolve("pushed/config.json"))
          .content()
          .matches(
              "\\{\"architecture\":\"\\w+\",\"os\":\"linux\",\"config\":\\{},\"rootfs\":\\{\"type\":"
                  + "\"layers\",\"diff_ids\":\\[\"sha256:[0-9a-f]{64}\"]}}");
    }

    @Test
    void addsALayerWithShellAndCopy() throws IOException {
      trained();
      file("alpine/bin/busybox", "busybox");
      Files.createSymbolicLink(directory.resolve("alpine/bin/sh"), Path.of("busybox"));
      file("alpine/lib/ld-musl-x86_64.so.1", "loader");
      kubelet.variable("TOOLS_ROOT", directory.resolve("alpine").toString());

      Kubelet.Result result = push();

      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(members("tools.tar.gz"))
          .contains("bin/busybox", "bin/sh", "bin/cp", "bin/mkdir", "lib/ld-musl-x86_64.so.1");
      assertThat(directory.resolve("pushed/config.json"))
          .content()
          .containsPattern("\"diff_ids\":\\[\"sha256:[0-9a-f]{64}\",\"sha256:[0-9a-f]{64}\"]");
      assertThat(Files.readAllLines(directory.resolve("log")))
          .as("the layers in the order of their ids")
          .containsSubsequence(
              "tools.tar.gz:application/vnd.oci.image.layer.v1.tar+gzip",
              "data.tar.gz:application/vnd.oci.image.layer.v1.tar+gzip");
    }

    @Test
    void pushesNothingBeforeTrainingIsComplete() throws IOException {
      trained();
      Files.delete(directory.resolve("results/fine_tuning_completed.txt"));

      Kubelet.Result result = push();

      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.output()).contains("training did not complete");
      assertThat(directory.resolve("log")).doesNotExist();
    }

    @Test
    void saysWhichFileTheTrainerDidNotLeave() throws IOException {
      trained();
      Files.writeString(directory.resolve("results/adapter_model.safetensors"), "");

      assertThat(push().output()).contains("training left no adapter_model.safetensors");
    }

    @Test
    void triesAgainWithinABudget() throws IOException {
      trained();
      file("failures", "1\n2\n");

      assertThat(push().exitCode()).as("the third time it works").isZero();

      file("failures", "x\n".repeat(20));
      Files.delete(directory.resolve("log"));
      Kubelet.Result result = push();

      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.output()).contains("could not push in 10 attempts");
      assertThat(Files.readAllLines(directory.resolve("log")).stream().filter("push"::equals))
          .hasSize(10);
    }
  }

  @Nested
  class Ray {
    private Kubelet.Result ray(String index, String... flags) throws IOException {
      String record = "printf '%s\\n' \"${0##*/}\" \"$@\" >>'" + directory.resolve("log") + "'\n";
      kubelet
          .program("python3", record)
          .program("multi-node-serving.sh", record)
          .variable("POD_INDEX", index)
          .paths(
              text ->
                  text.replace("/workspace/vllm/multi-node-serving.sh", "multi-node-serving.sh"));
      String[] arguments =
          Stream.concat(Stream.of("2", "w-0.w-headless", "6379"), Stream.of(flags))
              .toArray(String[]::new);
      return kubelet.run(Scripts.RAY, arguments);
    }

    @Test
    void theLeaderWaitsForTheOthersAndThenServes() throws IOException {
      Kubelet.Result result = ray("0", "--model=a b", "--x='$(id)'");

      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(Files.readAllLines(directory.resolve("log")))
          .containsExactly(
              "multi-node-serving.sh",
              "leader",
              "--ray_cluster_size=2",
              "--ray_port=6379",
              "python3",
              "/workspace/vllm/inference_api.py",
              "--model=a b",
              "--x='$(id)'");
    }

    @Test
    void everyoneElseWorksForTheLeader() throws IOException {
      Kubelet.Result result = ray("1", "--model=m");

      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(Files.readAllLines(directory.resolve("log")))
          .containsExactly(
              "multi-node-serving.sh", "worker", "--ray_address=w-0.w-headless", "--ray_port=6379");
    }
  }

  @Test
  void theTrainersExitCodeIsThatOfTheContainer() throws IOException {
    kubelet.program("python3", "exit 0").program("accelerate", "exit 7");

    assertThat(kubelet.run(Scripts.TRAIN, "accelerate", "launch").exitCode()).isEqualTo(7);
  }
}

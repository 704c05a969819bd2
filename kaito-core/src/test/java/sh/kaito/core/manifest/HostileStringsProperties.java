package sh.kaito.core.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.plan.TestWorkspaces;

/**
 * No text of a user reaches a shell or breaks out of its argument, whatever it is and even where
 * validation would have refused it. The constant programs are really run, with stub tools that
 * write down their arguments, after the kubelet's expansion of variables.
 */
class HostileStringsProperties {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Arguments are written one after the other with a zero byte behind each. */
  private static final String RECORD = "printf '%s\\0' \"$@\" >>'LOG'\n";

  private Path directory = Path.of("");

  @BeforeTry
  void directory() throws IOException {
    directory = Files.createTempDirectory("hostile");
  }

  @AfterTry
  void clean() throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException error)
              throws IOException {
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Provide
  Arbitrary<String> hostile() {
    Arbitrary<String> part =
        Arbitraries.of(
            "'",
            "\"",
            "`",
            "\\",
            "$",
            "$$",
            "$(",
            ")",
            "$(POD_INDEX)",
            "$(HOME)",
            "${HOME}",
            "$(touch pwned)",
            "`touch pwned`",
            ";touch pwned;",
            "| touch pwned",
            "&& touch pwned",
            "\n",
            "\r",
            "\t",
            " ",
            "--",
            "-o",
            "--model=other",
            "=",
            "*",
            "?",
            "[a-z]",
            "{a,b}",
            "~",
            "#",
            "!",
            "%",
            "\u00fc",
            "\u65e5\u672c",
            "\ud83d\ude00",
            "\u202e",
            "a",
            "0",
            "/",
            "..",
            "../../etc",
            "<",
            ">",
            "(",
            "${IFS}",
            "%00",
            "$'\\n'");
    return part.list().ofMinSize(1).ofMaxSize(8).map(parts -> String.join("", parts));
  }

  private Kubelet kubelet(String... tools) throws IOException {
    Kubelet kubelet =
        new Kubelet(directory).variable("RETRY_SECONDS", "0").variable("ATTEMPTS", "1");
    for (String tool : tools) {
      kubelet.program(tool, RECORD.replace("LOG", directory.resolve("log").toString()));
    }
    return kubelet;
  }

  private List<String> recorded() throws IOException {
    Path log = directory.resolve("log");
    assertThat(log).as("arguments of the stub").exists();
    String text = Files.readString(log, StandardCharsets.UTF_8);
    return List.of(text.substring(0, text.length() - 1).split("\0", -1));
  }

  private void nothingElseHappened() {
    assertThat(directory.resolve("pwned")).doesNotExist();
    assertThat(Path.of("pwned")).doesNotExist();
  }

  private static Workspace workspace(String yaml, String... fieldsAndValues) {
    Workspace template = TestWorkspaces.read(yaml);
    try {
      ObjectNode tree = (ObjectNode) JSON.readTree(Workspaces.toJson(template));
      for (int i = 0; i < fieldsAndValues.length; i += 2) {
        String pointer = fieldsAndValues[i];
        int slash = pointer.lastIndexOf('/');
        JsonNode parent = tree.at(pointer.substring(0, slash));
        String field = pointer.substring(slash + 1).replace("~1", "/");
        if (parent instanceof ObjectNode object) {
          object.put(field, fieldsAndValues[i + 1]);
        } else {
          ((ArrayNode) parent)
              .set(Integer.parseInt(field), JSON.getNodeFactory().textNode(fieldsAndValues[i + 1]));
        }
      }
      return Workspaces.fromJson(JSON.writeValueAsString(tree));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static final String HEAD =
      """
      apiVersion: kaito.sh/v1beta1
      kind: Workspace
      metadata: {name: w, namespace: default, labels: {inferenceset.kaito.sh/created-by: x}}
      resource: {instanceType: Standard_NC48ads_A100_v4, labelSelector: {matchLabels: {apps: w}}}
      """;

  private static final String TUNING =
      HEAD
          + """
            tuning:
              preset: {name: phi-3-mini-128k-instruct}
              method: qlora
              input: {urls: [x, y]}
              output: {image: x, imagePushSecret: s}
            """;

  @Property(tries = 2000)
  void theKubeletGivesBackWhatWasWritten(@ForAll("hostile") String text) {
    Map<String, String> variables = Map.of("POD_INDEX", "0", "HOME", "/root", "", "x", "(", "y");

    assertThat(Kubelet.expand(Arguments.literal(text), variables)).isEqualTo(text);
  }

  @Property(tries = 25)
  void settingsOfTheServer(@ForAll("hostile") String text, @ForAll("hostile") String set)
      throws IOException {
    String config =
        "vllm: {chat-template: " + JSON.writeValueAsString(text) + ", max-model-len: 8192}";
    Workspace workspace =
        workspace(
            HEAD
                + """
                  inference:
                    preset: {name: llama-3.3-70b-instruct}
                    config: settings
                  """,
            "/metadata/labels/inferenceset.kaito.sh~1created-by",
            set);
    Rendered rendered =
        Renderings.render(workspace, Map.of("settings", Map.of("inference_config.yaml", config)));
    assertThat(rendered.workload().replicas()).as("pods of the Ray cluster").isGreaterThan(1);
    Kubelet kubelet =
        kubelet("python3", "multi-node-serving.sh")
            .variable("POD_INDEX", "0")
            .paths(
                path ->
                    path.replace("/workspace/vllm/multi-node-serving.sh", "multi-node-serving.sh"));

    Kubelet.Result result = kubelet.run(Renderings.container(rendered, "w"));

    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(recorded()).contains("--chat-template=" + text, "--served-model-name=" + set);
    nothingElseHappened();
  }

  @Property(tries = 25)
  void urls(@ForAll("hostile") String first, @ForAll("hostile") String second) throws IOException {
    Rendered rendered =
        Renderings.render(
            workspace(TUNING, "/tuning/input/urls/0", first, "/tuning/input/urls/1", second));
    Files.createDirectories(directory.resolve("data"));
    Kubelet kubelet =
        kubelet()
            .paths(path -> path.equals("/mnt/data") ? directory.resolve("data").toString() : path)
            .program(
                "curl",
                RECORD.replace("LOG", directory.resolve("log").toString())
                    + """
                      while [ "$1" != --output ]; do shift; done
                      echo data >"$2"
                      printf 200
                      """);

    Kubelet.Result result = kubelet.run(Renderings.container(rendered, "data-downloader"));

    assertThat(result.exitCode()).as(result.output()).isZero();
    List<String> urls = new ArrayList<>();
    List<String> recorded = recorded();
    for (int i = 1; i < recorded.size(); i++) {
      if (recorded.get(i - 1).equals("--") && recorded.get(i - 2).equals("%{http_code}")) {
        urls.add(recorded.get(i));
      }
    }
    assertThat(urls).containsExactly(first, second);
    nothingElseHappened();
    try (var files = Files.list(directory.resolve("data"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .hasSize(2)
          .allMatch(name -> name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*"));
    }
  }

  @Property(tries = 25)
  void output(@ForAll("hostile") String image, @ForAll("hostile") String folder)
      throws IOException {
    String config =
        "training_config: {QuantizationConfig: {load_in_4bit: true}, TrainingArguments: {output_dir: "
            + JSON.writeValueAsString("/mnt/results/" + folder)
            + "}}";
    RenderOutcome outcome =
        Manifests.render(
            Renderings.inputs(
                    workspace(
                        TUNING.replace("method: qlora", "method: qlora\n  config: settings"),
                        "/tuning/output/image",
                        image),
                    Map.of("settings", Map.of("training_config.yaml", config)))
                .build());
    if (outcome instanceof RenderRefusal refusal) {
      assertThat(refusal.violations())
          .allMatch(violation -> violation.rule().equals(Optional.of("V-118")));
      return;
    }
    JsonNode pusher = Renderings.container((Rendered) outcome, "pusher");
    Path results = Files.createDirectories(directory.resolve("results"));
    for (String file :
        List.of("fine_tuning_completed.txt", "adapter_config.json", "adapter_model.safetensors")) {
      Files.writeString(results.resolve(file), "x");
    }
    Kubelet kubelet =
        kubelet("oras")
            .variable("TMPDIR", directory.toString())
            .paths(path -> path.startsWith("/mnt/") ? results.toString() : path);

    Kubelet.Result result = kubelet.run(pusher);

    assertThat(result.exitCode()).as(result.output()).isZero();
    List<String> recorded = recorded();
    assertThat(recorded.get(recorded.indexOf("--") + 1)).isEqualTo(image);
    nothingElseHappened();
  }

  @Property(tries = 25)
  void adapters(@ForAll("hostile") String image) throws IOException {
    Workspace workspace =
        workspace(
            HEAD
                + """
                  inference:
                    preset: {name: phi-4-mini-instruct}
                    adapters:
                      - source: {name: a, image: x, imagePullSecrets: [s]}
                  """,
            "/inference/adapters/0/source/image",
            image);
    JsonNode puller = Renderings.container(Renderings.render(workspace), "puller-a");
    Path credentials = Files.createDirectories(directory.resolve("auth"));
    Files.writeString(credentials.resolve("s.json"), "{}");
    Kubelet kubelet =
        kubelet("skopeo")
            .variable("WORK_DIR", directory.resolve("work").toString())
            .paths(path -> path.startsWith("/root/") ? credentials.toString() : path);

    kubelet.run(puller);

    List<String> recorded = recorded();
    assertThat(recorded.get(recorded.indexOf("--") + 1)).isEqualTo("docker://" + image);
    nothingElseHappened();
  }

  /** The program of every shell is one of ours, letter by letter. */
  @Property(tries = 200)
  void programsAreConstants(@ForAll("hostile") String text) {
    List<String> ours = Stream.of(Scripts.values()).map(Scripts::text).toList();
    Workspace workspace =
        workspace(TUNING, "/tuning/output/image", text, "/tuning/input/urls/0", text);
    JsonNode pod = Renderings.pod(Renderings.render(workspace));
    int shells = 0;
    for (String list : List.of("initContainers", "containers")) {
      for (JsonNode container : pod.path(list)) {
        List<String> command = Renderings.texts(container.path("command"));
        if (command.contains("-c")) {
          assertThat(command.subList(0, 2)).containsExactly("/bin/sh", "-c");
          assertThat(Kubelet.expand(command.get(2), Map.of())).isIn(ours);
          shells++;
        }
      }
    }
    assertThat(shells).as("shells in the pod").isEqualTo(3);
  }
}

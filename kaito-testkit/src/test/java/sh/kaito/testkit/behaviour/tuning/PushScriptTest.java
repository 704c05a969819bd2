package sh.kaito.testkit.behaviour.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.StubRegistry;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.behaviour.StoryObjects;
import sh.kaito.testkit.junit.Needs;

/**
 * The program of the pusher, run by a real shell with real files. In place of oras stands a script
 * that speaks the protocol by curl.
 */
@Needs(ClusterFeature.VIRTUAL_TIME)
class PushScriptTest {
  private static final String HOST = "registry.example.com";
  private static final String ORAS =
      """
      #!/bin/sh
      set -eu
      root=$REGISTRY
      repository=v2/adapters/law
      blob() {
        digest=sha256:$(sha256sum "$1" | cut -d ' ' -f 1)
        size=$(wc -c <"$1" | tr -d ' ')
        at=$(curl -sSf -u "$LOGIN" -D - -o /dev/null -X POST "$root/$repository/blobs/uploads/" |
          tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
        curl -sSf -u "$LOGIN" -X PUT --data-binary "@$1" -H 'Content-Type: application/octet-stream' \\
          "$root$at?digest=$digest"
        descriptor="{\\"mediaType\\":\\"$2\\",\\"digest\\":\\"$digest\\",\\"size\\":$size}"
      }
      [ "$1" = push ]
      [ "$2" = --config ]
      blob "${3%%:*}" "${3#*:}"
      config=$descriptor
      [ "$4" = --annotation ]
      note=$5
      [ "$6" = -- ]
      tag=${7##*:}
      shift 7
      layers=
      for layer in "$@"; do
        blob "${layer%%:*}" "${layer#*:}"
        layers="$layers${layers:+,}$descriptor"
      done
      type=application/vnd.oci.image.manifest.v1+json
      printf '{"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s],"annotations":{"%s":"%s"}}' \\
        "$type" "$config" "$layers" "${note%%=*}" "${note#*=}" >manifest.json
      curl -sSf -u "$LOGIN" -X PUT --data-binary @manifest.json -H "Content-Type: $type" \\
        "$root/$repository/manifests/$tag"
      """;

  private final Path directory;

  PushScriptTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static boolean isInstalled(String program) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static Workspace workspace(String name, String section) {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata:
          name: %s
        resource:
          instanceType: Standard_NC24ads_A100_v4
          labelSelector:
            matchLabels: {apps: %s}
        %s
        """
            .formatted(name, name, section));
  }

  @Test
  void itsImageIsServedAsAnAdapter() throws IOException, InterruptedException {
    for (String program : List.of("sh", "curl", "tar", "gzip", "sha256sum")) {
      assumeTrue(isInstalled(program), program + " is not installed here");
    }
    try (StubRegistry registry =
            StubRegistry.builder().user("ci", "s3cret").anonymousPull(false).build();
        Story story =
            Story.begin(
                settings ->
                    settings.workloads(
                        pods ->
                            pods.sockets(false)
                                .workTime(Duration.ofDays(1))
                                .registry(HOST, registry)))) {
      StoryObjects objects = new StoryObjects(story);
      objects.secret(
          "registry",
          ".dockerconfigjson",
          "{\"auths\":{\"registry.example.com\":{\"username\":\"ci\",\"password\":\"s3cret\"}}}");
      story.apply(
          workspace(
              "tune",
              """
              tuning:
                preset: {name: phi-3-mini-128k-instruct}
                method: lora
                input: {urls: ["https://data.example.com/law.parquet"]}
                output: {image: "registry.example.com/adapters/law:1.0", imagePushSecret: registry}
              """));
      story.time.advance(Duration.ofMinutes(10));
      JsonNode pusher =
          objects
              .get("/apis/batch/v1/namespaces/default/jobs/tune")
              .at("/spec/template/spec/containers/0");

      String output = push(pusher, registry);
      assertThat(registry.tags("adapters/law")).as(output).containsExactly("1.0");
      assertThat(
              registry
                  .handle(
                      KubeRequest.get("/v2/adapters/law/manifests/1.0")
                          .header("Authorization", "Basic Y2k6czNjcmV0")
                          .build())
                  .bodyText())
          .contains("\"sh.kaito.model.name\":\"phi-3-mini-128k-instruct\"");

      WorkspaceKey server =
          story.apply(
              workspace(
                  "serve",
                  """
                  inference:
                    preset: {name: phi-3-mini-128k-instruct}
                    adapters:
                      - source:
                          name: law
                          image: registry.example.com/adapters/law:1.0
                          imagePullSecrets: [registry]
                  """));
      story.awaitReady(server);
      assertThat(
              story
                  .send(
                      KubeRequest.get(story.kaito.endpoint(server).proxyPath() + "/v1/models")
                          .build())
                  .bodyText())
          .contains("\"id\":\"law\"");
    }
  }

  /** Runs the container's own command with its own variables. */
  private String push(JsonNode pusher, StubRegistry registry)
      throws IOException, InterruptedException {
    Path results = Files.createDirectories(directory.resolve("results"));
    Files.writeString(results.resolve("fine_tuning_completed.txt"), "");
    Files.writeString(results.resolve("adapter_config.json"), "{}");
    Files.writeString(results.resolve("adapter_model.safetensors"), "tensors");
    Path tools = Files.createDirectories(directory.resolve("bin"));
    Path oras = Files.writeString(tools.resolve("oras"), ORAS);
    assertThat(oras.toFile().setExecutable(true)).isTrue();

    List<String> command = new ArrayList<>();
    pusher.path("command").forEach(word -> command.add(word.asText().replace("$$", "$")));
    ProcessBuilder process = new ProcessBuilder(command).redirectErrorStream(true);
    pusher
        .path("env")
        .forEach(
            entry ->
                process
                    .environment()
                    .put(entry.path("name").asText(), entry.path("value").asText()));
    process.environment().put("OUTPUT_DIR", results.toString());
    process.environment().put("TMPDIR", directory.toString());
    process.environment().put("RETRY_SECONDS", "0");
    process.environment().put("LOGIN", "ci:s3cret");
    String root = registry.listen().toString();
    process.environment().put("REGISTRY", root.substring(0, root.length() - 1));
    process
        .environment()
        .merge("PATH", tools.toString(), (path, own) -> own + File.pathSeparator + path);
    Path log = directory.resolve("log");
    Process running = process.redirectOutput(log.toFile()).start();
    boolean ended = running.waitFor(60, TimeUnit.SECONDS);
    running.destroy();
    String output = Files.readString(log, StandardCharsets.UTF_8);
    assertThat(ended).as(output).isTrue();
    assertThat(running.exitValue()).as(output).isZero();
    return output;
  }
}

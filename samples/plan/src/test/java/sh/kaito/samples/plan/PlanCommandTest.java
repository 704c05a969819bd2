package sh.kaito.samples.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
  private static final String PHI_3 =
      """
      apiVersion: kaito.sh/v1beta1
      kind: Workspace
      metadata: {name: phi-3}
      resource:
        instanceType: Standard_NC24ads_A100_v4
        labelSelector: {matchLabels: {apps: phi-3}}
      inference:
        preset: {name: phi-3-mini-128k-instruct}
        config: settings
      """;

  private static final String SETTINGS =
      """
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: settings}
      data:
        inference_config.yaml: |
          vllm:
            max-model-len: 65536
      """;

  private final Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  PlanCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private int run(String stdin, String... arguments) {
    return new PlanCommand(
            new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(List.of(arguments));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  @Test
  void explainsWithTheConfigMapBesideTheWorkspace() throws IOException {
    int code = run("", file("phi-3.yaml", PHI_3 + SETTINGS));

    assertThat(err()).isEmpty();
    assertThat(code).isZero();
    assertThat(out())
        .contains("Workspace default/phi-3: serve phi-3-mini-128k-instruct")
        .contains("65,536 tokens x 393,216 bytes");
  }

  @Test
  void readsTheStandardInputAndWritesJson() {
    assertThat(run(PHI_3 + SETTINGS, "--output", "json")).isZero();
    assertThat(out()).contains("\"instanceType\" : \"Standard_NC24ads_A100_v4\"");
  }

  @Test
  void refusalsNameFileLineAndColumn() throws IOException {
    String path =
        file("typo.yaml", PHI_3.replace("Standard_NC24ads_A100_v4", "Standard_NC24_A100"));

    assertThat(run("", path)).isEqualTo(1);
    assertThat(out()).isEmpty();
    assertThat(err()).startsWith(path + ":5:17: resource.instanceType: \"Standard_NC24_A100\"");
  }

  @Test
  void ownNodesAreTakenFromKubectlsList() throws IOException {
    String nodes =
        file(
            "nodes.yaml",
            """
            apiVersion: v1
            kind: List
            items:
              - apiVersion: v1
                kind: Node
                metadata:
                  name: a
                  labels:
                    nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB
                    nvidia.com/gpu.count: "2"
                    nvidia.com/gpu.memory: "81920"
            """);
    String workspace =
        file(
            "byo.yaml", PHI_3.replace("  instanceType: Standard_NC24ads_A100_v4\n", "") + SETTINGS);

    assertThat(run("", workspace, "--byo-nodes", nodes)).as(err()).isZero();
    assertThat(out()).contains("1 node of yours");
  }

  @Test
  void wrongUsageIsExplained() {
    assertThat(run("", "--frobnicate")).isEqualTo(2);
    assertThat(err()).contains("unknown option --frobnicate").contains("usage: plan");
    assertThat(run("", "--output", "xml")).isEqualTo(2);
    assertThat(run("", "no-such-file.yaml")).isEqualTo(2);
  }
}

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
import sh.kaito.api.model.Workspaces;

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
  private Terminal terminal = Terminal.plain();

  PlanCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private int run(String stdin, String... arguments) {
    return new PlanCommand(
            new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            terminal)
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
                    apps: phi-3
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

  @Test
  void everyFileIsReadBeforeItSaysWhatIsWrong() throws IOException {
    String first = file("a.yaml", PHI_3.replace("name: phi-3}", "name: phi-3}\nspec: {}"));
    String second = file("b.yaml", PHI_3.replace("preset: {name", "preset: {nam"));

    assertThat(run("", first, second, file("c.yaml", PHI_3 + SETTINGS))).isEqualTo(1);
    assertThat(err())
        .contains(first + ":4:1: spec: ")
        .contains(second + ":8:12: inference.preset.nam: unknown field; did you mean \"name\"?");
    assertThat(out()).as("the plan of the good one").contains("Workspace default/phi-3: serve");
  }

  @Test
  void errorsAndWarningsAreInTheOrderOfTheText() throws IOException {
    String path =
        file(
            "many.yaml",
            PHI_3
                .replace("name: phi-3}", "name: Phi}")
                .replace("NC24ads", "NC24")
                .replace("config: settings", "config: My_settings")
                .replace("phi-3-mini-128k-instruct", "phi-9"));

    assertThat(run("", path)).isEqualTo(1);
    assertThat(err().lines().map(line -> line.replace(path + ":", "").split(":", 2)[0]))
        .as(err())
        .containsExactly("3", "5", "8", "9");
  }

  @Test
  void whatThePlanDoesNotSayIsSaidBesideIt() {
    assertThat(
            run(PHI_3.replace("{name: phi-3}", "{name: phi-3, annotations: {kaito.sh/runtim: a}}")))
        .isZero();
    assertThat(out()).doesNotContain("kaito.sh/runtim");
    assertThat(err()).contains("<stdin>:3:56: metadata.annotations[kaito.sh/runtim]: warning: ");
  }

  @Test
  void objectsAreThoseOfTheEngine() {
    String yaml = PHI_3.replace("  config: settings\n", "");

    assertThat(run(yaml, "--output", "objects")).as(err()).isZero();
    assertThat(out())
        .startsWith("---\napiVersion: v1\nkind: Service\n")
        .contains("---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: phi-3\n")
        .contains("mcr.microsoft.com/aks/kaito/kaito-base:");
    assertThat(Workspaces.readAll(out()).others()).as("the output is YAML").hasSize(2);
  }

  @Test
  void objectsNeedTheirConfigMap() {
    assertThat(run(PHI_3, "--output", "objects")).isEqualTo(1);
    assertThat(out()).isEmpty();
    assertThat(err()).contains("settings");
  }

  @Test
  void aChangeIsClassified() throws IOException {
    String old = file("old.yaml", PHI_3 + SETTINGS);
    String longer = SETTINGS.replace("65536", "131072");

    assertThat(run(PHI_3 + longer, "--old", old)).as(err()).isZero();
    assertThat(out())
        .contains("Workspace default/phi-3: rolling restart")
        .contains("inference.config[inference_config.yaml] changed");
  }

  @Test
  void aRefusedChangeFails() throws IOException {
    String old = file("old.yaml", PHI_3);
    String now = PHI_3.replace("NC24ads", "NC48ads");

    assertThat(run(now, "--old=" + old, "--output=json")).isEqualTo(1);
    assertThat(err()).startsWith("<stdin>:5:17: resource.instanceType: fixed at creation");
    assertThat(out()).contains("\"effect\" : \"refused\"");
  }

  @Test
  void aWorkspaceThatWasNotThereIsNew() throws IOException {
    String old = file("old.yaml", PHI_3.replace("name: phi-3}", "name: other}"));

    assertThat(run(PHI_3, "--old", old)).isZero();
    assertThat(err()).contains(old + " has no Workspace default/phi-3; taken as new");
    assertThat(out()).contains("serve phi-3-mini-128k-instruct");
  }

  @Test
  void ownNodesAreThoseThatTheSelectorTakes() throws IOException {
    String nodes =
        file(
            "nodes.yaml",
            """
            apiVersion: v1
            kind: Node
            metadata:
              name: other
              labels: {apps: other, nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB}
            """);
    String workspace =
        file("byo.yaml", PHI_3.replace("  instanceType: Standard_NC24ads_A100_v4\n", ""));

    assertThat(run("", workspace, "--byo-nodes", nodes)).isEqualTo(1);
    assertThat(err()).contains("selects no node");
    assertThat(run("", workspace, "--byo-nodes", workspace)).isEqualTo(2);
    assertThat(err()).contains("no Node found; write it with kubectl get nodes -o yaml");
  }

  @Test
  void aNameThatIsStillToBeMadeCanBePlanned() {
    assertThat(run(PHI_3.replace("{name: phi-3}", "{generateName: phi-}"))).as(err()).isZero();
    assertThat(out()).contains("Workspace default/phi-<generated>: serve");
  }

  @Test
  void nothingToPlanIsAnError() {
    assertThat(run("")).as("an empty standard input is a mistake in the call").isEqualTo(2);
    assertThat(err()).contains("the standard input holds no Workspace").contains("name a file");
  }

  @Test
  void oneThatIsRefusedKeepsNoOtherFromItsPlan() {
    String refused = PHI_3.replace("{name: phi-3}", "{name: bad}").replace("NC24ads", "NC24xyz");
    assertThat(run(refused + "---\n" + PHI_3 + SETTINGS)).isEqualTo(1);
    assertThat(err()).contains("<stdin>:5:17: resource.instanceType");
    assertThat(out()).contains("Workspace default/phi-3: serve").doesNotContain("default/bad");
  }

  @Test
  void helpIsNoError() {
    assertThat(run("", "--help")).isZero();
    assertThat(out()).isEqualTo(Options.USAGE);
  }

  @Test
  void colourIsForTerminals() {
    run(PHI_3);
    assertThat(out() + err()).doesNotContain("\u001b");

    terminal = Terminal.coloured();
    run(PHI_3);
    run(PHI_3.replace("NC24ads", "NC24"));
    assertThat(out()).contains("\u001b[1mWorkspace default/phi-3: serve");
    assertThat(err()).contains("\u001b[31m<stdin>:5:17: resource.instanceType");
  }
}

package sh.kaito.core.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.kaito.api.model.Workspace;

/** What a change of a workspace does, field by field. */
class PlanDiffTest {
  private static final String SERVE =
      """
      apiVersion: kaito.sh/v1beta1
      kind: Workspace
      metadata:
        name: w
        annotations: {team: red}
      resource:
        count: 1
        instanceType: Standard_NC24ads_A100_v4
        labelSelector: {matchLabels: {apps: x}}
      inference:
        preset: {name: phi-4}
        config: settings
        adapters:
          - source: {name: a, image: "registry.example.org/a:1"}
      """;

  private static final String TUNE =
      """
      apiVersion: kaito.sh/v1beta1
      kind: Workspace
      metadata: {name: t}
      resource:
        instanceType: Standard_NC24ads_A100_v4
        labelSelector: {matchLabels: {apps: x}}
      tuning:
        preset: {name: phi-4}
        method: qlora
        input:
          name: data
          urls: ["https://data.example.org/a.parquet?sig=secret"]
        output: {image: "registry.example.org/out:1", imagePushSecret: push}
      """;

  private static final String TEMPLATE =
      """
      apiVersion: kaito.sh/v1beta1
      kind: Workspace
      metadata: {name: own}
      resource:
        instanceType: Standard_NC24ads_A100_v4
        labelSelector: {matchLabels: {apps: x}}
      inference:
        template:
          spec:
            containers:
              - name: server
                image: registry.example.org/server:1
                env: [{name: TOKEN, value: hunter2}]
      """;

  private static PlanDiff diff(String before, String from, String to) {
    assertThat(before).as("the text that is to change").contains(from);
    return PlanDiff.of(TestWorkspaces.read(before), TestWorkspaces.read(before.replace(from, to)));
  }

  private static FieldChange only(PlanDiff diff) {
    assertThat(diff.changes()).as(diff.explain()).hasSize(1);
    return diff.changes().get(0);
  }

  @ParameterizedTest(name = "{2}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "team: red | team: blue | metadata.annotations[team] | NONE",
        "{team: red} | {kaito.sh/enablelb: 'True', team: red} |"
            + " metadata.annotations[kaito.sh/enablelb] | LIVE",
        "{team: red} | {kaito.sh/node-image-family: ubuntu, team: red} |"
            + " metadata.annotations[kaito.sh/node-image-family] | LIVE",
        "{team: red} | {kaito.sh/performance-mode: throughput, team: red} |"
            + " metadata.annotations[kaito.sh/performance-mode] | ROLLING_RESTART",
        "{team: red} | {kaito.sh/runtime: transformers, team: red} |"
            + " metadata.annotations[kaito.sh/runtime] | ROLLING_RESTART",
        "name: w | {name: w, labels: {kaito.sh/upgrade-to-version: '2'} |"
            + " metadata.labels[kaito.sh/upgrade-to-version] | ROLLING_RESTART",
        "count: 1 | count: 2 | resource.count | REFUSED",
        "NC24ads | NC48ads | resource.instanceType | REFUSED",
        "apps: x | apps: y | resource.labelSelector.matchLabels[apps] | REFUSED",
        "count: 1 | preferredNodes: [a] | resource.preferredNodes | NONE",
        "{name: phi-4} | {name: phi-4-mini-instruct} | inference.preset.name | REFUSED",
        "{name: phi-4} | {name: phi-4, accessMode: public, presetOptions: {}} |"
            + " inference.preset.accessMode | NONE",
        "config: settings | config: others | inference.config | ROLLING_RESTART",
        "a:1 | a:2 | inference.adapters[0].source.image | ROLLING_RESTART",
        "a:1 | A:1 | inference.adapters[0].source.image | REFUSED",
      })
  void servingModel(String from, String to, String path, ChangeEffect effect) {
    String before = SERVE;
    String after = to;
    if (path.startsWith("metadata.labels")) {
      before =
          SERVE.replace("metadata:\n  name: w\n  annotations: {team: red}", "metadata: {name: w}");
      after = "name: w, labels: {kaito.sh/upgrade-to-version: '2'}";
    }
    PlanDiff diff = diff(before, from, after);

    FieldChange change =
        diff.changes().stream()
            .filter(found -> found.path().equals(path))
            .findFirst()
            .orElseThrow();
    assertThat(change.effect()).as(diff.explain()).isEqualTo(effect);
    assertThat(change.reason()).isNotBlank();
    assertThat(diff.effect()).isEqualTo(effect);
    assertThat(diff.violations().isEmpty()).isEqualTo(effect != ChangeEffect.REFUSED);
  }

  @ParameterizedTest(name = "{2}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "qlora | QLoRA | tuning.method | NONE",
        "qlora | lora | tuning.method | REFUSED",
        "name: data | name: other | tuning.input.name | REFUSED",
        "a.parquet | b.parquet | tuning.input.urls | ROLLING_RESTART",
        "out:1 | out:2 | tuning.output.image | ROLLING_RESTART",
        "method: qlora | {method: qlora, config: mine} | tuning.config | ROLLING_RESTART",
      })
  void tuning(String from, String to, String path, ChangeEffect effect) {
    String after = path.equals("tuning.config") ? "method: qlora\n  config: mine" : to;
    FieldChange change = only(diff(TUNE, from, after));

    assertThat(change.path()).isEqualTo(path);
    assertThat(change.effect()).isEqualTo(effect);
    assertThat(change.before().orElse("") + change.after().orElse(""))
        .as("credentials in a URL are not repeated")
        .doesNotContain("secret");
  }

  @Test
  void nothingChanges() {
    PlanDiff diff = PlanDiff.of(TestWorkspaces.read(SERVE), TestWorkspaces.read(SERVE));

    assertThat(diff.changes()).isEmpty();
    assertThat(diff.effect()).isEqualTo(ChangeEffect.NONE);
    assertThat(diff.explain()).isEqualTo("Workspace default/w: nothing changes\n");
  }

  @Test
  void whatADefaultSaysIsNoChange() {
    PlanDiff diff = diff(SERVE, "  count: 1\n", "");

    assertThat(only(diff).effect()).isEqualTo(ChangeEffect.NONE);
    assertThat(only(diff).reason()).isEqualTo("means the same as before");
  }

  @Test
  void theSameLabelsInAnotherSpelling() {
    PlanDiff diff =
        diff(
            SERVE,
            "{matchLabels: {apps: x}}",
            "{matchExpressions: [{key: apps, operator: In, values: [x]}]}");

    assertThat(diff.effect()).as(diff.explain()).isEqualTo(ChangeEffect.NONE);
  }

  @Test
  void aLongerContextInTheConfigMapMayNeedMoreNodes() {
    Workspace workspace =
        TestWorkspaces.read(
            SERVE.replace("phi-4", "gemma-3-27b-instruct").replace("  count: 1\n", ""));
    PlanInputs before = config("vllm: {max-model-len: 2048}");
    PlanInputs after = config("vllm: {max-model-len: 131072}");

    PlanDiff diff = PlanDiff.of(Planner.builder().build(), workspace, before, workspace, after);

    FieldChange change = only(diff);
    assertThat(change.path()).isEqualTo("inference.config[inference_config.yaml]");
    assertThat(change.effect()).isEqualTo(ChangeEffect.NEW_NODES);
    assertThat(change.reason()).contains("2 nodes instead of 1");
    assertThat(diff.explain())
        .contains(
            "Nodes      2 x Standard_NC24ads_A100_v4 instead of 1 x Standard_NC24ads_A100_v4");

    PlanDiff back = PlanDiff.of(Planner.builder().build(), workspace, after, workspace, before);
    assertThat(only(back).effect()).isEqualTo(ChangeEffect.ROLLING_RESTART);
    assertThat(only(back).reason()).contains("1 node can be given back");
  }

  @Test
  void aContextThatTheModelDoesNotHaveIsRefused() {
    PlanDiff diff =
        PlanDiff.of(
            Planner.builder().build(),
            TestWorkspaces.read(SERVE),
            config("vllm: {max-model-len: 2048}"),
            TestWorkspaces.read(SERVE),
            config("vllm: {max-model-len: 9999999}"));

    assertThat(diff.effect()).isEqualTo(ChangeEffect.REFUSED);
    assertThat(only(diff).reason()).contains("16384");
  }

  private static PlanInputs config(String text) {
    return PlanInputs.builder().inferenceConfig(text).build();
  }

  @Test
  void aStrengthChangesTheRuntime() {
    PlanDiff diff = diff(SERVE, "a:1\"}", "a:1\"}\n      strength: \"0.5\"");

    assertThat(only(diff).effect()).isEqualTo(ChangeEffect.ROLLING_RESTART);
    assertThat(only(diff).reason()).contains("the runtime becomes transformers");
  }

  @Test
  void valuesInsideTemplatesAreNotRepeated() {
    PlanDiff diff = diff(TEMPLATE, "hunter2", "hunter3");

    FieldChange change = only(diff);
    assertThat(change.path()).isEqualTo("inference.template.spec.containers[0].env[0].value");
    assertThat(change.effect()).isEqualTo(ChangeEffect.ROLLING_RESTART);
    assertThat(change.before()).isEmpty();
    assertThat(diff.explain() + diff.toJson()).doesNotContain("hunter");
  }

  @Test
  void anInstanceTypeMayBeSetWhereItWasEmpty() {
    PlanDiff diff = diff(SERVE, "instanceType: Standard_NC24ads_A100_v4", "instanceType: \"\"");
    assertThat(diff.effect()).as("nodes are bought").isEqualTo(ChangeEffect.REFUSED);

    String without = SERVE.replace("  instanceType: Standard_NC24ads_A100_v4\n", "");
    PlanDiff set = PlanDiff.of(TestWorkspaces.read(without), TestWorkspaces.read(SERVE));
    assertThat(only(set).effect()).isEqualTo(ChangeEffect.NEW_NODES);
  }

  @Test
  void servingCannotBecomeTuning() {
    PlanDiff diff =
        PlanDiff.of(
            TestWorkspaces.read(SERVE),
            TestWorkspaces.read(TUNE.replace("{name: t}", "{name: w}")));

    assertThat(diff.changes())
        .extracting(FieldChange::path, FieldChange::effect)
        .contains(tuple("inference", ChangeEffect.REFUSED), tuple("tuning", ChangeEffect.REFUSED));
  }

  @Test
  void metadataAndDeletionAreNeverRefused() {
    String broken = SERVE.replace("phi-4", "gone-from-the-catalogue");
    assertThat(diff(broken, "team: red", "team: blue").effect()).isEqualTo(ChangeEffect.NONE);

    String deleting =
        SERVE
            .replace("  name: w\n", "  name: w\n  deletionTimestamp: 2026-01-01T00:00:00Z\n")
            .replace("count: 1", "count: 7");
    PlanDiff diff = PlanDiff.of(TestWorkspaces.read(SERVE), TestWorkspaces.read(deleting));
    assertThat(only(diff).effect()).isEqualTo(ChangeEffect.NONE);
    assertThat(only(diff).reason()).isEqualTo("the Workspace is being deleted");
  }

  @Test
  void anotherWorkspaceIsNoChange() {
    assertThatThrownBy(() -> PlanDiff.of(TestWorkspaces.read(SERVE), TestWorkspaces.read(TUNE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not the same Workspace: default/w and default/t");
  }

  @Test
  void ownNodesAreNeverNew() {
    Planner planner = Planner.builder().bringYourOwn(true).build();
    Workspace workspace =
        TestWorkspaces.read(SERVE.replace("  instanceType: Standard_NC24ads_A100_v4\n", ""));
    PlanInputs.Builder inputs =
        PlanInputs.builder()
            .nodeLabels(
                List.of(
                    Map.of(
                        "nvidia.com/gpu.product", "NVIDIA-A100-SXM4-80GB",
                        "nvidia.com/gpu.count", "1",
                        "nvidia.com/gpu.memory", "81920")));
    PlanInputs before = inputs.inferenceConfig("vllm: {max-model-len: 2048}").build();
    PlanInputs after = inputs.inferenceConfig("vllm: {max-model-len: 4096}").build();

    assertThat(PlanDiff.of(planner, workspace, before, workspace, after).effect())
        .isEqualTo(ChangeEffect.ROLLING_RESTART);
  }

  @Test
  void explainsAndSerializes() throws IOException {
    PlanDiff diff = diff(SERVE, "a:1\"}", "a:2\"}\n    - source: {name: b, image: \"r.io/b:1\"}");
    assertThat(diff.explain())
        .isEqualTo(
            """
            Workspace default/w: rolling restart, the pods are replaced on the nodes that are there

              inference.adapters[0].source.image changed from registry.example.org/a:1 to
                  registry.example.org/a:2
                  rolling restart: adapters are loaded when the server starts
              inference.adapters[1] added
                  rolling restart: adapters are loaded when the server starts

            Nodes      1 x Standard_NC24ads_A100_v4, as before
            """);
    assertThat(diff.toJson())
        .contains("\"effect\" : \"rolling restart\"")
        .contains("\"path\" : \"inference.adapters[1]\"");
    PublishedSchema schema = PublishedSchema.read("plan-diff.schema.json");
    PlanDiff refused = diff(SERVE, "count: 1", "count: 2");
    assertThat(schema.problems(diff.toJson())).isEmpty();
    assertThat(schema.problems(refused.toJson())).isEmpty();
    assertThat(schema.unused(List.of(diff.toJson(), refused.toJson()))).isEmpty();
  }
}

package sh.kaito.api.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.api.model.AdapterSpec;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.DataSource;
import sh.kaito.api.model.GpuPartition;
import sh.kaito.api.model.InferenceSpec;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceStatus;
import sh.kaito.api.model.Workspaces;

/** What the rules say, as a person reads it. */
class WorkspaceRulesTest {

  private static final Workspace SERVING =
      Workspace.builder()
          .name("w")
          .resource(r -> r.instanceType("Standard_NC24ads_A100_v4").matchLabels(Map.of("a", "b")))
          .inference(i -> i.preset("phi-4"))
          .build();

  private static final Workspace TUNING =
      Workspaces.read(
          """
          apiVersion: kaito.sh/v1beta1
          kind: Workspace
          metadata: {name: t}
          resource:
            instanceType: Standard_NC24ads_A100_v4
            labelSelector: {matchLabels: {a: b}}
          tuning:
            preset: {name: phi-4}
            method: QLoRA
            input: {name: d, urls: ["https://data.example.org/a.json"]}
            output: {image: "registry.example.org/o/a:1", imagePushSecret: s}
          """);

  private static String create(Workspace workspace) {
    return Violations.report(WorkspaceRules.validateCreate(workspace));
  }

  private static String update(Workspace before, Workspace after) {
    return Violations.report(WorkspaceRules.validateUpdate(before, after));
  }

  private static Workspace serving(InferenceSpec inference) {
    return SERVING.toBuilder().inference(inference).build();
  }

  private static Workspace adapters(AdapterSpec... adapters) {
    return serving(InferenceSpec.builder().preset("phi-4").addAdapters(adapters).build());
  }

  private static AdapterSpec adapter(String name, String strength) {
    return AdapterSpec.builder()
        .source(DataSource.builder().name(name).image("r.io/a:1").build())
        .strength(strength)
        .build();
  }

  private static Workspace annotated(String key, String value) {
    return SERVING.withMetadata(new V1ObjectMeta().name("w").putAnnotationsItem(key, value));
  }

  @Test
  void whatIsRightIsLetThrough() {
    assertThat(create(SERVING)).isEmpty();
    assertThat(create(TUNING)).isEmpty();
    assertThat(create(adapters(adapter("style", "0.35"), adapter("domain", "1e-1")))).isEmpty();
  }

  @Test
  void oneOfInferenceAndTuning() {
    assertThat(create(Workspace.builder().name("w").resource(SERVING.resource()).build()))
        .isEqualTo(
            "neither inference nor tuning is set; allowed: inference, tuning; add inference to serve a"
                + " model, or tuning to fine-tune one");
    assertThat(create(SERVING.toBuilder().tuning(TUNING.tuning()).build()))
        .isEqualTo(
            "tuning: inference and tuning are both set; allowed: inference, tuning; keep one of them;"
                + " make two Workspaces for both");
  }

  @Test
  void namesMustFitServiceAndPods() {
    assertThat(create(SERVING.withMetadata(new V1ObjectMeta())))
        .isEqualTo("metadata.name: required field is missing; add name to metadata");
    assertThat(create(SERVING.withMetadata(new V1ObjectMeta().name("my.Work_space"))))
        .startsWith(
            "metadata.name: the name \"my.Work_space\" must consist of a-z, 0-9 and -, with a letter or"
                + " digit at both ends; did you mean \"my-work-space\"?");
    assertThat(create(SERVING.withMetadata(new V1ObjectMeta().name("a".repeat(64)))))
        .contains("is 64 characters long; at most 63 are allowed");
    assertThat(create(SERVING.withMetadata(new V1ObjectMeta().name("n".repeat(10_240)))))
        .hasSizeLessThan(500);
    assertThat(create(SERVING.withMetadata(new V1ObjectMeta().generateName("w-")))).isEmpty();
  }

  @Test
  void adaptersAreCheckedOnCreation() {
    assertThat(create(adapters(AdapterSpec.builder().build())))
        .isEqualTo(
            "inference.adapters[0].source: required field is missing; add source with name and image");
    assertThat(create(adapters(adapter("my_adapter", "0.5"))))
        .contains("inference.adapters[0].source.name: the name \"my_adapter\" must consist of")
        .contains("did you mean \"my-adapter\"?");
    assertThat(create(adapters(adapter("one", "1"), adapter("two", "1"), adapter("one", "1"))))
        .isEqualTo(
            "inference.adapters[2].source.name: the name \"one\" is taken by inference.adapters[0];"
                + " give each adapter its own name");
    AdapterSpec[] many = new AdapterSpec[11];
    for (int i = 0; i < many.length; i++) {
      many[i] = adapter("a" + i, "0.1");
    }
    assertThat(create(adapters(many)))
        .isEqualTo("inference.adapters: 11 adapters; at most 10 are allowed; remove some of them");
    assertThat(
            create(
                adapters(
                    AdapterSpec.builder()
                        .source(DataSource.builder().name("a").addUrls("https://x.io/a").build())
                        .build())))
        .contains(
            "source.urls: adapters are not downloaded from URLs; allowed: image, volumeSource")
        .contains("source: names no place for the data");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "0.5", ".5", "1.", "+0.5", "1e-1", "1.0"})
  void strengthsWithinRange(String strength) {
    assertThat(create(adapters(adapter("a", strength)))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "NaN, not a decimal number: \"NaN\"",
    "Inf, not a decimal number",
    "Infinity, not a decimal number",
    "0x1p-2, not a decimal number",
    "1d, not a decimal number",
    "' 1', not a decimal number",
    "'', not a decimal number: \"\"",
    "'1,0', not a decimal number",
    "1.5, the strength 1.5 is outside 0 to 1; did you mean \"1\"?",
    "-0.1, the strength -0.1 is outside 0 to 1; did you mean \"0\"?",
    "1e9, the strength 1e9 is outside 0 to 1",
  })
  void strengthsRefused(String strength, String problem) {
    assertThat(create(adapters(adapter("a", strength))))
        .startsWith("inference.adapters[0].strength: " + problem);
  }

  @Test
  void labelSelectorsBecomeLabels() {
    assertThat(
            create(
                Workspaces.read(
                    """
                    apiVersion: kaito.sh/v1beta1
                    kind: Workspace
                    metadata: {name: w}
                    resource:
                      labelSelector:
                        matchLabels: {a: b, "bad key": c, kaito.sh/workspace: x, d: "-"}
                        matchExpressions:
                        - {key: e, operator: NotIn, values: [f]}
                        - {key: g, operator: In, values: [h, i]}
                    inference: {preset: {name: phi-4}}
                    """)))
        .isEqualTo(
            """
            <text>:6:36: resource.labelSelector.matchLabels[bad key]: the label key "bad key" must be at most 63 letters, digits, -, _ and ., with a letter or digit at both ends; no node can carry this label; rename it
            <text>:6:59: resource.labelSelector.matchLabels[kaito.sh/workspace]: warning: the controller sets the label kaito.sh/workspace itself and ignores it here; select by a label of your own
            <text>:6:65: resource.labelSelector.matchLabels[d]: the label value "-" must be at most 63 letters, digits, -, _ and ., with a letter or digit at both ends; no node can carry this label; choose another value
            <text>:8:7: resource.labelSelector.matchExpressions[0]: operator "NotIn" cannot become a label of a node; allowed: In with exactly one value; write matchLabels
            <text>:9:7: resource.labelSelector.matchExpressions[1]: operator In with 2 values cannot become a label of a node; allowed: In with exactly one value; write matchLabels""");
    Workspace reserved =
        SERVING.toBuilder().resource(r -> r.matchLabels(Map.of("kaito.sh/workspace", "x"))).build();
    assertThat(create(reserved)).contains("; no label is left to select by");
    assertThat(create(SERVING.toBuilder().resource(r -> r.matchLabels(Map.of())).build()))
        .contains("warning: selects every node of the cluster");
    assertThat(create(SERVING.toBuilder().resource(r -> r.instanceType("x")).build()))
        .contains("resource.labelSelector: required field is missing");
  }

  @Test
  void countsAndPartitions() {
    assertThat(
            create(
                SERVING.toBuilder()
                    .resource(SERVING.resource().toBuilder().count(0).build())
                    .build()))
        .contains("resource.count: count is 0; a Workspace has at least one node");
    assertThat(
            create(
                TUNING.toBuilder()
                    .resource(TUNING.resource().toBuilder().count(2).build())
                    .build()))
        .contains("tuning runs on one node");
    assertThat(create(partitioned(GpuPartition.mig("1g.10gb")))).isEmpty();
    assertThat(create(partitioned(GpuPartition.accelerator(4)))).isEmpty();
    assertThat(create(partitioned(GpuPartition.builder().mode("MIG").build())))
        .contains("resource.partition.mode: unknown value \"MIG\"; did you mean \"mig\"?");
    assertThat(create(partitioned(GpuPartition.mig("10gb"))))
        .contains(
            "not a MIG profile: \"10gb\"; write compute slices and gigabytes, such as 1g.10gb");
    assertThat(create(partitioned(GpuPartition.mig("1g.10gb").toBuilder().count(2).build())))
        .contains("mode mig takes exactly one slice");
    assertThat(
            create(
                partitioned(GpuPartition.builder().mode("accelerator").profile("1g.10gb").build())))
        .contains("mode accelerator takes no profile", "needs the number of GPUs");
    assertThat(
            create(
                SERVING.toBuilder()
                    .resource(
                        SERVING.resource().toBuilder()
                            .partition(GpuPartition.mig("1g.10gb"))
                            .build())
                    .build()))
        .contains("a partition needs nodes that you bring yourself");
    assertThat(
            create(
                partitioned(GpuPartition.mig("1g.10gb")).toBuilder()
                    .apiVersion(ApiVersion.V1ALPHA1)
                    .build()))
        .contains("resource.partition: exists in kaito.sh/v1beta1 only");
  }

  private static Workspace partitioned(GpuPartition partition) {
    return SERVING.toBuilder()
        .resource(r -> r.matchLabels(Map.of("a", "b")).partition(partition))
        .build();
  }

  @Test
  void templatesNeedContainersAndHostPathsAreDoubtful() {
    Workspace workspace =
        Workspaces.read(
            """
            apiVersion: kaito.sh/v1beta1
            kind: Workspace
            metadata: {name: w}
            resource: {labelSelector: {matchLabels: {a: b}}}
            inference:
              template:
                spec:
                  containers: [{name: c, image: R/Bad}]
                  volumes: [{name: v, hostPath: {path: /data}}]
            """);
    assertThat(create(workspace))
        .contains(
            "inference.template.spec.containers[0].image: the image reference \"R/Bad\" has capital letters")
        .contains(
            "<text>:9:27: inference.template.spec.volumes[0].hostPath: warning: a directory of the node");
  }

  @Test
  void tuningData() {
    assertThat(
            create(
                Workspaces.read(
                    """
                    apiVersion: kaito.sh/v1beta1
                    kind: Workspace
                    metadata: {name: t}
                    resource: {labelSelector: {matchLabels: {a: b}}}
                    tuning:
                      method: qlor
                      preset: {name: phi-4}
                      input:
                        urls: ["http://169.254.169.254/latest?token=s3cret", "https://u:s3cret@e.org/x"]
                        image: r/a:1
                      output: {image: "ACR_REPO_HERE.azurecr.io/IMAGE_NAME_HERE:0.0.1"}
                    """)))
        .contains(
            "<text>:6:11: tuning.method: unknown value \"qlor\"; did you mean \"qlora\"?; allowed: lora, qlora",
            "<text>:8:3: tuning.input: urls and image are set together",
            "<text>:9:12: tuning.input.urls[0]: the URL \"http://169.254.169.254/latest?...\" aims at a link-local address",
            "tuning.input.urls[1]: warning: the URL carries a user name or password",
            "tuning.output.image: the image reference \"ACR_REPO_HERE.azurecr.io/IMAGE_NAME_HERE:0.0.1\" has no valid registry before the first slash; replace the placeholder",
            "<text>:11:3: tuning.output.imagePushSecret: required with image")
        .doesNotContain("s3cret");
  }

  @ParameterizedTest
  @CsvSource({
    "kaito.sh/runtime, vllm, ''",
    "kaito.sh/runtime, legacy-image, ''",
    "kaito.sh/runtime, vlm, 'unknown value \"vlm\"; did you mean \"vllm\"?; allowed: vllm, transformers, legacy-image'",
    "kaito.sh/node-image-family, ' AzureLinux', ''",
    "kaito.sh/node-image-family, windows, 'unknown value \"windows\"; allowed: ubuntu, azurelinux'",
    "kaito.sh/node-image-family, '', 'unknown value \"\"; allowed: ubuntu, azurelinux'",
    "kaito.sh/performance-mode, fast, 'unknown value \"fast\"; allowed: balanced, interactivity, throughput'",
    "kaito.sh/use-local-weights, yes, 'unknown value \"yes\"; allowed: true, false'",
    "kaito.sh/enablelb, True, ''",
    "kaito.sh/enablelb, 'true', 'warning: only \"True\", with a capital T, asks for a load balancer; \"true\" is ignored; did you mean \"True\"?; write \"True\", or remove the annotation'",
    "kaito.sh/bypass-resource-checks, 'false', 'warning: the presence of this annotation counts, not its value: the memory check is off; remove the annotation to have memory checked'",
    "kaito.sh/runtme, vllm, 'warning: unknown annotation; it has no effect; did you mean \"kaito.sh/runtime\"?'",
    "example.org/runtme, vllm, ''",
  })
  void annotations(String key, String value, String report) {
    String expected = report.isEmpty() ? "" : "metadata.annotations[" + key + "]: " + report;
    assertThat(create(annotated(key, value))).isEqualTo(expected);
  }

  @Test
  void presetsOfPrivateImages() {
    Workspace alpha =
        Workspaces.read(
            """
            apiVersion: kaito.sh/v1alpha1
            kind: Workspace
            metadata: {name: w}
            resource: {labelSelector: {matchLabels: {a: b}}}
            inference: {preset: {name: llama-2-7b, accessMode: private}}
            """);
    assertThat(create(alpha))
        .isEqualTo(
            "<text>:5:1: inference.preset.presetOptions.image: accessMode private needs the image of the model; add presetOptions.image, or remove accessMode"
                .replace("<text>:5:1", "<text>:5:13"));
    assertThat(create(alpha.toBuilder().apiVersion(ApiVersion.V1BETA1).build()))
        .contains("warning: accessMode private needs");
  }

  @Test
  void whatIsFixedAtCreation() {
    Workspace other =
        Workspaces.read(
            """
            apiVersion: kaito.sh/v1beta1
            kind: Workspace
            metadata: {name: w}
            resource:
              instanceType: Standard_NC48ads_A100_v4
              labelSelector: {matchLabels: {a: c}}
            inference:
              preset: {name: phi-3, accessMode: private, presetOptions: {image: r/a:1}}
            """);
    assertThat(update(SERVING, other))
        .isEqualTo(
            """
            <text>:5:17: resource.instanceType: fixed at creation; it is "Standard_NC24ads_A100_v4" and cannot become "Standard_NC48ads_A100_v4"; delete and create the Workspace to change it
            <text>:6:3: resource.labelSelector: fixed at creation; it is "a=b" and cannot become "a=c"; delete and create the Workspace to change it
            <text>:8:18: inference.preset.name: fixed at creation; it is "phi-4" and cannot become "phi-3"; delete and create the Workspace to change it
            <text>:8:37: inference.preset.accessMode: fixed at creation; it is "public" and cannot become "private"; delete and create the Workspace to change it
            <text>:8:69: inference.preset.presetOptions.image: fixed at creation; it is empty and cannot become "r/a:1"; delete and create the Workspace to change it""");
    assertThat(update(SERVING, TUNING))
        .contains(
            "inference: cannot be removed after creation",
            "tuning: cannot be added after creation");
    assertThat(
            update(
                TUNING,
                TUNING.toBuilder()
                    .tuning(TUNING.tuning().orElseThrow().toBuilder().method("lora").build())
                    .build()))
        .contains("tuning.method: fixed at creation");
    assertThat(
            update(
                TUNING,
                TUNING.toBuilder()
                    .tuning(TUNING.tuning().orElseThrow().toBuilder().method("qlora").build())
                    .build()))
        .as("the case of the method does not matter")
        .isEmpty();
  }

  @Test
  void theServersDefaultsAreNoChange() {
    Workspace stored =
        Workspaces.fromJson(
            """
            {"apiVersion":"kaito.sh/v1beta1","kind":"Workspace","metadata":{"name":"w"},
             "resource":{"count":1,"instanceType":"Standard_NC24ads_A100_v4","labelSelector":{"matchExpressions":[
               {"key":"a","operator":"In","values":["b"]}]}},
             "inference":{"preset":{"name":"phi-4","accessMode":"public","presetOptions":{}}}}""");
    assertThat(update(stored, SERVING)).isEmpty();
    assertThat(
            update(
                stored,
                SERVING.toBuilder()
                    .apiVersion(ApiVersion.V1ALPHA1)
                    .resource(r -> r.matchLabels(Map.of("a", "b")))
                    .build()))
        .as("v1alpha1 fills in the instance type that is stored")
        .isEmpty();
  }

  @Test
  void whatMayChangeMayChange() {
    Workspace after =
        serving(
            InferenceSpec.builder()
                .preset("phi-4")
                .config("other")
                .addAdapters(adapter("a", "0.2"))
                .build());
    assertThat(
            update(
                SERVING,
                after.toBuilder()
                    .resource(SERVING.resource().toBuilder().addPreferredNodes("n").build())
                    .build()))
        .isEqualTo(
            "resource.preferredNodes: warning: deprecated in v1beta1; select nodes by labels");
    assertThat(update(SERVING, adapters(adapter("a", "7")))).contains("is outside 0 to 1");
  }

  @Test
  void deletionStatusAndMetadataAreNeverRefused() {
    Workspace broken =
        Workspace.builder()
            .metadata(
                new V1ObjectMeta().name("Bad_Name").putAnnotationsItem("kaito.sh/runtime", "x"))
            .build();
    Workspace deleting =
        SERVING.withMetadata(new V1ObjectMeta().name("w").deletionTimestamp(OffsetDateTime.MIN));
    assertThat(WorkspaceRules.validateCreate(broken)).hasSizeGreaterThan(2);
    assertThat(update(broken, broken.withStatus(WorkspaceStatus.builder().state("Ready").build())))
        .isEmpty();
    assertThat(update(TUNING, deleting)).as("deletion").isEmpty();
    List<Violation> metadata =
        WorkspaceRules.validateUpdate(SERVING, annotated("kaito.sh/runtime", "nope"));
    assertThat(metadata).hasSize(1).noneMatch(Violation::isError);
  }

  @Test
  void oldSinsDoNotStopOtherChanges() {
    AdapterSpec[] many = new AdapterSpec[12];
    for (int i = 0; i < many.length; i++) {
      many[i] = adapter("a" + i, "0.1");
    }
    Workspace before = adapters(many);
    Workspace after =
        before.toBuilder()
            .inference(before.inference().orElseThrow().toBuilder().config("c").build())
            .build();
    assertThat(update(before, after)).isEmpty();
  }

  @Property(tries = 200)
  void labelsAndInExpressionsAreTheSameSelector(
      @ForAll @Size(max = 4) Map<Integer, Integer> labels) {
    StringBuilder matchLabels = new StringBuilder();
    StringBuilder expressions = new StringBuilder();
    labels.forEach(
        (key, value) -> {
          matchLabels.append(
              "%s\"k%d\":\"v%d\"".formatted(matchLabels.isEmpty() ? "" : ",", key, value));
          expressions.append(
              "%s{\"key\":\"k%d\",\"operator\":\"In\",\"values\":[\"v%d\"]}"
                  .formatted(expressions.isEmpty() ? "" : ",", key, value));
        });
    Workspace a = selecting("{\"matchLabels\":{" + matchLabels + "}}");
    Workspace b = selecting("{\"matchExpressions\":[" + expressions + "]}");

    assertThat(Violations.errors(WorkspaceRules.validateUpdate(a, b))).isEmpty();
    assertThat(Violations.errors(WorkspaceRules.validateUpdate(b, a))).isEmpty();
    assertThat(
            Violations.errors(
                WorkspaceRules.validateUpdate(a, selecting("{\"matchLabels\":{\"other\":\"x\"}}"))))
        .hasSize(1);
  }

  private static Workspace selecting(String selector) {
    return Workspaces.fromJson(
        "{\"apiVersion\":\"kaito.sh/v1beta1\",\"kind\":\"Workspace\",\"metadata\":{\"name\":\"w\"},"
            + "\"resource\":{\"labelSelector\":"
            + selector
            + "},\"inference\":{\"preset\":{\"name\":\"p\"}}}");
  }
}

package sh.kaito.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** JSON in and out: nothing is lost, nothing is invented. */
class WorkspaceJsonTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final String INFERENCE =
      """
      {"apiVersion":"kaito.sh/v1alpha1","kind":"Workspace",
       "metadata":{"name":"workspace-phi-3-mini","namespace":"team"},
       "resource":{"instanceType":"Standard_NC6s_v3","labelSelector":{"matchLabels":{"apps":"phi-3"}}},
       "inference":{"preset":{"name":"phi-3-mini-4k-instruct"}}}""";

  /** Every field of both versions, and unknown ones at every level, Kubernetes types included. */
  private static final String FULL =
      """
      {"apiVersion":"kaito.sh/v1beta1","kind":"Workspace","futureTop":{"a":[1,null,{"b":2.5}]},
       "metadata":{"name":"w","namespace":"n","uid":"u","generation":3,"resourceVersion":"7",
         "creationTimestamp":"2026-08-01T10:00:00Z","finalizers":["workspace.finalizer.kaito.sh"],
         "futureMeta":"m",
         "managedFields":[{"manager":"k","operation":"Apply","fieldsType":"FieldsV1","time":"2026-08-01T10:00:00Z",
            "fieldsV1":{"f:resource":{".":{},"f:count":{}}}}]},
       "resource":{"count":2,"instanceType":"Standard_NC24ads_A100_v4","futureResource":true,
         "labelSelector":{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"k","operator":"In","values":["v"]}],"futureSelector":1},
         "preferredNodes":["n1"],
         "partition":{"mode":"mig","profile":"1g.10gb","count":1,"futurePartition":{}}},
       "inference":{"config":"c","futureInference":"x",
         "preset":{"name":"phi-4","accessMode":"private","futurePreset":1,
           "presetOptions":{"image":"i","imagePullSecrets":["s"],"modelAccessSecret":"m","futureOption":1}},
         "template":{"metadata":{"labels":{"a":"b"}},"spec":{"futurePod":{"deep":true},
           "containers":[{"name":"one","image":"i","futureContainer":1},
                         {"name":"two","image":"j","resources":{"limits":{"nvidia.com/gpu":"1"},"futureResources":1}}],
           "volumes":[{"name":"v","emptyDir":{}},{"name":"w","futureVolume":{}}]}},
         "adapters":[{"strength":"0.5","futureAdapter":1,
           "source":{"name":"a","image":"r/a:1","imagePullSecrets":["p"],"futureSource":1}}]},
       "tuning":{"method":"QLoRA","config":"t","preset":{"name":"p"},"futureTuning":1,
         "input":{"name":"d","urls":["https://e.org/x"],"volumeSource":{"emptyDir":{}}},
         "output":{"image":"r/o:1","imagePushSecret":"s","volumeSource":{"futureVolume":{"x":1}},"futureOutput":1}},
       "status":{"state":"Ready","targetNodeCount":1,"workerNodes":["n1"],"futureStatus":1,
         "conditions":[{"type":"ResourceReady","status":"True","reason":"r","message":"m",
            "lastTransitionTime":"2026-08-01T10:00:00Z","observedGeneration":3,"futureCondition":1}],
         "performance":{"futurePerformance":1,"metrics":{"peakTokensPerMinute":{"description":"d","value":"81234.5",
            "unit":"tokens/min","config":{"engine":"vllm"},"futureMetric":1}}}}}""";

  @Test
  void readsAnInferenceWorkspace() {
    Workspace workspace = Workspaces.fromJson(INFERENCE);

    assertThat(workspace.apiVersion()).isEqualTo(ApiVersion.V1ALPHA1);
    assertThat(workspace.key()).isEqualTo(new WorkspaceKey("team", "workspace-phi-3-mini"));
    assertThat(workspace.resource().instanceType()).contains("Standard_NC6s_v3");
    assertThat(workspace.inference().orElseThrow().preset().orElseThrow().name())
        .contains("phi-3-mini-4k-instruct");
    assertThat(workspace.tuning()).isEmpty();
    assertThat(workspace.unknownFields().isEmpty()).isTrue();
  }

  @Test
  void everyFieldSurvivesARoundTrip() throws Exception {
    Workspace workspace = Workspaces.fromJson(FULL);

    assertThat(MAPPER.readTree(Workspaces.toJson(workspace)))
        .as("what was read is written, field by field")
        .isEqualTo(MAPPER.readTree(FULL));
    assertThat(Workspaces.fromJson(Workspaces.toJson(workspace))).isEqualTo(workspace);
    assertThat(workspace.unknownFields().paths())
        .containsExactly("metadata.futureMeta", "futureTop");
    assertThat(workspace.inference().orElseThrow().unknownFields().paths())
        .containsExactlyInAnyOrder(
            "template.spec.containers[name=one].futureContainer",
            "template.spec.containers[name=two].resources.futureResources",
            "template.spec.volumes[name=w].futureVolume",
            "template.spec.futurePod",
            "futureInference");
  }

  @Test
  void unknownFieldsFollowTheirPartWhenOthersChange() throws Exception {
    Workspace workspace = Workspaces.fromJson(FULL);
    InferenceSpec inference = workspace.inference().orElseThrow();
    // The first container goes, a new one comes to stand before the second.
    var template = inference.template().orElseThrow();
    template.getSpec().getContainers().remove(0);
    template.getSpec().getContainers().add(0, new V1Container().name("zero"));

    Workspace changed =
        workspace.toBuilder().resource(workspace.resource().toBuilder().count(5).build()).build();

    JsonNode json = MAPPER.readTree(Workspaces.toJson(changed));
    assertThat(json.at("/resource/count").asInt()).isEqualTo(5);
    assertThat(json.at("/resource/futureResource").asBoolean()).isTrue();
    JsonNode containers = json.at("/inference/template/spec/containers");
    assertThat(containers.get(0).has("futureContainer")).isFalse();
    assertThat(containers.get(1).at("/resources/futureResources").asInt()).isEqualTo(1);
  }

  @Test
  void aValueOfAnotherTypeIsKeptAndWrittenBack() throws Exception {
    String odd =
        """
        {"apiVersion":"kaito.sh/v1beta1","kind":"Workspace","metadata":{"name":"w"},
         "resource":{"count":99999999999,"preferredNodes":"n1","labelSelector":[]},
         "inference":{"adapters":[{"strength":0.5}],"template":{"spec":{"containers":"none"}}}}""";

    Workspace workspace = Workspaces.fromJson(odd);

    assertThat(workspace.resource().count()).isEmpty();
    assertThat(workspace.resource().unknownFields().paths())
        .containsExactly("count", "labelSelector", "preferredNodes");
    assertThat(MAPPER.readTree(Workspaces.toJson(workspace))).isEqualTo(MAPPER.readTree(odd));
  }

  @Test
  void absentNullAndEmptyReadAlike() {
    Workspace absent = Workspaces.fromJson("{\"metadata\":{\"name\":\"w\"}}");
    Workspace nulls =
        Workspaces.fromJson(
            "{\"metadata\":{\"name\":\"w\"},\"resource\":null,\"status\":null,\"inference\":null}");
    Workspace empty =
        Workspaces.fromJson("{\"metadata\":{\"name\":\"w\"},\"resource\":{},\"status\":{}}");

    assertThat(nulls).isEqualTo(absent);
    assertThat(empty).isEqualTo(absent);
    assertThat(Workspaces.toJson(empty))
        .isEqualTo(
            "{\"apiVersion\":\"kaito.sh/v1beta1\",\"kind\":\"Workspace\",\"metadata\":{\"name\":\"w\"}}");
  }

  @Test
  void writesNoEmptyListsOfTheModelClassesButKeepsMeaningfulEmptiness() {
    Workspace workspace =
        Workspace.builder()
            .metadata(new V1ObjectMeta().name("w"))
            .resource(r -> r.matchLabels(Map.of("a", "b")))
            .build();

    assertThat(Workspaces.toJson(workspace))
        .doesNotContain("finalizers", "managedFields", "matchExpressions", "status");
    assertThat(Workspaces.toJson(Workspaces.fromJson(FULL))).contains("\"emptyDir\":{}");
  }

  @Test
  void anyGsonAndAnyJacksonReadAndWriteIt() throws Exception {
    Workspace workspace = Workspaces.fromJson(FULL);
    JsonNode expected = MAPPER.readTree(FULL);

    for (Gson gson :
        new Gson[] {new Gson(), new GsonBuilder().serializeNulls().create(), JSON.getGson()}) {
      String json = gson.toJson(workspace);
      assertThat(MAPPER.readTree(json)).isEqualTo(expected);
      assertThat(gson.fromJson(json, Workspace.class)).isEqualTo(workspace);
    }
    assertThat(MAPPER.readTree(MAPPER.writeValueAsString(workspace))).isEqualTo(expected);
    assertThat(MAPPER.treeToValue(expected, Workspace.class)).isEqualTo(workspace);
    assertThat(MAPPER.readValue(FULL, Workspace.class)).isEqualTo(workspace);
  }

  @Test
  void listsAreReadByAllToo() throws Exception {
    String list =
        "{\"apiVersion\":\"kaito.sh/v1alpha1\",\"kind\":\"WorkspaceList\",\"metadata\":{\"resourceVersion\":\"9\","
            + "\"continue\":\"c\"},\"items\":["
            + INFERENCE
            + "]}";

    WorkspaceList read =
        Workspaces.listFromJson(list.getBytes(java.nio.charset.StandardCharsets.UTF_8));

    assertThat(read.items()).containsExactly(Workspaces.fromJson(INFERENCE));
    assertThat(read.getMetadata().getContinue()).isEqualTo("c");
    assertThat(new Gson().fromJson(list, WorkspaceList.class)).isEqualTo(read);
    assertThat(MAPPER.readValue(list, WorkspaceList.class)).isEqualTo(read);
    assertThat(MAPPER.readTree(new Gson().toJson(read))).isEqualTo(MAPPER.readTree(list));
  }

  @Test
  void refusesWhatIsNoWorkspace() {
    assertThatThrownBy(() -> Workspaces.fromJson("{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Expected kind Workspace; found kind Pod");
    assertThatThrownBy(
            () -> Workspaces.fromJson("{\"apiVersion\":\"kaito.sh/v9\",\"kind\":\"Workspace\"}"))
        .hasMessageContaining("kaito.sh/v1beta1")
        .hasMessageContaining("kaito.sh/v9");
    assertThatThrownBy(() -> Workspaces.fromJson("{\"a\": s3cret"))
        .hasMessageStartingWith("Not a JSON object at line 1, column ")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void conditionsAreFoundByTypeAndReplaced() {
    WorkspaceCondition ready =
        WorkspaceCondition.builder()
            .type(ConditionType.RESOURCE_READY)
            .status(ConditionStatus.TRUE)
            .lastTransitionTime(Instant.parse("2026-08-01T10:00:00.123Z"))
            .build();
    Workspace workspace =
        Workspaces.fromJson(INFERENCE)
            .withStatus(WorkspaceStatus.builder().build().withCondition(ready));

    assertThat(workspace.condition(ConditionType.RESOURCE_READY)).contains(ready);
    assertThat(Workspaces.toJson(workspace)).contains("\"2026-08-01T10:00:00Z\"");
    WorkspaceStatus lost =
        workspace.status().withCondition(ready.toBuilder().status(ConditionStatus.FALSE).build());
    assertThat(lost.conditions()).hasSize(1);
    assertThat(lost.isTrue(ConditionType.RESOURCE_READY)).isFalse();
  }

  @Test
  void toStringNamesTheWorkspaceAndNothingSecret() {
    Workspace workspace = Workspaces.fromJson(FULL);

    assertThat(workspace).hasToString("Workspace(kaito.sh/v1beta1 n/w)");
    assertThat(workspace.inference().orElseThrow().toString()).doesNotContain("V1PodTemplateSpec");
    assertThat(workspace.tuning().orElseThrow().toString()).doesNotContain("https://e.org");
  }
}

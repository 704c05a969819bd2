package sh.kaito.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The CustomResourceDefinition: its shape, and what its rules let through. */
class KaitoCrdsTest {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);
  private static final CrdCel CRD = new CrdCel(KaitoCrds.workspaces());

  private static final String RESOURCE =
      "\"resource\":{\"count\":1,\"labelSelector\":{\"matchLabels\":{\"a\":\"b\"}}}";
  private static final String PRESET = "\"inference\":{\"preset\":{\"name\":\"phi-4\"}}";
  private static final String TUNING =
      "\"tuning\":{\"preset\":{\"name\":\"phi-4\"},\"method\":\"lora\",\"input\":{\"urls\":[\"https://e.org\"]},"
          + "\"output\":{\"image\":\"r/o:1\",\"imagePushSecret\":\"s\"}}";

  private static Object object(String... parts) {
    return tree("{\"metadata\":{\"name\":\"w\"}," + String.join(",", parts) + "}");
  }

  private static Object tree(String json) {
    try {
      return JSON.readValue(json, Map.class);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new AssertionError(json, e);
    }
  }

  private List<String> creation(Object object) {
    return CRD.violated(ApiVersion.V1BETA1, null, object);
  }

  private List<String> update(Object before, Object after) {
    return CRD.violated(ApiVersion.V1BETA1, before, after);
  }

  @Test
  void namesVersionsAndColumns() {
    Map<?, ?> tree =
        (Map<?, ?>)
            new Load(LoadSettings.builder().build()).loadFromString(KaitoCrds.workspaces().yaml());
    Map<?, ?> spec = (Map<?, ?>) CrdCel.at(tree, "spec");

    assertThat(CrdCel.at(tree, "metadata", "name")).isEqualTo("workspaces.kaito.sh");
    assertThat(CrdCel.at(spec, "names", "shortNames")).isEqualTo(List.of("wk", "wks"));
    assertThat(CrdCel.at(spec, "names", "categories")).isEqualTo(List.of("workspace"));
    assertThat(CrdCel.at(spec, "conversion", "strategy")).isEqualTo("None");
    assertThat(columns(spec, 0, 0))
        .containsExactly("Instance", "ResourceReady", "InferenceReady", "WorkspaceReady", "Age");
    assertThat(columns(spec, 1, 0))
        .containsExactly(
            "Instance", "ResourceReady", "InferenceReady", "WorkspaceReady", "State", "Age");
    assertThat(columns(spec, 1, 1)).containsExactly("JobStarted", "TargetNodeCount");
    assertThat(KaitoCrds.workspaces().yaml())
        .as("the sum is called WorkspaceSucceeded by every controller")
        .contains("@.type==\\\"WorkspaceSucceeded\\\"");
  }

  @Test
  void metadataIsLeftToTheApiServer() {
    Map<?, ?> tree =
        (Map<?, ?>)
            new Load(LoadSettings.builder().build()).loadFromString(KaitoCrds.workspaces().yaml());
    for (Object version : (List<?>) CrdCel.at(tree, "spec", "versions")) {
      assertThat(CrdCel.at(version, "schema", "openAPIV3Schema", "properties", "metadata"))
          .as("an API server refuses a definition that says more")
          .isEqualTo(Map.of("type", "object"));
    }
  }

  private static List<String> columns(Map<?, ?> spec, int version, int priority) {
    List<String> names = new ArrayList<>();
    Map<?, ?> versionTree = (Map<?, ?>) ((List<?>) CrdCel.at(spec, "versions")).get(version);
    for (Object column : (List<?>) CrdCel.at(versionTree, "additionalPrinterColumns")) {
      Object found = ((Map<?, ?>) column).get("priority");
      if ((found == null ? 0 : (Integer) found) == priority) {
        names.add(String.valueOf(CrdCel.at(column, "name")));
      }
    }
    return names;
  }

  @Test
  void whatIsRightPassesCreationAndEveryUpdateOfItself() {
    for (ApiVersion version : ApiVersion.values()) {
      for (Object good :
          List.of(
              object(RESOURCE, PRESET),
              object(RESOURCE, TUNING),
              object(RESOURCE, "\"inference\":{\"template\":{}}"))) {
        assertThat(CRD.violated(version, null, good)).isEmpty();
        assertThat(CRD.violated(version, good, good)).isEmpty();
      }
    }
  }

  @Test
  void whatCreationRefuses() {
    assertThat(creation(object(RESOURCE)))
        .containsExactly("a Workspace takes exactly one of inference and tuning");
    assertThat(creation(object(RESOURCE, PRESET, TUNING)))
        .containsExactly("a Workspace takes exactly one of inference and tuning");
    assertThat(creation(object(RESOURCE, "\"inference\":{}")))
        .containsExactly("inference takes exactly one of preset and template");
    assertThat(
            creation(
                object(RESOURCE, "\"inference\":{\"preset\":{\"name\":\"a\"},\"template\":{}}")))
        .containsExactly("inference takes exactly one of preset and template");
    assertThat(creation(object(RESOURCE.replace("1", "2"), TUNING)))
        .containsExactly("tuning runs on one node: resource.count is at most 1");
    assertThat(creation(object(RESOURCE, TUNING.replace("lora", "full"))))
        .containsExactly("method is lora or qlora");
    assertThat(creation(object(RESOURCE, TUNING.replace("lora", "QLoRA")))).isEmpty();
    assertThat(
            creation(object(RESOURCE, TUNING.replace("\"urls\"", "\"image\":\"r/a:1\",\"urls\""))))
        .containsExactly("input takes exactly one of urls, volumeSource and image");
    assertThat(creation(object(RESOURCE, TUNING.replace(",\"imagePushSecret\":\"s\"", ""))))
        .containsExactly("output.image needs output.imagePushSecret");
    assertThat(
            creation(
                object(RESOURCE, TUNING.replace("\"image\"", "\"volumeSource\":{},\"image\""))))
        .containsExactly("output takes exactly one of volumeSource and image");
    assertThat(
            creation(
                object(
                    "\"resource\":{\"labelSelector\":{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\"}]}}",
                    PRESET)))
        .hasSize(1)
        .allMatch(message -> message.startsWith("matchExpressions may only use the operator In"));
    assertThat(
            creation(
                tree(
                    "{\"metadata\":{\"name\":\""
                        + "a".repeat(64)
                        + "\"},"
                        + RESOURCE
                        + ","
                        + PRESET
                        + "}")))
        .hasSize(1)
        .allMatch(message -> message.startsWith("metadata.name is at most 63 characters"));
    assertThat(
            creation(
                object(
                    "\"resource\":{\"partition\":{\"mode\":\"mig\",\"count\":1},\"labelSelector\":{}}",
                    PRESET)))
        .containsExactly("partition.count belongs to mode accelerator; mode mig takes a profile");
    assertThat(
            creation(
                object(
                    "\"resource\":{\"partition\":{\"mode\":\"accelerator\",\"profile\":\"x\"},\"labelSelector\":{}}",
                    PRESET)))
        .containsExactly("mode accelerator takes partition.count and no partition.profile");
  }

  @Test
  void anObjectThatAnOlderReleaseLetInCanStillBeChangedAndObserved() {
    Object old =
        tree(
            "{\"metadata\":{\"name\":\""
                + "a.".repeat(40)
                + "a\"},\"resource\":{\"count\":3,\"labelSelector\":{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\"}]}},"
                + TUNING.replace(",\"imagePushSecret\":\"s\"", "")
                + "}");
    assertThat(creation(old)).isNotEmpty();
    assertThat(update(old, old)).isEmpty();
  }

  @Test
  void whatUpdatesRefuse() {
    Object before = object(RESOURCE, PRESET);
    assertThat(update(before, object(RESOURCE.replace("1", "2"), PRESET)))
        .containsExactly(
            "count is fixed at creation; delete and create the Workspace to change it");
    assertThat(update(before, object(RESOURCE, PRESET.replace("phi-4", "phi-3"))))
        .hasSize(1)
        .allMatch(message -> message.startsWith("preset.name is fixed"));
    assertThat(update(before, object(RESOURCE, TUNING)))
        .hasSize(1)
        .allMatch(message -> message.startsWith("inference and tuning cannot be added"));
    assertThat(update(before, object(RESOURCE, "\"inference\":{\"template\":{}}")))
        .hasSize(1)
        .allMatch(message -> message.startsWith("preset and template cannot be added"));
    assertThat(update(object(RESOURCE, TUNING), object(RESOURCE, TUNING.replace("lora", "qlora"))))
        .hasSize(1)
        .allMatch(message -> message.startsWith("method is fixed"));
    assertThat(
            update(
                object(RESOURCE, TUNING),
                object(RESOURCE, TUNING.replace("\"urls\"", "\"name\":\"n\",\"urls\""))))
        .hasSize(1)
        .allMatch(message -> message.startsWith("input.name is fixed"));
    assertThat(
            update(
                before,
                object(
                    RESOURCE.replace("\"count\"", "\"partition\":{\"mode\":\"mig\"},\"count\""),
                    PRESET)))
        .hasSize(1)
        .allMatch(message -> message.startsWith("resource.partition is fixed"));
    String typed = RESOURCE.replace("\"count\"", "\"instanceType\":\"A\",\"count\"");
    assertThat(update(object(typed, PRESET), object(typed.replace("\"A\"", "\"B\""), PRESET)))
        .hasSize(1)
        .allMatch(message -> message.startsWith("instanceType is fixed"));
    assertThat(update(object(typed, PRESET), object(typed.replace("\"A\"", "\"\""), PRESET)))
        .as("with nodes of one's own the instance type may go")
        .isEmpty();
  }

  @Test
  void defaultsAndEmptyOptionsAreNoChange() {
    Object before = object(RESOURCE, PRESET);
    assertThat(
            update(
                before,
                object(
                    RESOURCE,
                    PRESET.replace(
                        "}}",
                        ",\"accessMode\":\"public\",\"presetOptions\":{\"imagePullSecrets\":[]}}}"))))
        .isEmpty();
    assertThat(
            update(
                before,
                object(
                    RESOURCE, PRESET.replace("}}", ",\"presetOptions\":{\"image\":\"r/a:1\"}}}"))))
        .hasSize(1);
    assertThat(
            update(
                before,
                object(
                    RESOURCE,
                    PRESET.replace("}}", ",\"presetOptions\":{\"imagePullSecrets\":[\"a\"]}}}"))))
        .hasSize(1);
  }

  /** The rule of the label selector, and the Java rule, say the same. */
  @Property(tries = 100)
  void selectorsAreComparedByTheirLabels(
      @ForAll @Size(max = 3) Map<@IntRange(max = 3) Integer, @IntRange(max = 2) Integer> a,
      @ForAll @Size(max = 3) Map<@IntRange(max = 3) Integer, @IntRange(max = 2) Integer> b,
      @ForAll @IntRange(max = 3) int split) {
    List<String> refused =
        update(
            object("\"resource\":{\"labelSelector\":" + selector(a, 0) + "}", PRESET),
            object("\"resource\":{\"labelSelector\":" + selector(b, split) + "}", PRESET));
    assertThat(refused.isEmpty()).as("%s -> %s", a, b).isEqualTo(a.equals(b));
  }

  /** Labels with keys below {@code split} as expressions, the others as labels. */
  private static String selector(Map<Integer, Integer> labels, int split) {
    List<String> matchLabels = new ArrayList<>();
    List<String> expressions = new ArrayList<>();
    new TreeMap<>(labels)
        .forEach(
            (key, value) -> {
              if (key < split) {
                expressions.add(
                    "{\"key\":\"k%d\",\"operator\":\"In\",\"values\":[\"v%d\"]}"
                        .formatted(key, value));
              } else {
                matchLabels.add("\"k%d\":\"v%d\"".formatted(key, value));
              }
            });
    return "{\"matchLabels\":{"
        + String.join(",", matchLabels)
        + "}"
        + (expressions.isEmpty()
            ? "}"
            : ",\"matchExpressions\":[" + String.join(",", expressions) + "]}");
  }

  @Test
  void rulesKeepToWhatEveryApiServerSince129Knows() {
    assertThat(KaitoCrds.workspaces().yaml())
        .doesNotContainPattern(
            Pattern.compile("messageExpression|fieldPath|transformMap|cel\\.bind"))
        .contains("optionalOldSelf: true");
  }
}

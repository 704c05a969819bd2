package sh.kaito.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceReadException;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.plan.TestWorkspaces;

/**
 * Every rule of the Go operator's admission webhook, decided on purpose: the cases of {@code
 * src/test/resources/rules/cases.yaml} through the door that users have, reading strictly first.
 */
class AdmissionRulesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path PAGE = Path.of("../docs/reference/admission.md");
  private static final Map<String, String> NODE =
      Map.of(
          "nvidia.com/gpu.product", "NVIDIA-A100-SXM4-80GB",
          "nvidia.com/gpu.count", "1",
          "nvidia.com/gpu.memory", "81920");

  private static final String HEAD =
      """
      # What is accepted and what is refused

      Every rule of the Go operator's admission webhook, with a case for each way to meet or break it: what that webhook does
      (release 0.3.1 for v1alpha1 manifests, else 0.12.0) and what this library does. "warns" accepts and says what is doubtful;
      "crashes" means that the handler does and the client sees a failure; "depends" means on things outside the manifest. A rule
      in brackets is the one that our message names. Recorded verdicts that differ stand with their reasons in
      [validation-differences](../decisions/validation-differences.md).

      | Rule | Case | Go operator | Here | Why it differs |
      |---|---|---|---|---|
      """;

  private static final String TAIL =
      """

      Not rules about a Workspace: V-01 and V-04 to V-07 (how the webhook is installed), V-19 (model streaming, a feature gate),
      V-30 and V-43 (the webhook's own surroundings), V-58 (unreachable), V-71 and V-85 (the ConfigMap must exist, and have its
      key: the plan lists it among what is needed), V-110 (as V-71).

      This page is made from `kaito-core/src/test/resources/rules/cases.yaml`: `./mvnw -pl kaito-core -am test -Dtest=AdmissionRulesTest -Dsurefire.failIfNoSpecifiedTests=false -Dkaito.regenerate=true`.
      """;

  private static JsonNode cases() {
    return JSON.valueToTree(
        new Load(LoadSettings.builder().build())
            .loadFromString(TestWorkspaces.text("/rules/cases.yaml")));
  }

  @TestFactory
  Stream<DynamicTest> decidesOnPurpose() {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode item : cases()) {
      String title = item.path("rule").asText() + " " + item.path("case").asText();
      tests.add(DynamicTest.dynamicTest(title, () -> check(title, item)));
    }
    return tests.stream();
  }

  @Test
  void pageIsUpToDate() throws IOException {
    StringBuilder page = new StringBuilder(HEAD);
    for (JsonNode item : cases()) {
      String by = item.path("by").asText("");
      page.append(
          "| %s | %s | %s | %s%s | %s |\n"
              .formatted(
                  item.path("rule").asText(),
                  item.path("case").asText(),
                  item.path("go").asText(),
                  item.path("here").asText(),
                  by.isEmpty() || by.equals(item.path("rule").asText()) ? "" : " (" + by + ")",
                  item.path("why").asText("")));
    }
    String text = page.append(TAIL).toString();
    if (Boolean.getBoolean("kaito.regenerate")) {
      Files.writeString(PAGE, text);
    }
    assertThat(PAGE)
        .as("regenerate with -Dtest=AdmissionRulesTest -Dkaito.regenerate=true")
        .hasContent(text);
  }

  private static void check(String title, JsonNode item) throws JsonProcessingException {
    String here = item.path("here").asText();
    String go = item.path("go").asText();
    assertThat(here).as("verdict of %s", title).isIn("accepts", "warns", "refuses");
    assertThat(go).as("verdict of %s", title).isIn("accepts", "refuses", "crashes", "depends");
    boolean same = here.equals("refuses") ? !go.equals("accepts") : go.equals("accepts");
    if (!same || go.equals("depends")) {
      assertThat(item.path("why").asText()).as("the reason for deciding otherwise").isNotBlank();
    }

    List<Violation> violations = verdict(item);

    String report = Violations.report(violations);
    assertThat(Violations.hasErrors(violations))
        .as("%s: %s\n%s", title, here, report)
        .isEqualTo(here.equals("refuses"));
    if (here.equals("warns")) {
      assertThat(violations).as("%s warns", title).isNotEmpty();
    }
    if (item.has("by")) {
      assertThat(violations)
          .as("%s\n%s", title, report)
          .flatExtracting(violation -> violation.rule().stream().toList())
          .contains(item.path("by").asText());
    }
    assertThat(violations)
        .as("%s: a message says what to do, or what is allowed\n%s", title, report)
        .filteredOn(Violation::isError)
        .allMatch(
            violation ->
                violation.action().isPresent()
                    || !violation.allowed().isEmpty()
                    || violation.nearest().isPresent());
  }

  private static List<Violation> verdict(JsonNode item) throws JsonProcessingException {
    String from = item.path("from").asText("serve");
    boolean byo = from.startsWith("byo");
    ObjectNode tree = merge(base(from), item.path("with"));
    WorkspaceValidator validator =
        WorkspaceValidator.of(Planner.builder().bringYourOwn(byo).build());
    PlanInputs.Builder inputs = PlanInputs.builder();
    if (byo) {
      inputs.nodeLabels(nodes(item));
    }
    if (item.has("config")) {
      inputs.inferenceConfig(item.path("config").asText());
    }
    if (item.has("training")) {
      inputs.trainingConfig(item.path("training").asText());
    }
    if (item.has("change")) {
      Workspace before = Workspaces.fromJson(JSON.writeValueAsString(tree));
      ObjectNode changed = merge(tree.deepCopy(), item.path("change"));
      Workspace after = Workspaces.fromJson(JSON.writeValueAsString(changed));
      return validator.validateUpdate(before, after, inputs.build());
    }
    try {
      Workspace workspace = Workspaces.read(JSON.writeValueAsString(tree));
      return validator.validateCreate(workspace, inputs.build());
    } catch (WorkspaceReadException e) {
      return e.violations();
    }
  }

  private static List<Map<String, String>> nodes(JsonNode item) {
    if (!item.has("nodes")) {
      return List.of(NODE);
    }
    List<Map<String, String>> nodes = new ArrayList<>();
    for (JsonNode node : item.path("nodes")) {
      Map<String, String> labels = new HashMap<>();
      node.properties().forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
      nodes.add(labels);
    }
    return nodes;
  }

  private static ObjectNode base(String from) {
    String version = from.equals("legacy") ? "v1alpha1" : "v1beta1";
    String size = from.equals("legacy") ? "Standard_NC6s_v3" : "Standard_NC24ads_A100_v4";
    String instanceType = from.startsWith("byo") ? "" : "instanceType: " + size + ", ";
    String body =
        switch (from) {
          case "serve", "byo" -> "inference: {preset: {name: phi-4}}";
          case "legacy" -> "inference: {preset: {name: falcon-7b}}";
          case "own" ->
              "inference: {template: {spec: {containers: [{name: server, image: 'r.io/s:1'}]}}}";
          case "tune", "byo-tune" ->
              "tuning: {preset: {name: phi-4}, method: qlora, input: {urls: ['https://e.org/d']},"
                  + " output: {image: 'r.io/o:1', imagePushSecret: s}}";
          default -> throw new IllegalArgumentException("no base manifest " + from);
        };
    Object tree =
        new Load(LoadSettings.builder().build())
            .loadFromString(
                """
                apiVersion: kaito.sh/%s
                kind: Workspace
                metadata: {name: w}
                resource: {%slabelSelector: {matchLabels: {apps: x}}}
                %s
                """
                    .formatted(version, instanceType, body));
    return JSON.valueToTree(tree);
  }

  /** RFC 7386; the number of adapters stands for that many of them. */
  private static ObjectNode merge(ObjectNode target, JsonNode patch) {
    patch
        .properties()
        .forEach(
            entry -> {
              String name = entry.getKey();
              JsonNode value = entry.getValue();
              if (value.isNull()) {
                target.remove(name);
              } else if (name.equals("adapters") && value.isInt()) {
                target.set(name, adapters(value.intValue()));
              } else if (value.isObject()) {
                ObjectNode below =
                    target.path(name).isObject()
                        ? (ObjectNode) target.path(name)
                        : JSON.createObjectNode();
                target.set(name, merge(below, value));
              } else {
                target.set(name, value);
              }
            });
    return target;
  }

  private static ArrayNode adapters(int count) {
    ArrayNode adapters = JSON.createArrayNode();
    for (int i = 0; i < count; i++) {
      adapters.addObject().putObject("source").put("name", "a" + i).put("image", "r.io/a:" + i);
    }
    return adapters;
  }
}

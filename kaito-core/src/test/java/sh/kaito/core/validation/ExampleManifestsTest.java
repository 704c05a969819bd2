package sh.kaito.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
 * Manifests with the verdict that a good implementation gives. Each document of {@code
 * src/test/resources/examples} begins with comment lines that say for which release it was written,
 * whether it is a create or an update, and what is expected.
 */
class ExampleManifestsTest {
  private static final Path FOLDER = Path.of("src/test/resources/examples");
  private static final Pattern HEADER = Pattern.compile("^# (profile|op|expect|rule): (.*)$");

  private record Example(Map<String, String> header, String text, Object tree, String title) {
    boolean refused() {
      return header.getOrDefault("expect", "").startsWith("reject");
    }
  }

  @TestFactory
  Stream<DynamicTest> givesTheExpectedVerdict() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        Workspace before = null;
        String trainingConfig = null;
        for (Example example : read(file)) {
          Map<?, ?> tree = (Map<?, ?>) example.tree();
          trainingConfig = trainingConfig(example).orElse(trainingConfig);
          if (!"Workspace".equals(tree.get("kind"))) {
            continue;
          }
          Workspace workspace;
          try {
            workspace = Workspaces.read(example.text());
          } catch (WorkspaceReadException e) {
            tests.add(
                DynamicTest.dynamicTest(
                    example.title(),
                    () ->
                        assertThat(example.refused())
                            .as("%s is not even readable:\n%s", example.title(), e.getMessage())
                            .isTrue()));
            continue;
          }
          if (example.header().getOrDefault("op", "").startsWith("update-old")) {
            before = workspace;
          }
          Workspace old =
              example.header().getOrDefault("op", "").startsWith("update-new") ? before : null;
          String config = trainingConfig;
          tests.add(
              DynamicTest.dynamicTest(
                  example.title(),
                  () -> check(example, workspace, Optional.ofNullable(old), config)));
        }
      }
    }
    assertThat(tests).hasSizeGreaterThan(35);
    return tests.stream();
  }

  /**
   * What people read when their manifest is refused or doubtful. Read the file aloud when you
   * change it; {@code -Dkaito.golden=write} writes it anew.
   */
  @Test
  void messagesAreThoseThatWereReadAloud() throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        Workspace before = null;
        String trainingConfig = null;
        for (Example example : read(file)) {
          trainingConfig = trainingConfig(example).orElse(trainingConfig);
          if (!"Workspace".equals(((Map<?, ?>) example.tree()).get("kind"))) {
            continue;
          }
          List<Violation> violations;
          try {
            Workspace workspace = Workspaces.read(example.text());
            boolean update = example.header().getOrDefault("op", "").startsWith("update-new");
            Workspace old = update ? before : null;
            before =
                example.header().getOrDefault("op", "").startsWith("update-old")
                    ? workspace
                    : before;
            violations = verdict(example, workspace, Optional.ofNullable(old), trainingConfig);
          } catch (WorkspaceReadException e) {
            violations = e.violations();
          }
          text.append(example.title()).append('\n');
          violations.forEach(violation -> text.append("  ").append(violation).append('\n'));
        }
      }
    }
    String messages = text.toString().replace("<text>:", "");
    Path golden = FOLDER.resolve("messages.txt");
    if ("write".equals(System.getProperty("kaito.golden"))) {
      Files.writeString(golden, messages);
    }
    assertThat(golden).hasContent(messages);
  }

  private static Optional<String> trainingConfig(Example example) {
    return example.tree() instanceof Map<?, ?> tree
            && "ConfigMap".equals(tree.get("kind"))
            && tree.get("data") instanceof Map<?, ?> data
            && data.get("training_config.yaml") instanceof String text
        ? Optional.of(text)
        : Optional.empty();
  }

  private static List<Violation> verdict(
      Example example,
      Workspace workspace,
      Optional<Workspace> before,
      @Nullable String trainingConfig) {
    boolean byo = example.header().getOrDefault("profile", "").contains("byo");
    WorkspaceValidator validator =
        WorkspaceValidator.of(Planner.builder().bringYourOwn(byo).build());
    PlanInputs.Builder inputs = PlanInputs.builder();
    if (trainingConfig != null && workspace.tuning().flatMap(t -> t.config()).isPresent()) {
      inputs.trainingConfig(trainingConfig);
    }
    if (byo) {
      inputs.nodeLabels(List.of(node(workspace.key().name())));
    }
    return before.isPresent()
        ? validator.validateUpdate(before.get(), workspace, inputs.build())
        : validator.validateCreate(workspace, inputs.build());
  }

  private static void check(
      Example example,
      Workspace workspace,
      Optional<Workspace> before,
      @Nullable String trainingConfig) {
    List<Violation> violations = verdict(example, workspace, before, trainingConfig);
    List<Violation> errors = Violations.errors(violations);
    boolean expected = example.refused();
    assertThat(!errors.isEmpty())
        .as(
            "%s is %s; violations:\n%s",
            example.title(),
            expected ? "to be refused" : "to be accepted",
            Violations.report(errors))
        .isEqualTo(expected);
    if (expected) {
      assertThat(
              new TreeSet<>(
                  errors.stream()
                      .flatMap(v -> v.rule().stream())
                      .map(ExampleManifestsTest::family)
                      .toList()))
          .as("rules that refuse %s:\n%s", example.title(), Violations.report(errors))
          .containsAnyElementsOf(rules(example));
    }
  }

  private static List<String> rules(Example example) {
    return Arrays.stream(example.header().getOrDefault("rule", "").split(" "))
        .map(ExampleManifestsTest::family)
        .toList();
  }

  /** V-92b is V-92 as a later release has it. */
  private static String family(String rule) {
    return rule.replaceAll("[a-z]+$", "");
  }

  private static Map<String, String> node(String workspace) {
    boolean small = workspace.equals("bypass");
    return Map.of(
        "nvidia.com/gpu.product", small ? "Tesla-T4" : "NVIDIA-A100-SXM4-80GB",
        "nvidia.com/gpu.count", small ? "1" : workspace.equals("half-node") ? "8" : "2",
        "nvidia.com/gpu.memory", small ? "16384" : "81920",
        "nvidia.com/cuda.compute.major", "8",
        "nvidia.com/cuda.compute.minor", "0");
  }

  private static List<Example> read(Path file) throws IOException {
    List<Example> examples = new ArrayList<>();
    for (String document : Files.readString(file).split("(?m)^---$", -1)) {
      Map<String, String> header = new HashMap<>();
      for (String line : document.lines().toList()) {
        Matcher matcher = HEADER.matcher(line);
        if (matcher.matches()) {
          header.put(matcher.group(1), matcher.group(2));
        }
      }
      Object tree = new Load(LoadSettings.builder().build()).loadFromString(document);
      String name = TestWorkspaces.name(tree);
      examples.add(new Example(header, document, tree, file.getFileName() + " " + name));
    }
    return examples;
  }
}

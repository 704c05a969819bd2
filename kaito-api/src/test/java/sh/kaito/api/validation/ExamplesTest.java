package sh.kaito.api.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceManifests;
import sh.kaito.api.model.WorkspaceReadException;
import sh.kaito.api.model.Workspaces;

/**
 * Example documents with the verdict that they deserve in their first lines: {@code # op}, {@code #
 * expect}, {@code # rule}. Rules that need a catalogue or a cluster are listed here by name; the
 * test fails when one of them turns out to be decided without.
 */
class ExamplesTest {

  private static final Set<String> NEEDS_CATALOGUE =
      Set.of(
          "wrong-cloud-sku", // V-23: table of instance types
          "too-small", // V-24 V-26: memory of presets and instance types
          "sku-missing", // V-13: kind of provisioning
          "sku-in-byo", // V-14: kind of provisioning
          "unknown-preset", // V-52: preset registry
          "unresolvable", // V-59: metadata of the model hub
          "vllm-strength", // V-54: choice of the runtime
          "bad-config", // V-112 V-114 V-118: content of a ConfigMap
          "mig-unknown"); // V-38: known MIG profiles

  private record Example(String file, int index, Map<String, String> header, String text) {
    String expect() {
      return header.getOrDefault("expect", "").split(" ", 2)[0];
    }

    String op() {
      return header.getOrDefault("op", "").split(" ", 2)[0];
    }

    List<String> rules() {
      return List.of(header.getOrDefault("rule", "").split(" "));
    }
  }

  @TestFactory
  Stream<DynamicTest> verdicts() throws IOException, URISyntaxException {
    URL folder = Objects.requireNonNull(ExamplesTest.class.getResource("/examples"), "examples");
    List<DynamicTest> tests = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      for (Path file : files.sorted().toList()) {
        Optional<Workspace> before = Optional.empty();
        for (Example example : examples(file)) {
          WorkspaceManifests manifests = readOrNothing(example);
          Optional<Workspace> workspace = manifests.workspaces().stream().findFirst();
          String name = workspace.map(w -> w.key().name()).orElse("document " + example.index());
          if (example.op().equals("update-old")) {
            before = workspace;
          }
          Optional<Workspace> old = before;
          tests.add(
              DynamicTest.dynamicTest(example.file() + ": " + name, () -> verdict(example, old)));
        }
      }
    }
    assertThat(tests).as("examples found").hasSizeGreaterThan(40);
    return tests.stream();
  }

  private static WorkspaceManifests readOrNothing(Example example) {
    try {
      return Workspaces.readAll(example.text());
    } catch (WorkspaceReadException e) {
      return new WorkspaceManifests(List.of(), List.of());
    }
  }

  private static void verdict(Example example, Optional<Workspace> before) {
    List<Violation> violations = new ArrayList<>();
    Optional<String> name = Optional.empty();
    try {
      for (Workspace workspace : Workspaces.readAll(example.text()).workspaces()) {
        name = Optional.of(workspace.key().name());
        boolean update =
            example.op().equals("update-new")
                && before.filter(old -> old.key().equals(workspace.key())).isPresent();
        violations.addAll(
            update
                ? WorkspaceRules.validateUpdate(before.orElseThrow(), workspace)
                : WorkspaceRules.validateCreate(workspace));
      }
    } catch (WorkspaceReadException e) {
      violations.addAll(e.violations());
    }
    List<Violation> errors = Violations.errors(violations);
    if (example.expect().equals("accept")) {
      assertThat(errors).as(Violations.report(errors)).isEmpty();
    } else if (name.filter(NEEDS_CATALOGUE::contains).isPresent()) {
      assertThat(errors).as("decided without catalogue: %s", errors).isEmpty();
    } else {
      assertThat(errors).as("refused by %s", example.rules()).isNotEmpty();
      assertThat(errors)
          .as("every problem says where it is")
          .allMatch(violation -> violation.location().isPresent());
      if (!errors.get(0).path().equals("spec")) {
        assertThat(errors.stream().flatMap(v -> v.rule().stream()).map(ExamplesTest::family))
            .as("rules of%n%s", Violations.report(errors))
            .containsAnyElementsOf(example.rules().stream().map(ExamplesTest::family).toList());
      }
    }
  }

  /** V-92 and V-92b are the same rule of two releases. */
  private static String family(String rule) {
    return rule.replaceFirst("[bc]$", "");
  }

  private static List<Example> examples(Path file) throws IOException {
    List<Example> examples = new ArrayList<>();
    int index = 0;
    for (String text : Pattern.compile("(?m)^---\\R").split(Files.readString(file))) {
      Map<String, String> header = new HashMap<>();
      for (String line : text.lines().toList()) {
        if (line.startsWith("# ") && line.contains(": ")) {
          header.put(line.substring(2, line.indexOf(": ")), line.substring(line.indexOf(": ") + 2));
        }
      }
      examples.add(new Example(file.getFileName().toString(), ++index, header, text));
    }
    return examples;
  }
}

package sh.kaito.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;
import sh.kaito.core.plan.TestWorkspaces;

/**
 * The verdicts of the Go operator's admission webhook, recorded for two releases, against ours.
 * Where they differ, the case stands with its reason in docs/decisions/validation-differences.md;
 * the test fails on a difference that is not listed, and on a listed one that no longer exists.
 */
class ReferenceVerdictsTest {
  private static final Path DIFFERENCES =
      Path.of("..", "docs", "decisions", "validation-differences.md");

  /** A row of the page: {@code | v0.12.0 create D-series-sku | ... |}. */
  private static final Pattern ROW =
      Pattern.compile("^\\| (v[0-9.]+ (?:create|update) [A-Za-z0-9-]+) \\|");

  private final WorkspaceValidator validator = WorkspaceValidator.standard();

  @Test
  void agreesOrTheDifferenceIsListed() throws IOException {
    Set<String> found = new TreeSet<>();
    List<String> report = new ArrayList<>();
    for (String version : List.of("v0.3.1", "v0.12.0")) {
      Map<?, ?> verdicts = load(version);
      for (Object item : (List<?>) value(verdicts, "create")) {
        Map<?, ?> verdict = (Map<?, ?>) item;
        List<Violation> ours = create(value(verdict, "object"));
        compare(version + " create " + verdict.get("case"), verdict, ours, found, report);
      }
      for (Object item : (List<?>) value(verdicts, "update")) {
        Map<?, ?> verdict = (Map<?, ?>) item;
        Workspace after = TestWorkspaces.of(value(verdict, "object"));
        Workspace before = before(version, after);
        List<Violation> ours = validator.validateUpdate(before, after);
        compare(version + " update " + verdict.get("case"), verdict, ours, found, report);
      }
    }

    assertThat(found)
        .as("differences from the recorded verdicts:\n%s", String.join("\n", report))
        .isEqualTo(listed());
  }

  private List<Violation> create(Object tree) {
    return validator.validateCreate(TestWorkspaces.of(tree));
  }

  private static void compare(
      String name,
      Map<?, ?> verdict,
      List<Violation> ours,
      Set<String> found,
      List<String> report) {
    boolean theirs = Boolean.TRUE.equals(verdict.get("allowed"));
    List<Violation> errors = Violations.errors(ours);
    if (theirs != errors.isEmpty()) {
      found.add(name);
      report.add(
          name
              + ": the Go operator "
              + (theirs ? "accepts" : "refuses")
              + ", we say: "
              + (errors.isEmpty() ? "accepted" : Violations.report(errors)));
    }
  }

  /** The recorded updates start from one of two objects. */
  private static Workspace before(String version, Workspace after) {
    String apiVersion = version.equals("v0.3.1") ? "v1alpha1" : "v1beta1";
    String body =
        after.key().name().equals("u-inf")
            ? """
              inference:
                preset: {name: phi-3-mini-128k-instruct}
                adapters:
                  - source: {name: a, image: "r.io/a:1"}
              """
            : """
              tuning:
                preset: {name: phi-3-mini-128k-instruct}
                method: qlora
                input: {urls: ["https://example.com/d.parquet"]}
                output: {image: "a.azurecr.io/o:1", imagePushSecret: s}
              """;
    return TestWorkspaces.read(
        """
        apiVersion: kaito.sh/%s
        kind: Workspace
        metadata: {name: %s, namespace: webhook}
        resource:
          instanceType: Standard_NC24ads_A100_v4
          labelSelector: {matchLabels: {apps: x}}
          count: 1
        """
                .formatted(apiVersion, after.key().name())
            + body);
  }

  private static Set<String> listed() throws IOException {
    Set<String> listed = new TreeSet<>();
    for (String line : Files.readAllLines(DIFFERENCES)) {
      Matcher row = ROW.matcher(line);
      if (row.find()) {
        listed.add(row.group(1));
      }
    }
    return listed;
  }

  private static Map<?, ?> load(String version) {
    Object tree =
        new Load(LoadSettings.builder().build())
            .loadFromString(TestWorkspaces.text("/verdicts/" + version + ".yaml"));
    return (Map<?, ?>) tree;
  }

  private static Object value(Map<?, ?> map, String key) {
    Object value = map.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key + " in a recorded verdict");
    }
    return value;
  }
}

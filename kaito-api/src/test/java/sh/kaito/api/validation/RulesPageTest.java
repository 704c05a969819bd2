package sh.kaito.api.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reference page of the rules is the table of the rules, and the table is complete. */
class RulesPageTest {
  private static final Path PAGE = Path.of("../docs/reference/validation.md");

  private static final String HEAD =
      """
      # Rules for Workspaces that need no catalogue

      `WorkspaceRules.validateCreate` and `validateUpdate` apply these rules; every violation names its
      rule. A `V-` name is a rule of the Go operator's admission webhook, the other names are ours.
      Errors refuse the Workspace, warnings do not. Deletion, and changes of status or metadata alone,
      are never refused; what was wrong before a change and has not changed is not reported again.
      Rules about presets, instance types, memory and runtimes are judged with the catalogues.

      | Rule | Severity | Meaning |
      |---|---|---|
      """;

  @Test
  void pageIsUpToDate() throws IOException {
    StringBuilder page = new StringBuilder(HEAD);
    RuleTable.rows()
        .forEach(
            (name, row) ->
                page.append("| `%s` | %s | %s |%n".formatted(name, row.severity(), row.meaning())));
    page.append(
        "\nThis page is made from `RuleTable.java`: `./mvnw -pl kaito-api test -Dtest=RulesPageTest"
            + " -Dkaito.regenerate=true`.\n");
    if (Boolean.getBoolean("kaito.regenerate")) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE)
        .as("regenerate: ./mvnw -pl kaito-api test -Dtest=RulesPageTest -Dkaito.regenerate=true")
        .hasContent(page.toString());
  }

  @Test
  void everyRuleOfTheTableIsApplied() throws IOException {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("src/main/java/sh/kaito/api/validation"))) {
      for (Path file : files.filter(f -> !f.endsWith("RuleTable.java")).toList()) {
        Matcher literal = Pattern.compile("\"([A-Za-z0-9-]+)\"").matcher(Files.readString(file));
        while (literal.find()) {
          sources.add(literal.group(1));
        }
      }
    }
    assertThat(sources).containsAll(RuleTable.rows().keySet());
  }
}

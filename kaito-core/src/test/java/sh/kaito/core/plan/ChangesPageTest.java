package sh.kaito.core.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page that says what a change of each field does is up to date. */
class ChangesPageTest {
  private static final Path PAGE = Path.of("../docs/reference/changes.md");
  private static final Path FIELDS = Path.of("../docs/reference/workspace.md");
  private static final Pattern FIELD = Pattern.compile("^\\| `([^`]+)` \\|");

  private static final String HEAD =
      """
      # What a change of a Workspace does

      One row for each field. `PlanDiff.of(before, after)` finds the changed fields and answers with these classes; what the
      engine does follows them.

      | Class | Meaning |
      |---|---|
      %s
      A workload is replaced when the part of the Workspace that it was made from has changed, the bytes of the ConfigMap that it
      names included, and never because a newer release of the library renders it in another way. The number of nodes is decided
      anew at that moment: where "or new nodes" stands, more of them may be needed then; where fewer are, they can be given back.
      Several changed fields together do what the largest class says. While a Workspace is being deleted every change is `none`.
      A value that means the same as before (an API server's default, another spelling of the same labels) is no change.

      | Field | A change is | Because |
      |---|---|---|
      """;

  private static final String TAIL =
      """

      This page is made from `FieldEffects.java` and the [fields](workspace.md): `./mvnw -pl kaito-core -am test -Dtest=ChangesPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dkaito.regenerate=true`.
      """;

  private static List<String> schemaFields() throws IOException {
    List<String> fields = new ArrayList<>();
    for (String line : Files.readAllLines(FIELDS)) {
      Matcher matcher = FIELD.matcher(line);
      if (matcher.find()) {
        fields.add(matcher.group(1));
      }
    }
    return fields;
  }

  @Test
  void pageIsUpToDate() throws IOException {
    String page = page();
    if (Boolean.getBoolean("kaito.regenerate")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE)
        .as("regenerate with -Dtest=ChangesPageTest -Dkaito.regenerate=true")
        .hasContent(page);
  }

  @Test
  void everyFieldOfTheSchemaHasARow() throws IOException {
    assertThat(schemaFields())
        .as("fields of %s", FIELDS)
        .hasSizeGreaterThan(50)
        .allSatisfy(
            field ->
                assertThat(FieldEffects.rows())
                    .as("a row that covers %s", field)
                    .anyMatch(row -> FieldEffects.covers(row.path(), field)));
  }

  private static String page() throws IOException {
    StringBuilder classes = new StringBuilder();
    for (ChangeEffect effect : ChangeEffect.values()) {
      classes.append("| %s | %s |\n".formatted(effect.text(), effect.meaning()));
    }
    StringBuilder page = new StringBuilder(HEAD.formatted(classes));
    Set<String> paths = new LinkedHashSet<>();
    List<String> fields = schemaFields();
    for (String field : fields) {
      if (!field.startsWith("status.")) {
        paths.add(field);
        // Annotations, labels and the content of ConfigMaps are no fields of the schema.
        FieldEffects.rows().stream()
            .map(FieldEffects.Row::path)
            .filter(path -> path.startsWith(field) && !fields.contains(path))
            .filter(path -> field.equals("metadata") || path.startsWith(field + "["))
            .forEach(paths::add);
      }
    }
    for (String path : paths) {
      FieldEffects.Row row = FieldEffects.of(path);
      page.append("| `%s` | %s | %s |\n".formatted(path, effect(path, row), row.reason()));
    }
    return page.append(TAIL).toString();
  }

  private static String effect(String path, FieldEffects.Row row) {
    String text = row.effect().text();
    if (row.resizes()) {
      return text + ", or new nodes";
    }
    return path.equals("resource.instanceType") ? text + "; new nodes where it was empty" : text;
  }
}

package sh.kaito.api.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is generated from the schema and checked in is up to date. */
class GeneratedFilesTest {

  @Test
  void customResourceDefinition() throws IOException {
    compare(
        Path.of("src/main/resources/sh/kaito/api/crds/workspaces.kaito.sh.yaml"),
        CrdGenerator.yaml());
  }

  @Test
  void referencePage() throws IOException {
    compare(Path.of("../docs/reference/workspace.md"), ReferencePage.markdown());
  }

  private static void compare(Path file, String generated) throws IOException {
    if (Boolean.getBoolean("kaito.regenerate")) {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, generated);
    }
    assertThat(file)
        .as(
            "%s; regenerate: ./mvnw -pl kaito-api test -Dtest=GeneratedFilesTest -Dkaito.regenerate=true",
            file)
        .hasContent(generated);
  }
}

package sh.kaito.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.Planner;

/** The manifests of a tutorial that many users start from, as they stand there. */
class SeedManifestsTest {
  private final WorkspaceValidator validator = WorkspaceValidator.standard();
  private final Planner planner = Planner.builder().build();

  static List<Path> manifests() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/seeds"))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void isReadValidatedPlannedAndExplained(Path file) throws IOException {
    String yaml = Files.readString(file);
    boolean placeholders = yaml.contains("_HERE");
    Workspace workspace = Workspaces.read(file);

    List<Violation> errors = Violations.errors(validator.validateCreate(workspace));
    if (placeholders) {
      assertThat(errors)
          .as("placeholders stay refused until the reader fills them in: %s", file)
          .isNotEmpty()
          .allSatisfy(error -> assertThat(error.found()).asString().contains("_HERE"));
    } else {
      assertThat(errors).as("violations of %s", file).isEmpty();
    }

    Plan plan = planner.plan(workspace).orElseThrow();
    assertThat(plan.nodes().count()).isEqualTo(1);
    assertThat(plan.nodes().instanceType()).contains("Standard_NC6s_v3");
    assertThat(plan.runtime().orElseThrow().runtime()).isEqualTo(ServingRuntime.LEGACY_IMAGE);
    if (workspace.inference().isPresent()) {
      assertThat(plan.httpDialect()).contains(HttpDialect.TEXT_GENERATION);
    }
    assertThat(plan.explain())
        .contains("Standard_NC6s_v3 (1 x NVIDIA V100, 16 GiB)")
        .contains("Kaito 0.12.0 no longer lists Standard_NC6s_v3");
    assertThat(plan.toJson()).startsWith("{").contains("\"schemaVersion\" : 1");
  }
}

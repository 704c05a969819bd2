package sh.kaito.core.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceManifests;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.validation.Violations;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlannedImage;
import sh.kaito.core.validation.WorkspaceValidator;

/** Every YAML of the pages in docs/features is read strictly, validated, planned and rendered. */
class FeaturePagesTest {
  private static final Path PAGES = Path.of("..", "docs", "features");
  private static final Pattern BLOCK = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);

  static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.list(PAGES)) {
      return files
          .filter(file -> !file.getFileName().toString().equals("README.md"))
          .sorted()
          .toList();
    }
  }

  private static List<String> blocks(Path page) throws IOException {
    return BLOCK.matcher(Files.readString(page)).results().map(result -> result.group(1)).toList();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void whatAPageShowsCanBeRun(Path page) throws IOException {
    assertThat(blocks(page)).as("YAML in %s", page).isNotEmpty();
    for (String block : blocks(page)) {
      WorkspaceManifests manifests = Workspaces.readAll(block);
      Map<String, Map<String, String>> configMaps = configMaps(block);
      assertThat(manifests.workspaces()).as(block).isNotEmpty();
      for (Workspace workspace : manifests.workspaces()) {
        Rendered rendered = Renderings.render(workspace, configMaps);

        assertThat(
                Violations.errors(
                    WorkspaceValidator.standard()
                        .validateCreate(workspace, Renderings.planInputs(workspace, configMaps))))
            .as("errors in %s: %s", page, block)
            .isEmpty();
        assertThat(rendered.workloadManifest().name()).isEqualTo(workspace.key().name());
        asPlanned(Renderings.inputs(workspace, configMaps).build().plan(), rendered);
      }
    }
  }

  /** The plan names every object and every image of containers beforehand. */
  private static void asPlanned(Plan plan, Rendered rendered) {
    assertThat(
            plan.objects().stream()
                .filter(object -> !object.kind().equals("NodeClaim"))
                .map(object -> object.kind() + "/" + object.name()))
        .as("planned objects")
        .containsExactlyInAnyOrderElementsOf(
            rendered.manifests().stream().map(Manifest::toString).toList());
    Set<String> images = new TreeSet<>();
    for (String list : List.of("initContainers", "containers")) {
      Renderings.pod(rendered)
          .path(list)
          .forEach(container -> images.add(container.path("image").asText()));
    }
    plan.weightsImage().ifPresent(images::add);
    assertThat(plan.images().stream().map(PlannedImage::reference))
        .as("planned images")
        .containsAll(images)
        .doesNotHaveDuplicates();
  }

  private static Map<String, Map<String, String>> configMaps(String block) {
    Map<String, Map<String, String>> maps = new HashMap<>();
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(block)) {
      if (document instanceof Map<?, ?> object
          && "ConfigMap".equals(object.get("kind"))
          && object.get("metadata") instanceof Map<?, ?> metadata
          && object.get("data") instanceof Map<?, ?> data) {
        Map<String, String> texts = new HashMap<>();
        data.forEach((key, value) -> texts.put(String.valueOf(key), String.valueOf(value)));
        maps.put(String.valueOf(metadata.get("name")), texts);
      }
    }
    return maps;
  }

  @ParameterizedTest
  @MethodSource("pages")
  void theOverviewNamesEveryPage(Path page) throws IOException {
    assertThat(Files.readString(PAGES.resolve("README.md")))
        .contains("(" + page.getFileName() + ")");
  }
}

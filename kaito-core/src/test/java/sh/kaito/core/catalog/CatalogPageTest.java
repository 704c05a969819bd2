package sh.kaito.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page of all names that a Workspace may use is what the catalogues hold. */
class CatalogPageTest {
  private static final Path PAGE = Path.of("../docs/reference/catalog.md");

  @Test
  void thePageListsWhatTheCataloguesHold() throws IOException {
    if (Boolean.getBoolean("kaito.regenerate")) {
      Files.writeString(PAGE, page());
    }
    assertThat(PAGE)
        .as("regenerate: ./mvnw -pl kaito-core test -Dtest=CatalogPageTest -Dkaito.regenerate=true")
        .hasContent(page());
  }

  private static String page() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Presets and instance types

        All names of the catalogues that the library ships. This page is written from them; a test compares the two. A
        `Planner` can be given others: `ModelCatalog.read(file)`, `GpuCatalog.builtIn().with(...)`.

        ## Presets: `inference.preset.name`, `tuning.preset.name`

        | Name | Runtimes | Tuning |
        |---|---|---|
        """);
    for (ModelPreset preset : ModelCatalog.builtIn().presets()) {
      page.append("| `").append(preset.name()).append("` | ");
      page.append(
          preset.runtimes().stream()
              .map(ServingRuntime::wireName)
              .collect(Collectors.joining(", ")));
      page.append(preset.tunable() ? " | yes |\n" : " |  |\n");
    }
    for (CloudProvider cloud : CloudProvider.values()) {
      if (GpuCatalog.builtIn().instanceTypes(cloud).isEmpty()) {
        continue;
      }
      page.append("\n## Instance types of ").append(cloud.wireName());
      page.append(": `resource.instanceType`\n\n");
      page.append("| Name | GPUs | Memory of each | Compute capability | Retired; use |\n");
      page.append("|---|---|---|---|---|\n");
      GpuCatalog.builtIn().instanceTypes(cloud).stream()
          .sorted(Comparator.comparing(InstanceType::name))
          .forEach(type -> page.append(row(type)));
    }
    return page.toString();
  }

  private static String row(InstanceType type) {
    return "| `"
        + type.name()
        + "` | "
        + type.gpu().count()
        + " x "
        + type.gpu().product()
        + " | "
        + memory(type.gpu().memoryGiB())
        + " GiB | "
        + type.gpu().computeCapability().map(ComputeCapability::toString).orElse("")
        + " | "
        + (type.retired() ? "retired; " + type.successor().orElse("") : "")
        + " |\n";
  }

  private static String memory(double gib) {
    return BigDecimal.valueOf(gib).stripTrailingZeros().toPlainString();
  }
}

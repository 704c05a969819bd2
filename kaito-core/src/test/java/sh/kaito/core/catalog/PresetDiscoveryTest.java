package sh.kaito.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Presets that other jars bring, and who wins. */
class PresetDiscoveryTest {
  private final Path directory;

  PresetDiscoveryTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** A class loader as an application has it: a services file besides the classes. */
  private URLClassLoader plugin(String providers) throws IOException {
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.writeString(services.resolve(PresetSource.class.getName()), providers);
    return new URLClassLoader(
        new URL[] {directory.toUri().toURL()}, PresetDiscoveryTest.class.getClassLoader());
  }

  private static String license(PresetRegistry registry, String name) {
    return registry.find(name).orElseThrow().facts().orElseThrow().license();
  }

  @Test
  void presetsOfOtherJarsAreFound() throws IOException {
    try (URLClassLoader loader = plugin(DiscoveredPresets.class.getName() + "\n")) {
      PresetRegistry registry = PresetRegistry.builder().discover(loader).addBuiltIn().build();

      assertThat(license(registry, "Discovered")).isEqualTo("plugin");
      assertThat(license(registry, "phi-4"))
          .as("a plugin stands before the library")
          .isEqualTo("plugin");
      assertThat(license(registry, "microsoft/phi-4"))
          .as("an alias that the plugin does not claim stays")
          .isEqualTo("mit");
    }
  }

  @Test
  void theOrderOfTheCallsDecides() throws IOException {
    try (URLClassLoader loader = plugin(DiscoveredPresets.class.getName())) {
      ModelPreset own = DiscoveredPresets.preset("phi-4", "program");

      PresetRegistry programFirst =
          PresetRegistry.builder().add(own).discover(loader).addBuiltIn().build();
      PresetRegistry libraryFirst =
          PresetRegistry.builder().addBuiltIn().discover(loader).add(own).build();

      assertThat(license(programFirst, "phi-4")).isEqualTo("program");
      assertThat(license(libraryFirst, "phi-4")).isEqualTo("mit");
      assertThat(programFirst.presets())
          .filteredOn(preset -> preset.name().equals("phi-4"))
          .as("hidden presets are not listed")
          .hasSize(1);
    }
  }

  @Test
  void withoutAServicesFileNothingIsFound() throws IOException {
    try (URLClassLoader loader = plugin("")) {
      assertThat(PresetRegistry.builder().discover(loader).build().presets()).isEmpty();
    }
  }

  @Test
  void aProviderThatDoesNotExistIsNamed() throws IOException {
    try (URLClassLoader loader = plugin("org.example.NoSuchPresets")) {
      assertThatThrownBy(() -> PresetRegistry.builder().discover(loader))
          .isInstanceOf(CatalogException.class)
          .hasMessageContaining("org.example.NoSuchPresets");
    }
  }

  @Test
  void aSourceThatContradictsItselfIsRefused() {
    PresetSource twice =
        new PresetSource() {
          @Override
          public String name() {
            return "the confused plugin";
          }

          @Override
          public Collection<ModelPreset> presets() {
            return List.of(
                DiscoveredPresets.preset("same", "one"), DiscoveredPresets.preset("SAME", "two"));
          }
        };

    assertThatThrownBy(() -> PresetRegistry.builder().add(twice).build())
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("the confused plugin: the name SAME stands for both same and SAME");
  }
}

package sh.kaito.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Presets from files and programs, and who wins. */
class PresetRegistryTest {
  private final Path directory;

  PresetRegistryTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static final String OURS =
      """
      schemaVersion: 1
      sources: {ours: {project: Acme models, version: "7"}}
      presets:
        - name: acme-chat
          aliases: [acme/Chat-7B]
          model:
            source: ours
            huggingFaceId: acme/Chat-7B
            weightsGiB: 13.5
            maxModelLen: 32768
            shape: {layers: 32, hiddenSize: 4096, attentionHeads: 32, kvHeads: 8, headDim: 128}
          baseImage:
            source: ours
            servedName: acme-chat
            vllmArgs: {dtype: bfloat16}
      """;

  private ModelCatalog file(String yaml) throws IOException {
    return ModelCatalog.read(Files.writeString(directory.resolve("ours.yaml"), yaml));
  }

  @Test
  void userFilesAddPresets() throws IOException {
    PresetRegistry registry = PresetRegistry.builder().add(file(OURS)).addBuiltIn().build();

    assertThat(registry.find("ACME/chat-7b").orElseThrow().name()).isEqualTo("acme-chat");
    assertThat(registry.presets()).hasSize(72);
  }

  @Test
  void theEarlierSourceWins() throws IOException {
    ModelCatalog ours = file(OURS.replace("acme-chat", "phi-4"));

    PresetRegistry registry = PresetRegistry.builder().add(ours).addBuiltIn().build();

    assertThat(registry.find("phi-4").orElseThrow().facts().orElseThrow().huggingFaceId())
        .isEqualTo("acme/Chat-7B");
    assertThat(registry.presets()).as("the built-in phi-4 is hidden").hasSize(71);
  }

  @Test
  void oneNameTwiceInOneSourceIsRefused() {
    ModelPreset a = PresetRegistry.builtIn().find("phi-4").orElseThrow();
    ModelPreset b = ModelPreset.builder().from(a).name("other").build();

    assertThatThrownBy(() -> PresetRegistry.builder().add(a, b).build())
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("microsoft/phi-4 stands for both phi-4 and other");
  }

  @Test
  void misspeltFieldsAreNamedWithPathAndNeighbour() {
    assertThatThrownBy(() -> file(OURS.replace("weightsGiB", "weightGiB")))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("presets[0].model.weightGiB: unknown field")
        .hasMessageContaining("did you mean weightsGiB?");
  }

  @Test
  void wrongTypesSayWhatIsAllowed() {
    assertThatThrownBy(() -> file(OURS.replace("weightsGiB: 13.5", "weightsGiB: lots")))
        .hasMessageContaining("presets[0].model.weightsGiB: found lots, allowed is a number");
    assertThatThrownBy(() -> file(OURS.replace("source: ours", "source: theirs")))
        .hasMessageContaining("presets[0].model.source: found theirs");
    assertThatThrownBy(() -> file("schemaVersion: 2"))
        .hasMessageContaining("schemaVersion: found 2, this library reads 1");
    assertThatThrownBy(() -> file("a: [")).hasMessageContaining("ours.yaml:1:5: not YAML");
    assertThatThrownBy(() -> file("a: &a [1]\nb: *a"))
        .as("aliases, which could expand a small file without bound")
        .isInstanceOf(CatalogException.class);
  }
}

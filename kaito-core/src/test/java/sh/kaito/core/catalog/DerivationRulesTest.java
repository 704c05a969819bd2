package sh.kaito.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables that make flags of names agree with the catalogue, which was written by them. */
class DerivationRulesTest {
  private final DerivationRules rules = DerivationRules.builtIn();

  static Stream<ModelPreset> presets() {
    return PresetRegistry.builtIn().presets().stream()
        .filter(preset -> preset.baseImage().isPresent());
  }

  @ParameterizedTest
  @MethodSource("presets")
  void catalogueAndTablesAgree(ModelPreset preset) {
    ModelFacts facts = preset.facts().orElseThrow();
    BaseImageRecipe recipe = preset.baseImage().orElseThrow();
    String id = facts.huggingFaceId();
    String name = id.substring(id.indexOf('/') + 1).toLowerCase(Locale.ROOT);
    boolean mistral = "mistral".equals(recipe.vllmArgs().get("load_format"));

    assertThat(
            rules.vllmArgs(name, facts.architectures(), mistral, facts.quantization().isPresent()))
        .as("flags of %s", id)
        .isEqualTo(recipe.vllmArgs());
    assertThat(rules.supports(facts.architectures())).as("architecture of %s", id).isTrue();
    assertThat(rules.kvOffloadDisabled(facts.architectures()))
        .isEqualTo(recipe.kvOffloadDisabled());
    assertThat(rules.deepGemm(facts.architectures())).isEqualTo(recipe.deepGemm());
    assertThat(rules.cudaToolkit(name, facts.architectures())).isEqualTo(recipe.cudaToolkit());
  }

  @Test
  void architecturesThatNobodyKnows() {
    assertThat(rules.supports(List.of("FancyNewForCausalLM"))).isFalse();
    assertThat(rules.supports(List.of())).as("left to the server").isTrue();
    assertThat(rules.supports(List.of("FancyNewForCausalLM", "LlamaForCausalLM"))).isTrue();
  }
}

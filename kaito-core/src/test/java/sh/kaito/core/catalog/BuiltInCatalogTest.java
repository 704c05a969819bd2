package sh.kaito.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The data that ships with the library is complete and reads as the sources say. */
class BuiltInCatalogTest {
  private final PresetRegistry presets = PresetRegistry.builtIn();
  private final GpuCatalog gpus = GpuCatalog.builtIn();

  @Test
  void holdsEveryPresetOfBothReleases() {
    assertThat(presets.presets()).hasSize(71);
    assertThat(presets.presets().stream().filter(p -> p.legacyImage().isPresent())).hasSize(17);
    assertThat(presets.presets().stream().filter(p -> p.baseImage().isPresent())).hasSize(60);
    assertThat(presets.presets().stream().filter(p -> !p.aliases().isEmpty()))
        .as("short names that also have a Hugging Face name")
        .hasSize(25);
  }

  @Test
  void phi3HasBothRecipes() {
    ModelPreset phi3 = presets.find("phi-3-mini-4k-instruct").orElseThrow();

    assertThat(phi3.runtimes())
        .containsExactlyInAnyOrder(
            ServingRuntime.LEGACY_IMAGE, ServingRuntime.TRANSFORMERS, ServingRuntime.VLLM);
    LegacyImageRecipe image = phi3.legacyImage().orElseThrow();
    assertThat(image.image("mcr.microsoft.com/aks/kaito"))
        .contains("mcr.microsoft.com/aks/kaito/kaito-phi-3-mini-4k-instruct:0.0.2");
    assertThat(image.launcher()).containsExactly("accelerate", "launch");
    assertThat(image.launcherArgs())
        .containsExactlyEntriesOf(
            new java.util.TreeMap<>(
                Map.of(
                    "gpu_ids", "all",
                    "machine_rank", "0",
                    "num_machines", "1",
                    "num_processes", "1")));
    assertThat(image.modelArgs())
        .containsOnlyKeys("pipeline", "torch_dtype", "trust_remote_code")
        .containsEntry("trust_remote_code", "");
    assertThat(image.needs()).isEqualTo(new ResourceNeeds(1, 9, 0, 50));
    assertThat(image.httpDialect()).isEqualTo(HttpDialect.TEXT_GENERATION);
    assertThat(image.workingDirectory()).isEqualTo("/workspace/tfs");

    BaseImageRecipe base = phi3.baseImage().orElseThrow();
    assertThat(base.servedName()).isEqualTo("phi-3-mini-4k-instruct");
    assertThat(base.image("mcr.microsoft.com/aks/kaito"))
        .isEqualTo("mcr.microsoft.com/aks/kaito/kaito-base:0.5.0");
    ModelFacts facts = phi3.facts().orElseThrow();
    assertThat(facts.weightsBytes()).isEqualTo(7_645_041_787L);
    assertThat(facts.kvBytesPerToken(2)).isEqualTo(393_216);
    assertThat(facts.diskGiB()).isEqualTo(87);
    assertThat(facts.startupBudget()).hasMinutes(30);
  }

  @Test
  void namesAndAliasesAreFoundWithoutRegardToCase() {
    assertThat(presets.find("PHI-3-mini-4k-instruct")).isPresent();
    assertThat(presets.find("microsoft/Phi-3-mini-4k-instruct"))
        .isEqualTo(presets.find("phi-3-mini-4k-instruct"));
    assertThat(presets.find("nvidia/nvidia-nemotron-nano-9b-v2")).isPresent();
    assertThat(presets.find("no-such-model")).isEmpty();
  }

  @Test
  void latentAttentionHasItsOwnCacheSize() {
    ModelFacts r1 = presets.find("deepseek-r1-0528").orElseThrow().facts().orElseThrow();

    assertThat(r1.latentAttention()).isTrue();
    assertThat(r1.kvBytesPerToken(2)).isEqualTo(70_272);
    assertThat(r1.kvBytesPerToken(1)).isEqualTo(35_136);
  }

  @Test
  void privateAndDistributedPresets() {
    LegacyImageRecipe llama =
        presets.find("llama-2-70b-chat").orElseThrow().legacyImage().orElseThrow();

    assertThat(llama.publicImage()).isFalse();
    assertThat(llama.worldSize()).hasValue(8);
    assertThat(llama.launcher()).containsExactly("torchrun");
    assertThat(llama.workingDirectory()).isEqualTo("/workspace/llama/llama-2");
    assertThat(llama.httpDialect()).isEqualTo(HttpDialect.LLAMA2_CHAT);
  }

  @Test
  void tunablePresetsOfBothReleases() {
    assertThat(presets.presets().stream().filter(ModelPreset::tunable).map(ModelPreset::name))
        .containsExactlyInAnyOrder(
            "falcon-7b",
            "falcon-40b",
            "phi-2",
            "mistral-7b",
            "phi-3-mini-4k-instruct",
            "phi-3-mini-128k-instruct",
            "phi-3-medium-4k-instruct",
            "phi-3-medium-128k-instruct",
            "phi-3.5-mini-instruct",
            "phi-4",
            "phi-4-mini-instruct",
            "qwen2.5-coder-7b-instruct",
            "qwen2.5-coder-32b-instruct");
  }

  @Test
  void correctedFiguresSaySo() {
    ModelFacts gptOss = presets.find("gpt-oss-120b").orElseThrow().facts().orElseThrow();
    assertThat(gptOss.weightsBytes()).isLessThan(gptOss.referenceWeightsBytes());
    assertThat(gptOss.note()).isPresent();
    LegacyImageRecipe falcon = presets.find("falcon-40b").orElseThrow().legacyImage().orElseThrow();
    assertThat(falcon.needs().diskGiB()).isEqualTo(400);
    assertThat(falcon.note()).isPresent();
  }

  @Test
  void everyPresetSaysWhereItComesFrom() {
    for (ModelPreset preset : presets.presets()) {
      preset.facts().ifPresent(f -> assertThat(f.provenance().version()).isEqualTo("v0.12.0"));
      preset
          .legacyImage()
          .ifPresent(image -> assertThat(image.provenance().version()).isEqualTo("v0.3.1"));
    }
  }

  @Test
  void instanceTypesAreReconciled() {
    assertThat(gpus.instanceTypes()).hasSize(113);
    InstanceType v100 = gpus.find("standard_nc6S_V3").orElseThrow();
    assertThat(v100.name()).isEqualTo("Standard_NC6s_v3");
    assertThat(v100.gpu().count()).isEqualTo(1);
    assertThat(v100.gpu().memoryGiB()).isEqualTo(16);
    assertThat(v100.gpu().computeCapability()).contains(new ComputeCapability(7, 0));
    assertThat(v100.retired()).as("dropped by the newest release").isTrue();
    assertThat(v100.successor()).contains("Standard_NC24ads_A100_v4");

    assertThat(gpus.find("Standard_ND96amsr_A100_v4").orElseThrow().gpu().memoryGiB())
        .isEqualTo(80);
    assertThat(gpus.find("Standard_ND96asr_A100_v4"))
        .as("the reference's name for the size leads to the name that Azure sells")
        .isEqualTo(gpus.find("Standard_ND96asr_v4"));
    assertThat(gpus.find("Standard_NV36ads_A10_v5").orElseThrow().gpu().usableMemoryGiB())
        .hasValue(22.5);
    assertThat(gpus.find("g4ad.xlarge").orElseThrow().gpu().nvidia()).isFalse();
    assertThat(gpus.instanceTypes(CloudProvider.ARC)).hasSize(8);
    assertThat(gpus.migProfiles()).hasSize(35).contains("1g.10gb", "7g.180gb");
  }

  @Test
  void everyInstanceTypeNameIsUniqueAndEverySuccessorExists() {
    List<String> names = gpus.instanceTypes().stream().map(InstanceType::name).toList();
    assertThat(names).doesNotHaveDuplicates();
    for (InstanceType type : gpus.instanceTypes()) {
      type.successor()
          .ifPresent(next -> assertThat(names).as("successor of %s", type.name()).contains(next));
    }
  }

  @Test
  void mistypedNamesFindTheirNeighbours() {
    assertThat(presets.nearest("phi-3-mini-4k-instuct"))
        .first()
        .isEqualTo("phi-3-mini-4k-instruct");
    assertThat(gpus.nearest("Standard_NC6_v3")).first().isEqualTo("Standard_NC6s_v3");
    assertThat(gpus.nearest("mainframe")).isEmpty();
    assertThat(presets.nearest("x".repeat(10_000))).isEmpty();
  }
}

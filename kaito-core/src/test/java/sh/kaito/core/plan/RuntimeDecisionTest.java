package sh.kaito.core.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sh.kaito.core.catalog.GpuCatalog;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.PresetRegistry;
import sh.kaito.core.catalog.ServingRuntime;

/** Which program serves a model, in the order of the rules, and why. */
class RuntimeDecisionTest {
  private static final String V100 = "Standard_NC6s_v3";
  private static final String A100 = "Standard_NC24ads_A100_v4";

  private static RuntimeRequest.Builder request(String preset, String instanceType) {
    return RuntimeRequest.builder()
        .preset(PresetRegistry.builtIn().find(preset).orElseThrow())
        .instanceType(instanceType)
        .gpus(GpuCatalog.builtIn().find(instanceType).orElseThrow().gpu());
  }

  private static RuntimeChoice chosen(RuntimeRequest.Builder request) {
    RuntimeDecision decision = RuntimeDecision.of(request.build());
    assertThat(decision).isInstanceOf(RuntimeChoice.class);
    return (RuntimeChoice) decision;
  }

  private static RuntimeRefusal refused(RuntimeRequest.Builder request) {
    RuntimeDecision decision = RuntimeDecision.of(request.build());
    assertThat(decision).isInstanceOf(RuntimeRefusal.class);
    return (RuntimeRefusal) decision;
  }

  @Test
  void phi3OnAV100IsServedByItsOwnImage() {
    assertThat(chosen(request("phi-3-mini-4k-instruct", V100)))
        .isEqualTo(
            new RuntimeChoice(
                ServingRuntime.LEGACY_IMAGE,
                "Standard_NC6s_v3 (NVIDIA V100) has compute capability 7.0, vLLM's images need 8.0;"
                    + " the model's own image runs on it"));
  }

  @Test
  void modernGpusGetVllm() {
    assertThat(chosen(request("phi-3-mini-4k-instruct", A100)).runtime())
        .isEqualTo(ServingRuntime.VLLM);
  }

  @Test
  void aModelWithoutOwnImageIsRefusedOnOldGpus() {
    RuntimeRefusal refusal = refused(request("phi-4", V100));

    assertThat(refusal.path()).isEqualTo("resource.instanceType");
    assertThat(refusal.problem()).contains("7.0", "phi-4", "8.0");
  }

  @Test
  void theAnnotationDecides() {
    assertThat(chosen(request("phi-3-mini-4k-instruct", A100).annotation("legacy-image")).runtime())
        .isEqualTo(ServingRuntime.LEGACY_IMAGE);
    assertThat(chosen(request("phi-3-mini-4k-instruct", A100).annotation("transformers")).runtime())
        .isEqualTo(ServingRuntime.TRANSFORMERS);
  }

  @Test
  void theAnnotationMustBePossible() {
    assertThat(refused(request("phi-4", A100).annotation("tensorrt")).advice())
        .contains("allowed are vllm, transformers and legacy-image");
    assertThat(refused(request("phi-4-mini-instruct", A100).annotation("transformers")).problem())
        .isEqualTo("cannot serve phi-4-mini-instruct");
    assertThat(refused(request("phi-3-mini-4k-instruct", V100).annotation("vllm")).problem())
        .contains("has 7.0");
    assertThat(
            refused(
                    request("phi-3-mini-4k-instruct", A100)
                        .annotation("vllm")
                        .putAdapterStrength("style", "0.5"))
                .problem())
        .contains("adapter style has strength 0.5");
  }

  @Test
  void aStrengthOtherThanOneAvoidsVllm() {
    assertThat(chosen(request("phi-3-mini-4k-instruct", A100).putAdapterStrength("style", "0.5")))
        .isEqualTo(
            new RuntimeChoice(
                ServingRuntime.TRANSFORMERS,
                "adapter style has strength 0.5, which vLLM cannot apply"));
    assertThat(
            chosen(request("phi-3-mini-4k-instruct", V100).putAdapterStrength("style", "0.5"))
                .runtime())
        .isEqualTo(ServingRuntime.LEGACY_IMAGE);
    assertThat(
            chosen(request("phi-3-mini-4k-instruct", A100).putAdapterStrength("style", "1.0"))
                .runtime())
        .isEqualTo(ServingRuntime.VLLM);
    assertThat(
            refused(request("phi-4-mini-instruct", A100).putAdapterStrength("style", "0.5")).path())
        .isEqualTo("inference.adapters");
  }

  @Test
  void presetsOfTheirOwnImageNeedNoCapability() {
    assertThat(chosen(request("falcon-7b", A100)).runtime()).isEqualTo(ServingRuntime.LEGACY_IMAGE);
  }

  @Test
  void unknownCapabilityIsRefusedUnlessTheUserChooses() {
    RuntimeRequest.Builder unknown =
        request("phi-3-mini-4k-instruct", A100)
            .gpus(GpuShape.builder().product("NVIDIA mystery").count(1).memoryGiB(80).build());

    assertThat(refused(unknown).advice()).contains("kaito.sh/runtime", "nvidia.com/cuda.compute");
    assertThat(chosen(unknown.annotation("vllm")).runtime()).isEqualTo(ServingRuntime.VLLM);
  }

  @Test
  void aPinnedRuntimeStays() {
    assertThat(
            chosen(
                    request("phi-3-mini-4k-instruct", A100)
                        .pinned(ServingRuntime.LEGACY_IMAGE)
                        .annotation("vllm"))
                .runtime())
        .isEqualTo(ServingRuntime.LEGACY_IMAGE);
  }

  @Test
  void aPrivateImageHoldsItsOwnServer() {
    assertThat(chosen(request("phi-3-mini-4k-instruct", A100).privateImage(true)).runtime())
        .isEqualTo(ServingRuntime.LEGACY_IMAGE);
  }

  @Test
  void gpusOfOtherMakersAreRefused() {
    assertThat(refused(request("falcon-7b", "g4ad.xlarge")).problem())
        .contains("AMD Radeon Pro V520", "NVIDIA GPUs only");
  }
}

package sh.kaito.core.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.kaito.core.catalog.GpuCatalog;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.ModelFacts;
import sh.kaito.core.catalog.PresetRegistry;

/** Worked examples of the node count, ours and the Go operator's, and what surrounds them. */
class SizingTest {
  private static final double GIB = Sizing.GIB;

  private static ModelFacts facts(String preset) {
    return PresetRegistry.builtIn().find(preset).orElseThrow().facts().orElseThrow();
  }

  private static GpuShape gpus(String instanceType) {
    return GpuCatalog.builtIn().find(instanceType).orElseThrow().gpu();
  }

  private static GpuShape nominal(int count, double memoryGiB) {
    return GpuShape.builder().product("NVIDIA test").count(count).memoryGiB(memoryGiB).build();
  }

  private static Sizing fits(ModelFacts facts, GpuShape gpus, SizingOptions options) {
    SizingOutcome outcome = Sizing.of(facts, gpus, options);
    assertThat(outcome).as("sizing of %s", facts.huggingFaceId()).isInstanceOf(Sizing.class);
    return (Sizing) outcome;
  }

  @ParameterizedTest(name = "{0}: {1} on {2} x {3} GiB, {4} tokens -> {8} nodes")
  @CsvSource({
    // row, model, GPUs, GiB, context, W GiB, kv bytes, need GiB, nodes, upstream nodes
    "1, microsoft/Phi-3-mini-4k-instruct, 1, 24, 2048, 7.262, 393216, 10.68, 1, 1",
    "2, microsoft/Phi-3-mini-128k-instruct, 1, 80, 2048, 7.262, 393216, 10.68, 1, 1",
    "3, microsoft/Phi-4-mini-instruct, 2, 80, 2048, 7.293, 131072, 6.25, 1, 1",
    "4, meta-llama/Llama-3.1-8B-Instruct, 1, 24, 2048, 15.259, 131072, 18.57, 1, 1",
    "5, microsoft/phi-4, 1, 24, 2048, 27.856, 204800, 17.12, 2, 2",
    "6, microsoft/phi-4, 2, 24, 2048, 27.856, 204800, 17.12, 1, 1",
    "7, Qwen/Qwen2.5-Coder-32B-Instruct, 1, 80, 2048, 62.251, 262144, 35.23, 2, 2",
    "8, meta-llama/Llama-3.3-70B-Instruct, 2, 80, 2048, 134.048, 327680, 37.64, 2, 2",
    "9, meta-llama/Llama-3.3-70B-Instruct, 4, 80, 131072, 134.048, 327680, 47.49, 1, 1",
    "10, deepseek-ai/DeepSeek-R1-0528, 8, 80, 2048, 654.126, 70272, 45.29, 2, 2",
    "11, deepseek-ai/DeepSeek-V3-0324, 8, 141, 2048, 654.126, 70272, 88.29, 1, 1",
    "12, meta-llama/Llama-3.3-70B-Instruct, 1, 80, 131072, 134.048, 327680, 62.55, 3, 6",
    "13, google/gemma-3-27b-it, 1, 80, 131072, 52.122, 507904, 60.66, 2, 19",
    "15, microsoft/Phi-3-mini-4k-instruct, 1, 40, 2048, 7.262, 393216, 10.68, 1, 1",
  })
  void workedExamples(
      int row,
      String model,
      int count,
      double memory,
      int context,
      double weightsGiB,
      long kvBytes,
      double needGiB,
      int nodes,
      int upstreamNodes) {
    ModelFacts facts = facts(model);
    GpuShape gpus = nominal(count, memory);

    Sizing sizing =
        fits(facts, gpus, SizingOptions.builder().contextTokens(context).utilization(0.84).build());

    assertThat(sizing.nodes()).as("nodes of row %d", row).isEqualTo(nodes);
    assertThat(1.02 * facts.weightsBytes() / GIB).isCloseTo(weightsGiB, within(0.001));
    assertThat(facts.kvBytesPerToken(2)).isEqualTo(kvBytes);
    assertThat(sizing.budgetBytes() / GIB).isCloseTo(0.84 * memory, within(1e-9));
    double need = Sizing.neededBytes(facts, new ParallelLayout(count, nodes, 1), context, 2) / GIB;
    assertThat(need).as("need of one GPU in row %d", row).isCloseTo(needGiB, within(0.01));
    assertThat(sizing.upstream())
        .hasValueSatisfying(u -> assertThat(u.nodes()).isEqualTo(upstreamNodes));
    assertThat(sizing.forcedBy())
        .as("nominal memory and the reference's share force nothing")
        .isEmpty();
  }

  @Test
  void aMigSliceThatIsTooSmallIsRefusedWithFigures() {
    GpuShape slice = GpuShape.builder().from(nominal(1, 10)).migProfile("1g.10gb").build();

    SizingOutcome outcome =
        Sizing.of(facts("phi-3-mini-4k-instruct"), slice, SizingOptions.defaults());

    assertThat(outcome)
        .isEqualTo(
            new SizingRefusal(
                "microsoft/Phi-3-mini-4k-instruct needs 10.7 GiB of GPU memory and a slice 1g.10gb"
                    + " gives the server 8.4 GiB; a model cannot span slices",
                "use a larger slice or a whole GPU"));
    assertThat(Sizing.upstream(facts("phi-3-mini-4k-instruct"), slice, 2048)).isEmpty();
  }

  @ParameterizedTest(name = "{0} on {1} x {2} GiB, {3} tokens")
  @CsvSource({
    // model, GPUs, GiB, context, reserve, per GPU, gpus, nodes
    "phi-3-mini-4k-instruct, 1, 24, 2048, 3.050, 16.295, 1, 1",
    "phi-3-mini-128k-instruct, 1, 80, 2048, 3.050, 61.095, 1, 1",
    "phi-4-mini-instruct, 2, 80, 2048, 2.425, 61.690, 1, 1",
    "llama-3.1-8b-instruct, 1, 24, 2048, 2.550, 16.771, 1, 1",
    "phi-4, 1, 24, 2048, 2.691, 16.637, 2, 2",
    "phi-4, 2, 24, 2048, 2.495, 16.824, 2, 1",
    "qwen2.5-coder-32b-instruct, 1, 80, 2048, 2.800, 61.333, 2, 2",
    "llama-3.3-70b-instruct, 2, 80, 2048, 2.613, 61.512, 3, 2",
    "llama-3.3-70b-instruct, 4, 80, 131072, 12.300, 52.286, 3, 1",
    "deepseek-r1-0528, 8, 80, 2048, 2.317, 61.794, 11, 2",
    "deepseek-v3-0324, 8, 141, 2048, 2.317, 110.594, 6, 1",
    "llama-3.3-70b-instruct, 1, 80, 131072, 42.300, 23.714, 6, 6",
    "gemma-3-27b-instruct, 1, 80, 131072, 64.300, 2.762, 19, 19",
    "phi-3-mini-4k-instruct, 1, 40, 2048, 3.050, 29.095, 1, 1",
  })
  void theEstimateOfTheGoOperator(
      String model,
      int count,
      double memory,
      int context,
      double reserve,
      double perGpu,
      long gpusNeeded,
      int nodes) {
    UpstreamEstimate estimate =
        Sizing.upstream(facts(model), nominal(count, memory), context).orElseThrow();

    assertThat(estimate.reserveBytes() / GIB).isCloseTo(reserve, within(0.001));
    assertThat(estimate.weightsPerGpuBytes() / GIB).isCloseTo(perGpu, within(0.001));
    assertThat(estimate.gpus()).isEqualTo(gpusNeeded);
    assertThat(estimate.nodes()).isEqualTo(nodes);
  }

  /** Reference vectors with made-up models. */
  @ParameterizedTest
  @CsvSource({
    "8, 0, 4, 80, 1",
    "8, 0, 1, 24, 1",
    "13.44, 8192, 1, 24, 1",
    "62.5, 163840, 1, 80, 2"
  })
  void referenceVectorsOfTheGoOperator(
      double weightsGiB, long kvBytes, int count, double memory, int nodes) {
    ModelFacts model = model(weightsGiB, kvBytes);

    assertThat(Sizing.upstream(model, nominal(count, memory), 2048))
        .hasValueSatisfying(estimate -> assertThat(estimate.nodes()).isEqualTo(nodes));
  }

  /** A model with exactly these bytes of cache per token: one latent value per layer. */
  private static ModelFacts model(double weightsGiB, long kvBytes) {
    return ModelFacts.builder()
        .huggingFaceId("test/model")
        .weightsBytes((long) (weightsGiB * GIB))
        .maxModelLen(32768)
        .layers(32)
        .hiddenSize(4096)
        .attentionHeads(32)
        .kvHeads(32)
        .headDim(128)
        .kvLoraRank((int) (kvBytes / 64))
        .provenance(new sh.kaito.core.catalog.Provenance("test", ""))
        .build();
  }

  @Test
  void anExactFitFits() {
    ModelFacts facts = facts("phi-4");
    double need = Sizing.neededBytes(facts, ParallelLayout.SINGLE, 2048, 2) / GIB;

    assertThat(
            fits(facts, nominal(1, need), SizingOptions.builder().utilization(1.0).build()).nodes())
        .isEqualTo(1);
    assertThat(
            fits(facts, nominal(1, need - 0.001), SizingOptions.builder().utilization(1.0).build())
                .nodes())
        .isEqualTo(2);
  }

  @Test
  void measuredMemoryIsUsedAndNamedWhereItForcesANode() {
    Sizing sizing =
        fits(
            facts("llama-3.1-8b-instruct"),
            gpus("Standard_NV36ads_A10_v5"),
            SizingOptions.defaults());

    assertThat(sizing.gpuMemoryMeasured()).isTrue();
    assertThat(sizing.utilization()).isEqualTo(0.82);
    assertThat(sizing.nodes()).isEqualTo(2);
    assertThat(sizing.forcedBy())
        .containsExactly("22.5 GiB of a GPU are usable, not the nominal 24 GiB");
    assertThat(sizing.upstream()).hasValueSatisfying(u -> assertThat(u.nodes()).isEqualTo(1));
  }

  @Test
  void smallModelsAreCopiedOntoEveryGpu() {
    Sizing sizing =
        fits(
            facts("phi-4-mini-instruct"),
            gpus("Standard_NC48ads_A100_v4"),
            SizingOptions.defaults());

    assertThat(sizing.layout()).isEqualTo(new ParallelLayout(1, 1, 2));
    assertThat(sizing.neededBytes() / GIB).as("a whole copy").isCloseTo(10.2, within(0.05));
    assertThat(sizing.projectedContextTokens()).isEqualTo(131_072);
  }

  @Test
  void tensorRanksThatDoNotDivideTheHeadsBecomeStages() {
    // 28 heads on 8 GPUs: 8 does not divide 28, 4 does.
    ModelFacts qwen =
        ModelFacts.builder()
            .from(facts("qwen2.5-coder-7b-instruct"))
            .weightsBytes((long) (200 * GIB))
            .build();

    Sizing sizing = fits(qwen, nominal(8, 40), SizingOptions.defaults());

    assertThat(sizing.layout()).isEqualTo(new ParallelLayout(4, 2, 1));
  }

  @Test
  void theLinesAddUpAndNameEveryTerm() {
    Sizing sizing = fits(facts("llama-3.3-70b-instruct"), nominal(2, 80), SizingOptions.defaults());

    assertThat(sizing.lines())
        .extracting(MemoryLine::what)
        .containsExactly("weights", "activations", "CUDA context and graphs", "KV cache");
    assertThat(sizing.lines().stream().mapToDouble(MemoryLine::bytes).sum())
        .isEqualTo(sizing.neededBytes())
        .isLessThanOrEqualTo(sizing.budgetBytes());
  }

  @Test
  void theContextThatTheServerWillProbablyChooseIsProjected() {
    ModelFacts llama = facts("llama-3.1-8b-instruct");

    Sizing sizing = fits(llama, nominal(1, 24), SizingOptions.builder().utilization(0.82).build());

    // (0.82 * 24 - 15.259 * 1.05 - 2.3) GiB / 131072 bytes
    assertThat(sizing.projectedContextTokens()).isCloseTo(11_100, within(100));
  }

  @Test
  void anFp8CacheTakesHalf() {
    SizingOptions fp8 = SizingOptions.builder().contextTokens(131_072).kvElementBytes(1).build();
    Sizing half = fits(facts("gemma-3-27b-instruct"), nominal(1, 80), fp8);

    assertThat(half.lines().get(3).gib()).isCloseTo(62.0 / half.nodes() / 2, within(0.01));
  }

  @Test
  void whatCanNeverFitIsRefusedWithFiguresAndAdvice() {
    SizingOutcome outcome =
        Sizing.of(facts("deepseek-r1-0528"), nominal(1, 2), SizingOptions.defaults());

    assertThat(outcome).isInstanceOf(SizingRefusal.class);
    assertThat(((SizingRefusal) outcome).reason())
        .contains("does not fit any number of nodes with 1 x NVIDIA test, 2 GiB")
        .contains("each GPU gives the server 1.7 GiB");
  }

  @Test
  void tooFewNodesAreRefused() {
    SizingOutcome outcome =
        Sizing.of(
            facts("llama-3.3-70b-instruct"),
            nominal(2, 80),
            SizingOptions.builder().maxNodes(OptionalInt.of(1)).build());

    assertThat(outcome).isInstanceOf(SizingRefusal.class);
    assertThat(((SizingRefusal) outcome).reason()).contains("needs 2 nodes", "only 1");
  }

  @Test
  void theUsersShareOfMemoryCounts() {
    SizingOptions low = SizingOptions.builder().utilization(OptionalDouble.of(0.5)).build();
    Sizing sizing = fits(facts("phi-4"), nominal(1, 40), low);

    assertThat(sizing.nodes()).isEqualTo(2);
    assertThat(sizing.forcedBy())
        .containsExactly("the server is started with gpu-memory-utilization 0.50, not 0.84");
  }
}

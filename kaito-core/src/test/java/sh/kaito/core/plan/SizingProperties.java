package sh.kaito.core.plan;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.ModelFacts;
import sh.kaito.core.catalog.PresetRegistry;
import sh.kaito.core.catalog.Provenance;

/** What holds for every model on every GPU. */
class SizingProperties {
  private static final int REFUSED = Integer.MAX_VALUE;

  @Provide
  Arbitrary<ModelFacts> models() {
    Arbitrary<ModelFacts> made =
        Combinators.combine(
                Arbitraries.doubles().between(0.5, 900),
                Arbitraries.integers().between(12, 130),
                Arbitraries.of(8, 12, 14, 16, 24, 28, 32, 40, 64, 96, 128),
                Arbitraries.of(1, 2, 4, 8, 16),
                Arbitraries.integers().between(0, 1024))
            .as(
                (weights, layers, heads, kvHeads, latent) -> {
                  ModelFacts.Builder facts =
                      ModelFacts.builder()
                          .huggingFaceId("test/model")
                          .weightsBytes((long) (weights * Sizing.GIB))
                          .maxModelLen(131_072)
                          .layers(layers)
                          .hiddenSize(heads * 128)
                          .attentionHeads(heads)
                          .kvHeads(Math.min(kvHeads, heads))
                          .headDim(128)
                          .provenance(new Provenance("test", ""));
                  return (latent > 512 ? facts.kvLoraRank(latent).qkRopeHeadDim(64) : facts)
                      .build();
                });
    Arbitrary<ModelFacts> real =
        Arbitraries.of(
            PresetRegistry.builtIn().presets().stream().flatMap(p -> p.facts().stream()).toList());
    return Arbitraries.oneOf(made, real);
  }

  @Provide
  Arbitrary<GpuShape> shapes() {
    return Combinators.combine(
            Arbitraries.of(1, 2, 4, 8),
            Arbitraries.of(4.0, 8.0, 16.0, 24.0, 40.0, 80.0, 94.0, 141.0, 180.0),
            Arbitraries.doubles().between(0.9, 1.0),
            Arbitraries.of("NVIDIA A10", "NVIDIA A100"))
        .as(
            (count, memory, usable, product) ->
                GpuShape.builder()
                    .product(product)
                    .count(count)
                    .memoryGiB(memory)
                    .usableMemoryGiB(memory * usable)
                    .build());
  }

  private static SizingOptions context(int tokens) {
    return SizingOptions.builder().contextTokens(tokens).build();
  }

  private static int nodes(ModelFacts facts, GpuShape gpus, int context) {
    return Sizing.of(facts, gpus, context(context)) instanceof Sizing sizing
        ? sizing.nodes()
        : REFUSED;
  }

  @Property
  void aLongerContextNeverNeedsFewerNodes(
      @ForAll("models") ModelFacts facts,
      @ForAll("shapes") GpuShape gpus,
      @ForAll @IntRange(min = 1, max = 131_072) int one,
      @ForAll @IntRange(min = 1, max = 131_072) int other) {
    assertThat(nodes(facts, gpus, Math.max(one, other)))
        .isGreaterThanOrEqualTo(nodes(facts, gpus, Math.min(one, other)));
  }

  @Property
  void moreMemoryNeverNeedsMoreNodes(
      @ForAll("models") ModelFacts facts,
      @ForAll("shapes") GpuShape gpus,
      @ForAll @IntRange(min = 1, max = 64) int more) {
    GpuShape larger =
        GpuShape.builder()
            .from(gpus)
            .memoryGiB(gpus.memoryGiB() + more)
            .usableMemoryGiB(gpus.usableMemoryGiB().orElseThrow() + more)
            .build();
    assertThat(nodes(facts, larger, 8192)).isLessThanOrEqualTo(nodes(facts, gpus, 8192));
  }

  @Property
  void twiceTheGpusPerNodeNeverNeedMoreNodes(
      @ForAll("models") ModelFacts facts, @ForAll("shapes") GpuShape gpus) {
    GpuShape twice = GpuShape.builder().from(gpus).count(gpus.count() * 2).build();
    int before = nodes(facts, gpus, 8192);
    int stages = 2 * before * gpus.count();
    // With nearly as many stages as layers the larger node has no layout left that uses it whole.
    if (before != REFUSED && stages <= facts.layers()) {
      assertThat(nodes(facts, twice, 8192)).isLessThanOrEqualTo(before);
    }
  }

  @Property
  void noLayoutIsImpossible(
      @ForAll("models") ModelFacts facts,
      @ForAll("shapes") GpuShape gpus,
      @ForAll @IntRange(min = 1, max = 131_072) int context) {
    if (Sizing.of(facts, gpus, context(context)) instanceof Sizing sizing) {
      ParallelLayout layout = sizing.layout();
      assertThat(facts.attentionHeads() % layout.tensor()).as("heads shared evenly").isZero();
      assertThat(layout.pipeline()).as("stages").isLessThanOrEqualTo(facts.layers());
      assertThat(layout.tensor()).as("ranks inside a node").isLessThanOrEqualTo(gpus.count());
      assertThat(layout.gpus()).as("every GPU is used").isEqualTo(sizing.nodes() * gpus.count());
      assertThat(sizing.neededBytes()).as("it fits").isLessThanOrEqualTo(sizing.budgetBytes());
      assertThat(sizing.projectedContextTokens())
          .as("the promised context fits, up to what the model was made for")
          .isGreaterThanOrEqualTo(Math.min(context, facts.maxModelLen()) - 1);
    }
  }

  @Property
  void oneNodeFewerWouldNotDo(
      @ForAll("models") ModelFacts facts,
      @ForAll("shapes") GpuShape gpus,
      @ForAll @IntRange(min = 1, max = 131_072) int context) {
    if (Sizing.of(facts, gpus, context(context)) instanceof Sizing sizing && sizing.nodes() > 1) {
      SizingOptions fewer =
          SizingOptions.builder().contextTokens(context).maxNodes(sizing.nodes() - 1).build();
      assertThat(Sizing.of(facts, gpus, fewer)).isInstanceOf(SizingRefusal.class);
    }
  }

  @Property
  void moreNodesThanTheGoOperatorOnlyForANamedReason(
      @ForAll("models") ModelFacts facts,
      @ForAll("shapes") GpuShape gpus,
      @ForAll @IntRange(min = 1, max = 131_072) int context) {
    if (Sizing.of(facts, gpus, context(context)) instanceof Sizing sizing) {
      sizing
          .upstream()
          .filter(estimate -> estimate.nodes() < sizing.nodes())
          .ifPresent(
              estimate ->
                  assertThat(sizing.forcedBy())
                      .as("%d nodes, the Go operator %d", sizing.nodes(), estimate.nodes())
                      .isNotEmpty());
    }
  }

  @Property
  void anExactFitFits(
      @ForAll("models") ModelFacts facts, @ForAll @IntRange(min = 1, max = 131_072) int context) {
    double need = Sizing.neededBytes(facts, ParallelLayout.SINGLE, context, 2) / Sizing.GIB;
    GpuShape exact = GpuShape.builder().product("NVIDIA test").count(1).memoryGiB(need).build();
    SizingOptions whole = SizingOptions.builder().contextTokens(context).utilization(1).build();

    assertThat(Sizing.of(facts, exact, whole))
        .isInstanceOfSatisfying(Sizing.class, sizing -> assertThat(sizing.nodes()).isEqualTo(1));
  }

  @Property
  void theEstimateOfTheGoOperatorIsItsFormula(
      @ForAll("models") ModelFacts facts,
      @ForAll("shapes") GpuShape gpus,
      @ForAll @IntRange(min = 1, max = 131_072) int context) {
    double available = 0.84 * gpus.memoryGiB() * Sizing.GIB;
    double reserve = 2.3 * Sizing.GIB + (double) context * facts.kvBytesPerToken(2) / gpus.count();
    if (available <= reserve) {
      assertThat(Sizing.upstream(facts, gpus, context)).isEmpty();
    } else {
      long needed =
          (long) (1.02 * facts.referenceWeightsBytes() / ((available - reserve) / 1.05)) + 1;
      assertThat(Sizing.upstream(facts, gpus, context))
          .hasValueSatisfying(
              estimate -> {
                assertThat(estimate.gpus()).isEqualTo(needed);
                assertThat((long) estimate.nodes())
                    .isEqualTo((needed + gpus.count() - 1) / gpus.count());
              });
    }
  }
}

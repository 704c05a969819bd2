package sh.kaito.core.plan;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import sh.kaito.api.model.TuningMethod;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.ModelFacts;
import sh.kaito.core.catalog.ModelPreset;

/**
 * What fine-tuning needs on each GPU, term by term. An estimate that warns and never refuses: how
 * long the user's training texts are is not known before they are read.
 *
 * <p>Sources: 0.55 of the 16-bit weights for 4-bit loading with its scales (QLoRA, Dettmers et al.
 * 2023, NF4 with double quantisation is about 4.13 bits and leaves embeddings at 16 bits); 16 bytes
 * per trained parameter for mixed-precision Adam (ZeRO, Rajbhandari et al. 2020); {@code s*b*h*(34
 * + 5*a*s/h)} bytes of activations per layer (Korthikanti et al. 2022). Rank 8 and batch size 1 are
 * the defaults of the reference's settings.
 */
final class TuningEstimate {
  private static final double QUANTIZED = 0.55;
  private static final int LORA_RANK = 8;
  private static final int BYTES_PER_TRAINED_PARAMETER = 16;
  private static final int SEQUENCE = 1024;
  private static final double CONTEXT_GIB = 1.0;

  private TuningEstimate() {}

  /**
   * Estimates, where facts of the model are known; else repeats what the recipe declares.
   *
   * @param declaredGiB memory per GPU that the recipe declares, GiB
   */
  static MemoryCheck of(ModelPreset preset, TuningMethod method, int declaredGiB, GpuShape gpus) {
    Optional<ModelFacts> facts = preset.facts();
    MemoryCheck.Builder check =
        MemoryCheck.builder()
            .gpusNeeded(1)
            .gpusAvailable(gpus.count())
            .perGpuAvailableGiB(gpus.memoryGiB())
            .totalNeededGiB(0);
    if (facts.isEmpty()) {
      return check.basis("what the preset declares").perGpuNeededGiB(declaredGiB).build();
    }
    List<MemoryLine> lines = lines(facts.get(), method);
    return check
        .basis(
            "an estimate for each GPU, batch size 1, texts of "
                + SEQUENCE
                + " tokens; the preset declares "
                + declaredGiB
                + " GiB")
        .lines(lines)
        .perGpuNeededGiB(lines.stream().mapToDouble(MemoryLine::gib).sum())
        .build();
  }

  private static List<MemoryLine> lines(ModelFacts facts, TuningMethod method) {
    boolean quantized = method == TuningMethod.QLORA;
    double weights = facts.weightsBytes() * (quantized ? QUANTIZED : 1.0);
    int hidden = facts.hiddenSize();
    int heads = facts.attentionHeads() * facts.headDim();
    int kv = facts.kvHeads() * facts.headDim();
    // Low-rank pairs beside the query, key, value and output projections of every layer.
    double trained =
        (double) facts.layers() * LORA_RANK * (2.0 * (hidden + heads) + 2.0 * (hidden + kv));
    double activations =
        (double) facts.layers()
            * SEQUENCE
            * (34.0 * hidden + 5.0 * facts.attentionHeads() * SEQUENCE);
    return List.of(
        new MemoryLine(
            "base weights",
            weights,
            String.format(
                Locale.ROOT,
                "%.2f GiB%s",
                facts.weightsBytes() / Sizing.GIB,
                quantized ? " x 0.55, loaded in 4 bits" : ", loaded as they are")),
        new MemoryLine(
            "adapter and optimiser",
            trained * BYTES_PER_TRAINED_PARAMETER,
            String.format(
                Locale.ROOT, "%.1f million parameters x 16 bytes, rank 8", trained / 1e6)),
        new MemoryLine(
            "activations",
            activations,
            String.format(Locale.ROOT, "%d layers, nothing recomputed", facts.layers())),
        new MemoryLine("CUDA context", CONTEXT_GIB * Sizing.GIB, "1 GiB per GPU"));
  }
}

package sh.kaito.core.plan;

import static sh.kaito.core.plan.Sizing.GIB;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.ModelFacts;

/** The arithmetic behind {@link Sizing}. */
final class Sizer {
  /** Weights in memory against weights on disk. */
  private static final double EXPANSION = 1.02;

  /** Activations and buffers that grow with the weights of a rank. */
  private static final double PER_WEIGHT = 0.05;

  /** CUDA context, graphs and workspaces of one rank. */
  private static final double BASE_BYTES = 2.3 * GIB;

  /** The share that the reference's estimate assumes for every GPU. */
  private static final double REFERENCE_UTILIZATION = 0.84;

  private final ModelFacts facts;
  private final GpuShape gpus;
  private final SizingOptions options;
  private final int context;
  private final double utilization;

  Sizer(ModelFacts facts, GpuShape gpus, SizingOptions options) {
    this.facts = facts;
    this.gpus = gpus;
    this.options = options;
    this.context = options.contextTokens().orElse(SizingOptions.DEFAULT_CONTEXT_TOKENS);
    this.utilization = options.utilization().orElse(Sizing.defaultUtilization(gpus));
  }

  SizingOutcome size() {
    double memory = gpus.usableMemoryGiB().orElse(gpus.memoryGiB());
    double budget = utilization * memory * GIB;
    Fit fit =
        options.fixedNodes().isPresent()
            ? fixed(options.fixedNodes().getAsInt(), budget)
            : smallest(budget, true, true);
    if (fit == null) {
      return refusal(budget);
    }
    if (options.maxNodes().isPresent() && fit.nodes > options.maxNodes().getAsInt()) {
      return new SizingRefusal(
          String.format(
              Locale.ROOT,
              "%s needs %d nodes with %s, and there can be %s",
              facts.huggingFaceId(),
              fit.nodes,
              describe(gpus),
              options.maxNodes().getAsInt() == 1
                  ? "only 1"
                  : "only " + options.maxNodes().getAsInt()),
          "use nodes with more GPU memory, a shorter max-model-len, or a smaller or quantised"
              + " model");
    }
    ParallelLayout layout = copies(fit, budget);
    List<MemoryLine> lines = lines(facts, layout, context, options.kvElementBytes());
    return Sizing.builder()
        .nodes(fit.nodes)
        .layout(layout)
        .lines(lines)
        .budgetBytes(budget)
        .gpuMemoryGiB(memory)
        .gpuMemoryMeasured(gpus.usableMemoryGiB().isPresent())
        .utilization(utilization)
        .contextTokens(context)
        .projectedContextTokens(projection(layout, budget))
        .modelContextTokens(facts.maxModelLen())
        .forcedBy(forcedBy(fit.nodes, memory))
        .utilizationForOneNodeLess(utilizationForOneNodeLess(fit.nodes, memory))
        .upstream(upstream(facts, gpus, context))
        .build();
  }

  private record Fit(int nodes, ParallelLayout layout) {}

  /**
   * The smallest number of nodes that fits, or null. More nodes than layers are no use, because
   * each node holds at least one stage.
   *
   * @param validLayouts whether only layouts count that the server can start with
   * @param honestKv whether the KV cache is counted as it really lies; else divided by all ranks
   */
  private @Nullable Fit smallest(double budget, boolean validLayouts, boolean honestKv) {
    int most = gpus.canSpan() ? facts.layers() : 1;
    for (int nodes = 1; nodes <= most; nodes++) {
      for (int tensor = gpus.count(); tensor >= 1; tensor--) {
        if (gpus.count() % tensor != 0) {
          continue;
        }
        ParallelLayout layout = new ParallelLayout(tensor, nodes * (gpus.count() / tensor), 1);
        if (validLayouts && !valid(layout)) {
          continue;
        }
        double needed = honestKv ? need(layout, context) : idealNeed(nodes);
        if (needed <= budget) {
          return new Fit(nodes, layout);
        }
      }
    }
    return null;
  }

  /**
   * The layout on a number of nodes that is no longer open; the first that can start, if none fits.
   */
  private @Nullable Fit fixed(int nodes, double budget) {
    Fit first = null;
    for (int tensor = gpus.count(); tensor >= 1; tensor--) {
      if (gpus.count() % tensor == 0) {
        ParallelLayout layout = new ParallelLayout(tensor, nodes * (gpus.count() / tensor), 1);
        if (valid(layout)) {
          Fit fit = new Fit(nodes, layout);
          if (need(layout, context) <= budget) {
            return fit;
          }
          first = first == null ? fit : first;
        }
      }
    }
    return first;
  }

  private boolean valid(ParallelLayout layout) {
    int tensor = layout.tensor();
    boolean heads = facts.attentionHeads() % tensor == 0;
    boolean kvHeads =
        facts.latentAttention() || facts.kvHeads() % tensor == 0 || tensor % facts.kvHeads() == 0;
    return heads && kvHeads && layout.pipeline() <= facts.layers();
  }

  private double idealNeed(int nodes) {
    double ranks = (double) nodes * gpus.count();
    double kv = (double) context * facts.kvBytesPerToken(options.kvElementBytes());
    return (1 + PER_WEIGHT) * weights(facts) / ranks + BASE_BYTES + kv / ranks;
  }

  /**
   * A small model serves more requests as one copy per GPU than split. The rule is the reference's:
   * one node, and two copies per GPU would still leave room.
   */
  private ParallelLayout copies(Fit fit, double budget) {
    if (fit.nodes == 1
        && gpus.count() > 1
        && 2.0 * gpus.count() * facts.weightsBytes() < gpus.memoryGiB() * gpus.count() * GIB) {
      ParallelLayout copies = new ParallelLayout(1, 1, gpus.count());
      if (need(copies, context) <= budget) {
        return copies;
      }
    }
    return fit.layout;
  }

  /** The share of memory at which one node less would do. */
  private OptionalDouble utilizationForOneNodeLess(int nodes, double memory) {
    if (nodes == 1) {
      return OptionalDouble.empty();
    }
    Fit fewer = fixed(nodes - 1, Double.MAX_VALUE);
    return fewer == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(need(fewer.layout, context) / (memory * GIB));
  }

  private int projection(ParallelLayout layout, double budget) {
    double perToken = kvPerToken(facts, layout, options.kvElementBytes());
    double free = budget - need(layout, 0);
    return (int) Math.max(0, Math.min(facts.maxModelLen(), free / perToken));
  }

  /** Each reason that raises the count above what nominal memory and the reference's share give. */
  private List<String> forcedBy(int nodes, double memory) {
    List<String> reasons = new ArrayList<>();
    double nominal = gpus.memoryGiB() * GIB;
    int before = nodesOr(smallest(REFERENCE_UTILIZATION * nominal, false, false), nodes);
    int now = nodesOr(smallest(utilization * nominal, false, false), nodes);
    if (now > before) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "the server is started with gpu-memory-utilization %.2f, not %.2f",
              utilization,
              REFERENCE_UTILIZATION));
    }
    before = now;
    now = nodesOr(smallest(utilization * memory * GIB, false, false), nodes);
    if (now > before) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%.1f GiB of a GPU are usable, not the nominal %.0f GiB",
              memory,
              gpus.memoryGiB()));
    }
    before = now;
    now = nodesOr(smallest(utilization * memory * GIB, false, true), nodes);
    if (now > before) {
      reasons.add(
          facts.latentAttention()
              ? "latent attention keeps a whole KV cache on every tensor rank"
              : "there are fewer key/value heads than tensor ranks, so ranks hold copies of the KV"
                  + " cache");
    }
    if (nodes > now) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%d attention heads, %d key/value heads and %d layers allow no layout on fewer nodes",
              facts.attentionHeads(),
              facts.kvHeads(),
              facts.layers()));
    }
    return reasons;
  }

  private static int nodesOr(@Nullable Fit fit, int otherwise) {
    return fit == null ? otherwise : fit.nodes;
  }

  private SizingRefusal refusal(double budget) {
    ParallelLayout one = new ParallelLayout(1, 1, 1);
    double needed = need(one, context);
    if (!gpus.canSpan()) {
      return new SizingRefusal(
          String.format(
              Locale.ROOT,
              "%s needs %.1f GiB of GPU memory and a slice %s gives the server %.1f GiB; a model"
                  + " cannot span slices",
              facts.huggingFaceId(),
              needed / GIB,
              gpus.migProfile().orElse(""),
              budget / GIB),
          "use a larger slice or a whole GPU");
    }
    return new SizingRefusal(
        String.format(
            Locale.ROOT,
            "%s does not fit any number of nodes with %s: each GPU gives the server %.1f GiB, and"
                + " a context of %d tokens on one GPU needs %.1f GiB (at most %d nodes can share"
                + " its %d layers)",
            facts.huggingFaceId(),
            describe(gpus),
            budget / GIB,
            context,
            needed / GIB,
            facts.layers(),
            facts.layers()),
        "use GPUs with more memory, or a shorter max-model-len");
  }

  static String describe(GpuShape gpus) {
    return gpus.migProfile()
        .map(profile -> String.format(Locale.ROOT, "one MIG slice %s", profile))
        .orElseGet(
            () ->
                String.format(
                    Locale.ROOT,
                    "%d x %s, %.0f GiB%s",
                    gpus.count(),
                    gpus.product(),
                    gpus.memoryGiB(),
                    gpus.count() == 1 ? "" : " each"));
  }

  private static double weights(ModelFacts facts) {
    return EXPANSION * facts.weightsBytes();
  }

  private static int kvShards(ModelFacts facts, int tensor) {
    return facts.latentAttention() ? 1 : Math.min(tensor, facts.kvHeads());
  }

  private static double kvPerToken(ModelFacts facts, ParallelLayout layout, int elementBytes) {
    return (double) facts.kvBytesPerToken(elementBytes)
        / layout.pipeline()
        / kvShards(facts, layout.tensor());
  }

  private double need(ParallelLayout layout, int tokens) {
    return need(facts, layout, tokens, options.kvElementBytes());
  }

  /** The sum of {@link #lines}, added in their order so that both are equal to the last bit. */
  static double need(ModelFacts facts, ParallelLayout layout, int tokens, int elementBytes) {
    double weights = weights(facts) / ((double) layout.tensor() * layout.pipeline());
    return weights
        + PER_WEIGHT * weights
        + BASE_BYTES
        + tokens * kvPerToken(facts, layout, elementBytes);
  }

  static List<MemoryLine> lines(
      ModelFacts facts, ParallelLayout layout, int context, int elementBytes) {
    int ranks = layout.tensor() * layout.pipeline();
    double weights = weights(facts) / ranks;
    String share = ranks == 1 ? "" : " / " + ranks + " GPUs";
    int parts = layout.pipeline() * kvShards(facts, layout.tensor());
    return List.of(
        new MemoryLine(
            "weights",
            weights,
            Figures.hundredths(facts.weightsBytes() / GIB) + " GiB x 1.02" + share),
        new MemoryLine("activations", PER_WEIGHT * weights, "5 % of the weights on the GPU"),
        new MemoryLine("CUDA context and graphs", BASE_BYTES, "2.3 GiB per GPU"),
        new MemoryLine(
            "KV cache",
            context * kvPerToken(facts, layout, elementBytes),
            Figures.grouped(context)
                + " tokens x "
                + Figures.grouped(facts.kvBytesPerToken(elementBytes))
                + " bytes"
                + (parts == 1 ? "" : " / " + parts)));
  }

  static double sum(List<MemoryLine> lines) {
    double sum = 0;
    for (MemoryLine line : lines) {
      sum += line.bytes();
    }
    return sum;
  }

  static Optional<UpstreamEstimate> upstream(ModelFacts facts, GpuShape gpus, int context) {
    double weights = EXPANSION * facts.referenceWeightsBytes();
    double available = REFERENCE_UTILIZATION * gpus.memoryGiB() * GIB;
    double reserve = BASE_BYTES + (double) context * facts.kvBytesPerToken(2) / gpus.count();
    if (available <= reserve) {
      return Optional.empty();
    }
    double perGpu = (available - reserve) / (1 + PER_WEIGHT);
    long needed = (long) (weights / perGpu) + 1;
    long nodes = (needed + gpus.count() - 1) / gpus.count();
    if (!gpus.canSpan() && nodes > 1) {
      return Optional.empty();
    }
    return Optional.of(new UpstreamEstimate((int) Math.max(1, nodes), needed, reserve, perGpu));
  }
}

package sh.kaito.core.catalog;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Turns a catalogue file into presets. */
final class PresetReader {
  static final int SCHEMA_VERSION = 1;

  private final Map<String, Provenance> sources = new HashMap<>();
  private final String baseRepository;
  private final String baseTag;

  private PresetReader(CatalogNode root) {
    root.optionalNode("sources")
        .ifPresent(
            node -> {
              for (String key : node.keys()) {
                CatalogNode source =
                    node.node(key).allowOnly("project", "version", "what", "registry");
                sources.put(key, new Provenance(source.text("project"), source.text("version")));
              }
            });
    CatalogNode base = root.has("baseImage") ? root.node("baseImage") : null;
    this.baseRepository = base == null ? "kaito-base" : base.text("repository");
    this.baseTag = base == null ? "0.5.0" : base.text("tag");
  }

  static List<ModelPreset> read(CatalogNode root) {
    root.allowOnly("schemaVersion", "sources", "baseImage", "presets");
    checkVersion(root);
    PresetReader reader = new PresetReader(root);
    List<ModelPreset> presets = new ArrayList<>();
    for (CatalogNode node : root.nodes("presets")) {
      presets.add(reader.preset(node));
    }
    return presets;
  }

  static void checkVersion(CatalogNode root) {
    int version = root.integer("schemaVersion");
    if (version != SCHEMA_VERSION) {
      throw root.error(
          "schemaVersion", "found " + version + ", this library reads " + SCHEMA_VERSION);
    }
  }

  private ModelPreset preset(CatalogNode node) {
    node.allowOnly("name", "aliases", "deprecated", "model", "baseImage", "legacyImage");
    ModelPreset.Builder preset =
        ModelPreset.builder()
            .name(node.text("name"))
            .aliases(node.texts("aliases"))
            .deprecated(node.optionalText("deprecated"));
    node.optionalNode("model").ifPresent(model -> preset.facts(facts(model)));
    node.optionalNode("baseImage").ifPresent(base -> preset.baseImage(baseImage(base)));
    String name = node.text("name");
    node.optionalNode("legacyImage").ifPresent(image -> preset.legacyImage(legacy(name, image)));
    try {
      return preset.build();
    } catch (IllegalArgumentException e) {
      throw node.error("name", String.valueOf(e.getMessage()));
    }
  }

  private ModelFacts facts(CatalogNode node) {
    node.allowOnly(
        "source",
        "huggingFaceId",
        "license",
        "architectures",
        "weightsGiB",
        "referenceWeightsGiB",
        "maxModelLen",
        "shape",
        "quantization",
        "gated",
        "note");
    CatalogNode shape =
        node.node("shape")
            .allowOnly(
                "layers",
                "hiddenSize",
                "attentionHeads",
                "kvHeads",
                "headDim",
                "kvLoraRank",
                "qkRopeHeadDim");
    ModelFacts.Builder facts =
        ModelFacts.builder()
            .provenance(provenance(node))
            .huggingFaceId(node.text("huggingFaceId"))
            .license(node.optionalText("license").orElse("unknown"))
            .architectures(node.texts("architectures"))
            .weightsBytes(bytes(node.number("weightsGiB")))
            .maxModelLen(node.integer("maxModelLen"))
            .layers(shape.integer("layers"))
            .hiddenSize(shape.integer("hiddenSize"))
            .attentionHeads(shape.integer("attentionHeads"))
            .kvHeads(shape.integer("kvHeads"))
            .headDim(shape.integer("headDim"))
            .gated(node.flag("gated"))
            .note(node.optionalText("note"));
    if (node.has("referenceWeightsGiB")) {
      facts.referenceWeightsBytes(bytes(node.number("referenceWeightsGiB")));
    }
    if (shape.has("kvLoraRank")) {
      facts.kvLoraRank(shape.integer("kvLoraRank")).qkRopeHeadDim(shape.integer("qkRopeHeadDim"));
    }
    node.optionalNode("quantization")
        .ifPresent(
            quantization -> {
              quantization.allowOnly("method", "bits");
              facts.quantization(quantization.text("method"));
              if (quantization.has("bits")) {
                facts.quantizationBits(quantization.integer("bits"));
              }
            });
    return facts.build();
  }

  private BaseImageRecipe baseImage(CatalogNode node) {
    node.allowOnly(
        "source",
        "servedName",
        "vllmArgs",
        "kvOffloadDisabled",
        "deepGemm",
        "cudaToolkit",
        "transformersArgs",
        "tuning",
        "note");
    BaseImageRecipe.Builder recipe =
        BaseImageRecipe.builder()
            .provenance(provenance(node))
            .repository(baseRepository)
            .tag(baseTag)
            .servedName(node.text("servedName"))
            .vllmArgs(node.textMap("vllmArgs"))
            .kvOffloadDisabled(node.optionalText("kvOffloadDisabled"))
            .deepGemm(node.flag("deepGemm"))
            .cudaToolkit(node.flag("cudaToolkit"))
            .note(node.optionalText("note"));
    if (node.has("transformersArgs")) {
      recipe.transformersArgs(node.textMap("transformersArgs"));
    }
    node.optionalNode("tuning")
        .ifPresent(
            tuning -> {
              tuning.allowOnly("memoryHintGiB", "diskGiB", "weightsArtifact");
              recipe.tuning(
                  new BaseImageRecipe.Tuning(
                      tuning.integer("memoryHintGiB"),
                      tuning.integer("diskGiB"),
                      tuning.text("weightsArtifact")));
            });
    return recipe.build();
  }

  private LegacyImageRecipe legacy(String presetName, CatalogNode node) {
    node.allowOnly(
        "source",
        "image",
        "weights",
        "launcher",
        "launcherArgs",
        "rendezvousArgs",
        "modelArgs",
        "httpDialect",
        "needs",
        "worldSize",
        "readinessMinutes",
        "tuning",
        "note");
    boolean torchrun = isTorchrun(node);
    LegacyImageRecipe.Builder recipe =
        LegacyImageRecipe.builder()
            .provenance(provenance(node))
            .launcher(torchrun ? List.of("torchrun") : List.of("accelerate", "launch"))
            .workingDirectory(torchrun ? "/workspace/llama/llama-2" : "/workspace/tfs")
            .launcherArgs(node.textMap("launcherArgs"))
            .rendezvousArgs(node.textMap("rendezvousArgs"))
            .modelArgs(node.textMap("modelArgs"))
            .httpDialect(dialect(node))
            .needs(needs(node.node("needs")))
            .readinessBudget(Duration.ofMinutes(node.integer("readinessMinutes")))
            .note(node.optionalText("note"));
    node.optionalNode("image")
        .ifPresent(
            image -> {
              image.allowOnly("repository", "tag");
              recipe.repository(image.text("repository")).tag(image.text("tag"));
            });
    node.optionalNode("weights")
        .ifPresent(
            weights -> {
              weights.allowOnly("huggingFaceId", "revision");
              recipe
                  .huggingFaceId(weights.text("huggingFaceId"))
                  .revision(weights.text("revision"));
            });
    if (node.has("worldSize")) {
      recipe.worldSize(node.integer("worldSize"));
    }
    node.optionalNode("tuning")
        .ifPresent(
            tuning -> {
              tuning.allowOnly("tag", "launcherArgs", "needs");
              SortedMap<String, String> args = tuning.textMap("launcherArgs");
              String tag =
                  tuning
                      .optionalText("tag")
                      .or(() -> node.optionalNode("image").map(image -> image.text("tag")))
                      .orElseThrow(
                          () -> tuning.error("tag", "is missing, and " + presetName + " has none"));
              recipe.tuning(
                  new LegacyImageRecipe.Tuning(
                      tag, args, "fine_tuning.py", needs(tuning.node("needs"))));
            });
    return recipe.build();
  }

  private static boolean isTorchrun(CatalogNode node) {
    String launcher = node.text("launcher");
    if (!launcher.equals("accelerate") && !launcher.equals("torchrun")) {
      throw node.error("launcher", "found " + launcher + ", allowed are accelerate and torchrun");
    }
    return launcher.equals("torchrun");
  }

  private static HttpDialect dialect(CatalogNode node) {
    String name = node.text("httpDialect");
    return HttpDialect.ofWireName(name)
        .orElseThrow(
            () ->
                node.error(
                    "httpDialect",
                    "found "
                        + name
                        + ", allowed are text-generation, llama2-chat, llama2-completion, openai"));
  }

  private static ResourceNeeds needs(CatalogNode node) {
    node.allowOnly("gpus", "totalGpuMemoryGiB", "perGpuMemoryGiB", "diskGiB");
    return new ResourceNeeds(
        node.integer("gpus"),
        node.integer("totalGpuMemoryGiB"),
        node.integer("perGpuMemoryGiB"),
        node.integer("diskGiB"));
  }

  private Provenance provenance(CatalogNode node) {
    String key = node.text("source");
    Provenance provenance = sources.get(key);
    if (provenance == null) {
      throw node.error(
          "source", "found " + key + ", allowed are the keys of sources: " + sources.keySet());
    }
    return provenance;
  }

  /** A size given in GiB with two decimals, as a Kubernetes quantity would round it: upwards. */
  private static long bytes(double gib) {
    return (long) Math.ceil(gib * (1L << 30));
  }
}

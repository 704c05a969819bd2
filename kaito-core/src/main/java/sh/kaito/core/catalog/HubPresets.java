package sh.kaito.core.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.SortedMap;
import sh.kaito.core.catalog.ModelMetadata.RepositoryFile;

/** Makes presets of what a hub says about models. */
final class HubPresets {
  private static final String CONSOLIDATED = "consolidated";
  private static final String SAFETENSORS = ".safetensors";
  private static final String BIN = ".bin";

  /** What the reference assumes where a model does not say it. */
  private static final int UNKNOWN_CONTEXT = 2048;

  private HubPresets() {}

  static ModelPreset of(ModelMetadata metadata) {
    String id = metadata.huggingFaceId();
    ConfigJson config = ConfigJson.read(id, metadata.configJson());
    List<String> architectures = architectures(id, config);
    DerivationRules rules = DerivationRules.builtIn();
    if (!rules.supports(architectures)) {
      throw new CatalogException(
          id + ": vLLM of the base image cannot load " + String.join(", ", architectures));
    }
    String name = id.substring(id.indexOf('/') + 1).toLowerCase(Locale.ROOT);
    boolean mistralFormat = metadata.files().stream().anyMatch(file -> isConsolidated(file.path()));
    boolean quantized = config.quantization().isPresent();
    SortedMap<String, String> args = rules.vllmArgs(name, architectures, mistralFormat, quantized);
    // The repository's own spelling and commit, so that what is planned is what is loaded.
    args.put("model", id);
    args.put("revision", metadata.revision());
    args.put("tokenizer-revision", metadata.revision());
    args.put("code-revision", metadata.revision());
    Provenance provenance = new Provenance("Hugging Face", metadata.revision());
    return ModelPreset.builder()
        .name(id)
        .facts(facts(metadata, config, architectures, provenance))
        .baseImage(
            BaseImageRecipe.builder()
                .provenance(provenance)
                .servedName(name)
                .vllmArgs(args)
                .kvOffloadDisabled(rules.kvOffloadDisabled(architectures))
                .deepGemm(rules.deepGemm(architectures))
                .cudaToolkit(rules.cudaToolkit(name, architectures))
                .build())
        .build();
  }

  private static List<String> architectures(String id, ConfigJson config) {
    List<String> listed = config.architectures();
    if (!listed.isEmpty()) {
      return listed;
    }
    String name = id.substring(id.indexOf('/') + 1).toLowerCase(Locale.ROOT);
    if (name.startsWith("mistral-large-3")) {
      return List.of("MistralLarge3ForCausalLM");
    }
    return name.startsWith("ministral-3") ? List.of("Mistral3ForConditionalGeneration") : List.of();
  }

  private static ModelFacts facts(
      ModelMetadata metadata,
      ConfigJson config,
      List<String> architectures,
      Provenance provenance) {
    String id = metadata.huggingFaceId();
    int hidden = config.required("width", "hidden_size", "n_embd", "d_model", "dim");
    int heads = config.required("number of heads", "num_attention_heads", "n_head", "n_heads");
    int kvHeads =
        config
            .figure("num_key_value_heads", "n_head_kv", "n_kv_heads")
            .orElse(config.flag("multi_query") ? 1 : heads);
    OptionalInt rank = config.figure("kv_lora_rank");
    ModelFacts.Builder facts =
        ModelFacts.builder()
            .huggingFaceId(id)
            .license(metadata.license().orElse("unknown"))
            .architectures(architectures)
            .weightsBytes(weights(id, metadata.files()))
            .referenceWeightsBytes(sum(id, candidates(metadata.files())))
            .maxModelLen(
                config
                    .figure(
                        "max_position_embeddings",
                        "n_ctx",
                        "seq_length",
                        "max_seq_len",
                        "max_sequence_length",
                        "model_max_length")
                    .orElse(UNKNOWN_CONTEXT))
            .layers(config.required("number of layers", "num_hidden_layers", "n_layer", "n_layers"))
            .hiddenSize(hidden)
            .attentionHeads(heads)
            .kvHeads(kvHeads)
            .headDim(
                config.figure("head_dim", "attention_head_dim").orElse(Math.max(1, hidden / heads)))
            .quantization(config.quantization())
            .quantizationBits(config.quantizationBits())
            .gated(metadata.gated())
            .provenance(provenance);
    if (rank.isPresent()) {
      facts.kvLoraRank(rank).qkRopeHeadDim(config.figure("qk_rope_head_dim").orElse(0));
    }
    return facts.build();
  }

  /** A second copy in a folder below is not loaded, so it takes no memory. */
  private static long weights(String id, List<RepositoryFile> files) {
    List<RepositoryFile> candidates = candidates(files);
    List<RepositoryFile> top =
        candidates.stream().filter(file -> file.path().indexOf('/') < 0).toList();
    return sum(id, top.isEmpty() ? candidates : top);
  }

  private static List<RepositoryFile> candidates(List<RepositoryFile> files) {
    List<RepositoryFile> found = new ArrayList<>();
    files.stream().filter(file -> isConsolidated(file.path())).forEach(found::add);
    for (String ending : List.of(SAFETENSORS, BIN)) {
      if (found.isEmpty()) {
        files.stream().filter(file -> file.path().endsWith(ending)).forEach(found::add);
      }
    }
    return found;
  }

  private static boolean isConsolidated(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.startsWith(CONSOLIDATED) && name.endsWith(SAFETENSORS);
  }

  private static long sum(String id, List<RepositoryFile> files) {
    if (files.isEmpty()) {
      throw new CatalogException(
          id + ": has no weights that vLLM can load (*.safetensors or *.bin)");
    }
    long sum = 0;
    for (RepositoryFile file : files) {
      // A petabyte is more than any disk of a node, and far from an overflow.
      if (file.bytes() < 0 || file.bytes() > 1L << 50 || sum > 1L << 50) {
        throw new CatalogException(
            id + ": the size of " + file.path() + " cannot be: " + file.bytes() + " bytes");
      }
      sum += file.bytes();
    }
    if (sum == 0) {
      throw new CatalogException(id + ": its weight files are empty");
    }
    return sum;
  }
}

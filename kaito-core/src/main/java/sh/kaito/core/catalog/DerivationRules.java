package sh.kaito.core.catalog;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** How server flags follow from name and architecture; the tables are in derivation.yaml. */
final class DerivationRules {
  private final Table toolCallParser;
  private final Table reasoningParser;
  private final Set<String> neverReasoning;
  private final Table chatTemplate;
  private final Table tokenizerMode;
  private final Table kvCacheDtype;
  private final Table gdnPrefillBackend;
  private final List<String> expertParallel;
  private final List<String> withoutFlashinferAutotune;
  private final Map<String, List<String>> kvOffloadDisabled;
  private final Set<String> deepGemm;
  private final Set<String> cudaToolkit;
  private final Set<String> architectures;

  private record Table(SortedMap<String, String> byPrefix, Map<String, String> byArchitecture) {
    Optional<String> find(String name, List<String> modelArchitectures) {
      String best = null;
      for (Map.Entry<String, String> entry : byPrefix.entrySet()) {
        if (name.startsWith(entry.getKey())) {
          best = entry.getValue(); // in byte order, so the last that fits
        }
      }
      if (best != null) {
        return Optional.of(best);
      }
      return modelArchitectures.stream()
          .filter(byArchitecture::containsKey)
          .map(byArchitecture::get)
          .findFirst();
    }
  }

  private DerivationRules(CatalogNode root) {
    PresetReader.checkVersion(root);
    toolCallParser = table(root, "toolCallParser");
    reasoningParser = table(root, "reasoningParser");
    neverReasoning = Set.copyOf(root.node("reasoningParser").texts("neverFor"));
    chatTemplate = table(root, "chatTemplate");
    tokenizerMode = table(root, "tokenizerMode");
    kvCacheDtype = table(root, "kvCacheDtype");
    gdnPrefillBackend = table(root, "gdnPrefillBackend");
    expertParallel = root.texts("expertParallel");
    withoutFlashinferAutotune = root.texts("withoutFlashinferAutotune");
    CatalogNode offload = root.node("kvOffloadDisabled");
    kvOffloadDisabled = new TreeMap<>();
    offload.keys().forEach(reason -> kvOffloadDisabled.put(reason, offload.texts(reason)));
    deepGemm = Set.copyOf(root.texts("deepGemm"));
    cudaToolkit = Set.copyOf(root.texts("cudaToolkit"));
    architectures = Set.copyOf(root.texts("architectures"));
  }

  private static Table table(CatalogNode root, String key) {
    CatalogNode node = root.node(key).allowOnly("byPrefix", "byArchitecture", "neverFor");
    return new Table(node.textMap("byPrefix"), node.textMap("byArchitecture"));
  }

  static DerivationRules builtIn() {
    return BuiltIn.RULES;
  }

  /** Whether the server can load one of these architectures; none at all is left to the server. */
  boolean supports(List<String> modelArchitectures) {
    return modelArchitectures.isEmpty()
        || modelArchitectures.stream().anyMatch(architectures::contains);
  }

  /**
   * Flags that depend on the model alone.
   *
   * @param name last part of the repository's name, in lower case
   * @param mistralFormat whether weights and tokenizer come in Mistral's own format
   * @param quantized whether the weights are quantised, so that their type is their own affair
   */
  SortedMap<String, String> vllmArgs(
      String name, List<String> modelArchitectures, boolean mistralFormat, boolean quantized) {
    SortedMap<String, String> args = new TreeMap<>();
    String format = mistralFormat ? "mistral" : "auto";
    args.put("load_format", format);
    args.put("config_format", format);
    args.put("tokenizer_mode", tokenizerMode.find(name, List.of()).orElse(format));
    args.put("dtype", quantized ? "auto" : "bfloat16");
    args.put("trust-remote-code", "");
    toolCallParser
        .find(name, modelArchitectures)
        .ifPresent(
            parser -> {
              args.put("tool-call-parser", parser);
              args.put("enable-auto-tool-choice", "");
            });
    if (!neverReasoning.contains(name)) {
      reasoningParser
          .find(name, modelArchitectures)
          .ifPresent(parser -> args.put("reasoning-parser", parser));
    }
    chatTemplate
        .find(name, List.of())
        .ifPresent(file -> args.put("chat-template", "/workspace/chat_templates/" + file));
    kvCacheDtype.find(name, List.of()).ifPresent(type -> args.put("kv-cache-dtype", type));
    gdnPrefillBackend
        .find(name, List.of())
        .ifPresent(backend -> args.put("gdn-prefill-backend", backend));
    if (expertParallel.stream().anyMatch(name::startsWith)) {
      args.put("enable-expert-parallel", "");
    }
    if (withoutFlashinferAutotune.stream().anyMatch(name::startsWith)) {
      args.put("kernel-config.enable_flashinfer_autotune", "False");
    }
    return args;
  }

  Optional<String> kvOffloadDisabled(List<String> modelArchitectures) {
    return kvOffloadDisabled.entrySet().stream()
        .filter(entry -> modelArchitectures.stream().anyMatch(entry.getValue()::contains))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  boolean deepGemm(List<String> modelArchitectures) {
    return modelArchitectures.stream().anyMatch(deepGemm::contains);
  }

  /** DeepGEMM compiles its kernels when the server starts. */
  boolean cudaToolkit(String name, List<String> modelArchitectures) {
    return cudaToolkit.contains(name) || deepGemm(modelArchitectures);
  }

  private static final class BuiltIn {
    static final DerivationRules RULES =
        new DerivationRules(CatalogNode.ofResource("derivation.yaml"));
  }
}

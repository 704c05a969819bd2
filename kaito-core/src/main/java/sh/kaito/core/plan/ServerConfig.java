package sh.kaito.core.plan;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.validation.Violation;

/**
 * The part of {@code inference_config.yaml} that plans depend on: the mapping {@code vllm}, whose
 * entries become flags of the server. Dashes and underscores in its keys mean the same, as they do
 * for the server.
 */
final class ServerConfig {
  private static final String PATH = "inference.config";
  private static final int LARGEST_TEXT = 1 << 20;

  private final Map<String, String> flags;

  private ServerConfig(Map<String, String> flags) {
    this.flags = flags;
  }

  static ServerConfig empty() {
    return new ServerConfig(Map.of());
  }

  /** Reads the text; problems are added to the list, and what could be read counts. */
  static ServerConfig read(String text, List<Violation> problems) {
    Map<String, String> flags = new LinkedHashMap<>();
    Object root;
    try {
      root =
          new Load(
                  LoadSettings.builder()
                      .setLabel("inference_config.yaml")
                      .setMaxAliasesForCollections(0)
                      .setCodePointLimit(LARGEST_TEXT)
                      .build())
              .loadFromString(text);
    } catch (YamlEngineException e) {
      problems.add(
          Problem.of(
              "V-72",
              PATH,
              "",
              "inference_config.yaml is not readable YAML: "
                  + firstLine(String.valueOf(e.getMessage())),
              ""));
      return empty();
    }
    Object vllm = root instanceof Map<?, ?> map ? map.get("vllm") : root == null ? null : root;
    if (root != null && !(root instanceof Map<?, ?>)) {
      problems.add(
          Problem.of("V-72", PATH, "", "inference_config.yaml must be a mapping at its top", ""));
    } else if (vllm instanceof Map<?, ?> entries) {
      entries.forEach(
          (key, value) -> {
            if (value instanceof Map<?, ?> || value instanceof List<?>) {
              problems.add(
                  Problem.of(
                      "V-72",
                      PATH,
                      String.valueOf(value),
                      "stands at vllm."
                          + Quoted.shorten(String.valueOf(key))
                          + " in inference_config.yaml, where a single value belongs",
                      "write nested flags with dots, such as kernel-config.name: value"));
            } else {
              flags.put(
                  String.valueOf(key).toLowerCase(Locale.ROOT).replace('_', '-'),
                  value == null ? "" : String.valueOf(value));
            }
          });
    } else if (vllm != null) {
      problems.add(
          Problem.of(
              "V-72",
              PATH,
              String.valueOf(vllm),
              "stands at vllm in inference_config.yaml, where a mapping of server flags belongs",
              "write one flag per line below vllm, such as max-model-len: 8192"));
    }
    return new ServerConfig(flags);
  }

  /** Flags in the order of the file. */
  List<String> names() {
    return new ArrayList<>(flags.keySet());
  }

  /** Sizing options of the flags; figures that cannot be are reported and left out. */
  SizingOptions.Builder sizing(int modelLimit, List<Violation> problems) {
    SizingOptions.Builder options = SizingOptions.builder();
    flag("max-model-len")
        .filter(text -> !text.equals("auto"))
        .ifPresent(
            text -> {
              Optional<Integer> tokens = positive(text);
              if (tokens.isEmpty()) {
                problems.add(
                    Problem.of(
                        "V-73",
                        PATH,
                        text,
                        "is not a whole number of at least 1 (vllm.max-model-len in"
                            + " inference_config.yaml)",
                        "write the number of tokens, or auto"));
              } else if (tokens.get() > modelLimit) {
                problems.add(
                    Problem.of(
                        "V-73",
                        PATH,
                        text,
                        "is more than the "
                            + modelLimit
                            + " tokens that the model was made for (vllm.max-model-len in"
                            + " inference_config.yaml)",
                        "write " + modelLimit + " or less, or auto"));
              } else {
                options.contextTokens(tokens.get());
              }
            });
    flag("gpu-memory-utilization")
        .ifPresent(
            text -> {
              Optional<Double> share = number(text);
              if (share.isPresent() && share.get() > 0 && share.get() <= 1) {
                options.utilization(share.get());
              } else {
                problems.add(
                    Problem.of(
                        "V-73",
                        PATH,
                        text,
                        "is not a share above 0 and at most 1 (vllm.gpu-memory-utilization in"
                            + " inference_config.yaml)",
                        "write a share such as 0.84"));
              }
            });
    flag("kv-cache-dtype")
        .filter(text -> text.startsWith("fp8"))
        .ifPresent(text -> options.kvElementBytes(1));
    return options;
  }

  private Optional<String> flag(String name) {
    return Optional.ofNullable(flags.get(name));
  }

  private static Optional<Integer> positive(String text) {
    try {
      // A short text such as 1e999999999 would become a number of a billion digits.
      if (text.length() > 12 || text.indexOf('e') >= 0 || text.indexOf('E') >= 0) {
        return Optional.empty();
      }
      int number = new BigDecimal(text.trim()).intValueExact();
      return number > 0 ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Optional<Double> number(String text) {
    try {
      return Optional.of(Double.parseDouble(text.trim()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }
}

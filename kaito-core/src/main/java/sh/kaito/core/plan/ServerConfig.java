package sh.kaito.core.plan;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.internal.settings.InferenceSettings;

/** What plans depend on in {@code inference_config.yaml}: some flags of the server. */
final class ServerConfig {
  private static final String PATH = "inference.config";

  private final InferenceSettings settings;

  private ServerConfig(InferenceSettings settings) {
    this.settings = settings;
  }

  static ServerConfig empty() {
    return new ServerConfig(InferenceSettings.empty());
  }

  /** Reads the text; problems are added to the list, and what could be read counts. */
  static ServerConfig read(String text, List<Violation> problems) {
    return new ServerConfig(InferenceSettings.read(text, problems));
  }

  /** Where the user's flags differ from what model, nodes and library decide. */
  List<Violation> conflicts(Map<String, String> fixed) {
    return settings.conflicts(fixed);
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
    return settings.flag(name);
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
}

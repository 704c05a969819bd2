package sh.kaito.core.internal.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.validation.Violation;

/**
 * The text under {@code inference_config.yaml}: the mapping {@code vllm}, whose entries become
 * flags of the server, and two settings beside it. Dashes and underscores in a flag's name mean the
 * same, as they do for the server. Immutable.
 */
public final class InferenceSettings {
  private static final String PATH = "inference.config";
  private static final String CPU_CACHE = "kv_cache_cpu_memory_utilization";
  private static final String CPU_CACHE_FLAG = "kaito-kv-cache-cpu-memory-utilization";

  /** {@code max_probe_steps} is read and used by nothing, in Kaito v0.12.0 too. */
  private static final List<String> KEYS = List.of("vllm", CPU_CACHE, "max_probe_steps");

  private static final Pattern NAME =
      Pattern.compile("[a-z0-9][a-z0-9-]*(\\.[A-Za-z0-9_][A-Za-z0-9_-]*)*");

  private static final InferenceSettings EMPTY = new InferenceSettings(Map.of());

  /** Boolean for a switch, else text. */
  private final Map<String, Object> flags;

  private InferenceSettings(Map<String, Object> flags) {
    this.flags = flags;
  }

  /** No settings. */
  public static InferenceSettings empty() {
    return EMPTY;
  }

  /** Reads the text; problems are added to the list, and what could be read counts. */
  public static InferenceSettings read(String text, List<Violation> problems) {
    Object root;
    try {
      root = SettingsYaml.read(KaitoApi.INFERENCE_CONFIG_KEY, text);
    } catch (SettingsYaml.UnreadableException e) {
      problems.add(problem("V-72", "", String.valueOf(e.getMessage())));
      return EMPTY;
    }
    if (root == null) {
      return EMPTY;
    }
    if (!(root instanceof Map<?, ?> map)) {
      problems.add(problem("V-72", "", "inference_config.yaml must be a mapping at its top"));
      return EMPTY;
    }
    Map<String, Object> flags = new LinkedHashMap<>();
    for (Object key : map.keySet()) {
      if (!KEYS.contains(String.valueOf(key))) {
        problems.add(
            Violation.error(
                    PATH,
                    "inference_config.yaml has the unknown key " + Quoted.of(String.valueOf(key)))
                .rule("V-72")
                .found(Quoted.shorten(String.valueOf(key)))
                .allowed(KEYS)
                .action("put flags of the server below vllm")
                .build());
      }
    }
    Object share = map.get(CPU_CACHE);
    if (share instanceof Number number && number.doubleValue() >= 0 && number.doubleValue() < 1) {
      flags.put(CPU_CACHE_FLAG, String.valueOf(share));
    } else if (share != null) {
      problems.add(
          problem(
              "V-72", String.valueOf(share), CPU_CACHE + " must be a number from 0 to below 1"));
    }
    Object vllm = map.get("vllm");
    if (vllm instanceof Map<?, ?> entries) {
      entries.forEach((key, value) -> flag(String.valueOf(key), value, flags, problems));
    } else if (vllm != null) {
      problems.add(
          problem(
              "V-72",
              String.valueOf(vllm),
              "vllm in inference_config.yaml must be a mapping of server flags"));
    }
    return new InferenceSettings(flags);
  }

  private static void flag(
      String key, @Nullable Object value, Map<String, Object> flags, List<Violation> problems) {
    String name = canonical(key);
    String where = "vllm." + Quoted.shorten(key) + " in inference_config.yaml";
    Optional<String> reserved = ReservedFlags.reason(name);
    if (!NAME.matcher(name).matches()) {
      problems.add(problem("V-72", key, where + " is not the name of a flag"));
    } else if (reserved.isPresent()) {
      problems.add(problem("V-72", key, where + " cannot be set here: " + reserved.get()));
    } else if (value instanceof Map<?, ?> || value instanceof List<?>) {
      problems.add(
          Violation.error(PATH, where + " must be a single value")
              .rule("V-72")
              .found(shorten(String.valueOf(value)))
              .action("write nested flags with dots, such as kernel-config.name: value")
              .build());
    } else if (value instanceof String text && text.isEmpty()) {
      problems.add(problem("V-72", "", where + " has an empty value"));
    } else if (flags.containsKey(name)) {
      problems.add(problem("V-72", key, where + " is given twice"));
    } else {
      flags.put(
          name,
          value == null ? Boolean.TRUE : value instanceof Boolean ? value : String.valueOf(value));
    }
  }

  /** Names of the flags in the order of the file, with dashes. */
  public List<String> names() {
    return List.copyOf(flags.keySet());
  }

  /** The value of a flag as text; {@code true} or {@code false} for a switch. */
  public Optional<String> flag(String name) {
    return Optional.ofNullable(flags.get(name)).map(String::valueOf);
  }

  /**
   * The flags that were generated, with those of the user in their place. The name of a flag is
   * given without leading dashes, an empty value is a bare switch. A switch that is off is spelt
   * with {@code no-}; below a dot, where values are JSON, it is {@code false}.
   */
  public SortedMap<String, String> over(Map<String, String> generated) {
    SortedMap<String, String> merged = new TreeMap<>(generated);
    flags.forEach(
        (name, value) -> {
          merged
              .keySet()
              .removeIf(key -> canonical(key).equals(name) || canonical(key).equals("no-" + name));
          if (value instanceof Boolean on && name.indexOf('.') < 0) {
            merged.put(on ? name : "no-" + name, "");
          } else {
            merged.put(name, String.valueOf(value));
          }
        });
    return merged;
  }

  /** Where the user's value differs from one that is not his to choose. */
  public List<Violation> conflicts(Map<String, String> fixed) {
    return fixed.entrySet().stream()
        .filter(entry -> flags.containsKey(entry.getKey()))
        .filter(entry -> !String.valueOf(flags.get(entry.getKey())).equals(entry.getValue()))
        .map(
            entry ->
                Violation.error(
                        PATH,
                        "vllm."
                            + entry.getKey()
                            + " in inference_config.yaml is \""
                            + shorten(String.valueOf(flags.get(entry.getKey())))
                            + "\", and this workspace is run with \""
                            + entry.getValue()
                            + "\"")
                    .rule("V-72")
                    .found(shorten(String.valueOf(flags.get(entry.getKey()))))
                    .nearest(entry.getValue())
                    .action("remove it; it follows from model, instance type and adapters")
                    .build())
        .toList();
  }

  /** Case and underscores do not count before the first dot; behind it they do. */
  private static String canonical(String key) {
    int dot = key.indexOf('.');
    String head = dot < 0 ? key : key.substring(0, dot);
    return head.toLowerCase(Locale.ROOT).replace('_', '-') + (dot < 0 ? "" : key.substring(dot));
  }

  private static Violation problem(String rule, String found, String message) {
    Violation.Builder violation =
        Violation.error(PATH, message)
            .rule(rule)
            .action("write the flags of the server below vllm, one name: value each");
    if (!found.isEmpty()) {
      violation.found(shorten(found));
    }
    return violation.build();
  }

  private static String shorten(String text) {
    return Quoted.shorten(text);
  }
}

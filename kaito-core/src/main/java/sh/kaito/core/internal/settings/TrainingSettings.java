package sh.kaito.core.internal.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.TuningMethod;
import sh.kaito.api.validation.Violation;

/**
 * The text under {@code training_config.yaml}: mapping {@code training_config} with six known
 * sections. The violations stand at {@code tuning.config}, because that is what the workspace
 * names. Immutable.
 */
public final class TrainingSettings {
  private static final String PATH = "tuning.config";

  /** Where the trainer writes when nobody says otherwise. */
  private static final String DEFAULT_OUTPUT = "/mnt/output";

  /** Directories below /mnt that hold something else. */
  private static final List<String> TAKEN = List.of("/mnt/config", "/mnt/data", "/mnt/adapter");

  private static final List<String> SECTIONS =
      List.of(
          "ModelConfig",
          "QuantizationConfig",
          "LoraConfig",
          "TrainingArguments",
          "DatasetConfig",
          "DataCollator");

  private final Optional<TuningMethod> method;
  private final List<Violation> violations = new ArrayList<>();
  private String outputDirectory = DEFAULT_OUTPUT;

  private TrainingSettings(Optional<TuningMethod> method) {
    this.method = method;
  }

  /** Reads the text and checks it against the method. */
  public static TrainingSettings read(String text, Optional<TuningMethod> method) {
    TrainingSettings settings = new TrainingSettings(method);
    settings.text(text);
    return settings;
  }

  /** What is wrong with the text. */
  public List<Violation> violations() {
    return List.copyOf(violations);
  }

  /**
   * Absolute path below {@code /mnt} to which the trainer writes, without dots and double slashes.
   */
  public String outputDirectory() {
    return outputDirectory;
  }

  private void text(String yaml) {
    Object root;
    try {
      root = SettingsYaml.read(KaitoApi.TRAINING_CONFIG_KEY, yaml);
    } catch (SettingsYaml.UnreadableException e) {
      refuse("V-111", String.valueOf(e.getMessage()), "correct the text in the ConfigMap");
      return;
    }
    Object config = root instanceof Map<?, ?> map ? map.get("training_config") : null;
    if (!(config instanceof Map<?, ?> sections)) {
      refuse(
          "V-111",
          KaitoApi.TRAINING_CONFIG_KEY + " must hold a mapping named training_config at its top",
          "write training_config: with the sections below it: " + String.join(", ", SECTIONS));
      return;
    }
    for (Object key : sections.keySet()) {
      if (!(key instanceof String name) || !SECTIONS.contains(name)) {
        violations.add(
            Violation.error(
                    PATH,
                    "training_config has the unknown section " + Quoted.of(String.valueOf(key)))
                .rule("V-112")
                .found(Quoted.shorten(String.valueOf(key)))
                .allowed(SECTIONS)
                .build());
      }
    }
    quantization(sections.get("QuantizationConfig"));
    outputDirectory(sections.get("TrainingArguments"));
  }

  private void quantization(@Nullable Object section) {
    Map<?, ?> values = section instanceof Map<?, ?> map ? map : Map.of();
    boolean four = flag(values, "load_in_4bit");
    boolean eight = flag(values, "load_in_8bit");
    if (four && eight) {
      refuse(
          "V-114", "QuantizationConfig sets both load_in_4bit and load_in_8bit", "set one of them");
    }
    if (method.filter(TuningMethod.LORA::equals).isPresent() && (four || eight)) {
      refuse(
          "V-115",
          "QuantizationConfig loads the model quantised, and tuning.method is lora",
          "use method qlora, or leave load_in_4bit and load_in_8bit out");
    }
    if (method.filter(TuningMethod.QLORA::equals).isPresent() && !four && !eight) {
      refuse(
          "V-116",
          "tuning.method is qlora, and QuantizationConfig sets neither load_in_4bit nor"
              + " load_in_8bit",
          "set load_in_4bit: true, or use method lora");
    }
  }

  private boolean flag(Map<?, ?> values, String key) {
    Object value = values.get(key);
    if (value == null) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    violations.add(
        Violation.error(
                PATH, "QuantizationConfig." + key + " is " + Quoted.of(String.valueOf(value)))
            .rule("V-113")
            .found(Quoted.shorten(String.valueOf(value)))
            .allowed(List.of("true", "false"))
            .build());
    return false;
  }

  private void outputDirectory(@Nullable Object section) {
    Object directory = section instanceof Map<?, ?> map ? map.get("output_dir") : null;
    if (directory == null) {
      return;
    }
    if (!(directory instanceof String text)) {
      refuse(
          "V-117",
          "TrainingArguments.output_dir must be text",
          "name a directory below /mnt, such as /mnt/results");
      return;
    }
    Optional<String> below = belowMnt(text);
    if (below.isEmpty()) {
      output(text, "leads out of /mnt");
    } else if (below.get().chars().anyMatch(c -> c < ' ' || c == ':' || c == 0x7f)) {
      // A colon cannot stand in a mount path.
      output(text, "holds a colon or a control character");
    } else if (TAKEN.stream().anyMatch(taken -> (below.get() + "/").startsWith(taken + "/"))) {
      output(text, "is a directory that holds something else");
    } else {
      outputDirectory = below.get();
    }
  }

  private void output(String text, String problem) {
    violations.add(
        Violation.error(PATH, "TrainingArguments.output_dir " + Quoted.of(text) + " " + problem)
            .rule("V-118")
            .found(Quoted.shorten(text))
            .action("name a directory below /mnt, such as /mnt/results")
            .build());
  }

  /**
   * The path joined below {@code /mnt} as the trainer does, segment by segment, so that {@code
   * ../mnt2} does not pass as {@code /mnt}.
   */
  private static Optional<String> belowMnt(String text) {
    boolean absolute = text.equals("/mnt") || text.startsWith("/mnt/");
    String path = absolute ? text.substring("/mnt".length()) : text;
    List<String> segments = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..")) {
        if (segments.isEmpty()) {
          return Optional.empty();
        }
        segments.remove(segments.size() - 1);
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
    return segments.isEmpty()
        ? Optional.empty()
        : Optional.of("/mnt/" + String.join("/", segments));
  }

  private void refuse(String rule, String message, String action) {
    violations.add(Violation.error(PATH, message).rule(rule).action(action).build());
  }
}

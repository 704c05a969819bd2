package sh.kaito.core.validation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.TuningMethod;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.plan.PlanInputs;

/**
 * The content of a training configuration: mapping {@code training_config} with six known sections.
 * The violations stand at {@code tuning.config}, because that is what the workspace names.
 */
final class TrainingConfigRules {
  private static final String PATH = "tuning.config";
  private static final int LARGEST_TEXT = 1 << 20;
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

  private TrainingConfigRules(Optional<TuningMethod> method) {
    this.method = method;
  }

  static List<Violation> check(Workspace workspace, PlanInputs inputs) {
    if (workspace.tuning().isEmpty() || inputs.trainingConfig().isEmpty()) {
      return List.of();
    }
    TrainingConfigRules rules = new TrainingConfigRules(workspace.tuning().get().tuningMethod());
    rules.text(inputs.trainingConfig().get());
    return rules.violations;
  }

  private void text(String yaml) {
    Object root;
    try {
      root =
          new Load(
                  LoadSettings.builder()
                      .setLabel(KaitoApi.TRAINING_CONFIG_KEY)
                      .setMaxAliasesForCollections(0)
                      .setCodePointLimit(LARGEST_TEXT)
                      .build())
              .loadFromString(yaml);
    } catch (YamlEngineException e) {
      String problem = String.valueOf(e.getMessage());
      int end = problem.indexOf('\n');
      refuse(
          "V-111",
          KaitoApi.TRAINING_CONFIG_KEY
              + " is not readable YAML: "
              + (end < 0 ? problem : problem.substring(0, end)));
      return;
    }
    Object config = root instanceof Map<?, ?> map ? map.get("training_config") : null;
    if (!(config instanceof Map<?, ?> sections)) {
      refuse(
          "V-111",
          KaitoApi.TRAINING_CONFIG_KEY + " must hold a mapping named training_config at its top");
      return;
    }
    for (Object key : sections.keySet()) {
      if (!(key instanceof String name) || !SECTIONS.contains(name)) {
        violations.add(
            Violation.error(PATH, "training_config has the unknown section \"" + key + "\"")
                .rule("V-112")
                .found(String.valueOf(key))
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
          "V-114", "QuantizationConfig sets both load_in_4bit and load_in_8bit; set one of them");
    }
    if (method.filter(TuningMethod.LORA::equals).isPresent() && (four || eight)) {
      refuse(
          "V-115",
          "QuantizationConfig loads the model quantised, and tuning.method is lora; use method qlora"
              + " or leave the switch out");
    }
    if (method.filter(TuningMethod.QLORA::equals).isPresent() && !four && !eight) {
      refuse(
          "V-116",
          "tuning.method is qlora, and QuantizationConfig sets neither load_in_4bit nor"
              + " load_in_8bit");
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
        Violation.error(PATH, "QuantizationConfig." + key + " is \"" + value + "\"")
            .rule("V-113")
            .found(String.valueOf(value))
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
      refuse("V-117", "TrainingArguments.output_dir must be text");
      return;
    }
    if (!belowMnt(text)) {
      violations.add(
          Violation.error(PATH, "TrainingArguments.output_dir \"" + text + "\" leads out of /mnt")
              .rule("V-118")
              .found(text)
              .action("name a directory below /mnt, such as /mnt/results")
              .build());
    }
  }

  /**
   * Path segments are resolved one by one, so that {@code ../mnt2} does not pass as {@code /mnt}.
   */
  private static boolean belowMnt(String text) {
    boolean absolute = text.equals("/mnt") || text.startsWith("/mnt/");
    String path = absolute ? text.substring("/mnt".length()) : text;
    if (path.startsWith("/")) {
      // An absolute path is joined below /mnt, as the trainer does.
      path = path.substring(1);
    }
    int depth = 0;
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..")) {
        depth--;
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        depth++;
      }
      if (depth < 0) {
        return false;
      }
    }
    return depth > 0;
  }

  private void refuse(String rule, String message) {
    violations.add(Violation.error(PATH, message).rule(rule).build());
  }
}

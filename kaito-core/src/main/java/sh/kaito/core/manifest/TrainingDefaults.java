package sh.kaito.core.manifest;

import java.util.Map;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.TuningMethod;

/**
 * Training settings where the user names none. The figures are those of the ConfigMaps {@code
 * lora-params-template} and {@code qlora-params-template} of Kaito v0.12.0; checkpoints are not
 * kept, as nothing would load them.
 */
final class TrainingDefaults {
  private static final String COMMON =
      """
        LoraConfig:
          r: 8
          lora_alpha: 8
          lora_dropout: 0.0
        TrainingArguments:
          output_dir: "/mnt/results"
          ddp_find_unused_parameters: false
          save_strategy: "no"
          per_device_train_batch_size: 1
        DataCollator:
          mlm: true
        DatasetConfig:
          shuffle_dataset: true
          train_test_split: 1
      """;

  private static final String MODEL =
      """
      training_config:
        ModelConfig:
          torch_dtype: "bfloat16"
          local_files_only: true
          device_map: "auto"
        QuantizationConfig:
      """;

  private static final String LORA =
      MODEL
          + """
                load_in_4bit: false
            """
          + COMMON;

  private static final String QLORA =
      MODEL
          + """
                load_in_4bit: true
                bnb_4bit_quant_type: "nf4"
                bnb_4bit_compute_dtype: "bfloat16"
                bnb_4bit_use_double_quant: true
            """
          + COMMON;

  private TrainingDefaults() {}

  /** The text under {@code training_config.yaml}. */
  static String of(TuningMethod method) {
    return method == TuningMethod.QLORA ? QLORA : LORA;
  }

  /** {@code data} of the ConfigMap. */
  static Map<String, String> configMap(TuningMethod method) {
    return Map.of(KaitoApi.TRAINING_CONFIG_KEY, of(method));
  }
}

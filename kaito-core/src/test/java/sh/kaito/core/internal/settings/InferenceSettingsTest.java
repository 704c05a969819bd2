package sh.kaito.core.internal.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.kaito.api.validation.Violation;

class InferenceSettingsTest {
  private final List<Violation> problems = new ArrayList<>();

  private InferenceSettings read(String yaml) {
    return InferenceSettings.read(yaml, problems);
  }

  @Test
  void flagsOfTheUserComeInPlaceOfTheGeneratedOnes() {
    InferenceSettings settings =
        read(
            """
            kv_cache_cpu_memory_utilization: 0.25
            max_probe_steps: 6
            vllm:
              load-format: safetensors
              GPU_memory_utilization: 0.9
              enforce-eager: true
              enable-prefix-caching: false
              trust-remote-code: false
              compilation-config.pass_config.fuse_allreduce_rms: true
              max-num-seqs: 64
            """);

    assertThat(problems).isEmpty();
    assertThat(
            settings.over(
                Map.of(
                    "load_format", "auto",
                    "gpu-memory-utilization", "0.84",
                    "trust-remote-code", "",
                    "compilation-config.pass_config.fuse_allreduce_rms", "False",
                    "model", "m")))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "load-format", "safetensors",
                "gpu-memory-utilization", "0.9",
                "enforce-eager", "",
                "no-enable-prefix-caching", "",
                "no-trust-remote-code", "",
                "compilation-config.pass_config.fuse_allreduce_rms", "true",
                "max-num-seqs", "64",
                "model", "m",
                "kaito-kv-cache-cpu-memory-utilization", "0.25"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "vllm: {middleware: my.module}                       | loads code",
        "vllm: {Tool_Parser_Plugin: /tmp/x.py}               | loads code",
        "vllm: {api-key: secret}                             | secret on a command line",
        "vllm: {host: 127.0.0.1}                             | plain HTTP to port 5000",
        "vllm: {kaito-config-file: /etc/passwd}              | of this kind only",
        "vllm: {'a b': 1}                                    | is not the name of a flag",
        "vllm: {'--model': x}                                | is not the name of a flag",
        "vllm: {a: {b: 1}}                                   | must be a single value",
        "vllm: {a: [1]}                                      | must be a single value",
        "vllm: {a: ''}                                       | has an empty value",
        "vllm: {max-num-seqs: 1, max_num_seqs: 2}            | is given twice",
        "vllm: [a]                                           | must be a mapping of server flags",
        "vlm: {a: 1}                                         | unknown key",
        "kv_cache_cpu_memory_utilization: 2                  | from 0 to below 1",
        "'vllm: {'                                           | not YAML",
        "just text                                           | must be a mapping at its top"
      })
  void saysWhatCannotBe(String yaml, String message) {
    read(yaml.trim());

    assertThat(problems)
        .as(yaml)
        .anySatisfy(violation -> assertThat(violation.message()).contains(message.trim()))
        .allMatch(violation -> violation.rule().equals(Optional.of("V-72")));
  }

  @Test
  void aValueThatIsNotTheUsersToChooseMustBeTheOneThatIsChosen() {
    InferenceSettings settings = read("vllm: {tensor-parallel-size: 2, port: 5000}");

    assertThat(settings.conflicts(Map.of("tensor-parallel-size", "2", "port", "5000"))).isEmpty();
    assertThat(settings.conflicts(Map.of("tensor-parallel-size", "4", "port", "5000")))
        .singleElement()
        .satisfies(
            violation ->
                assertThat(violation.message())
                    .contains("tensor-parallel-size")
                    .contains("\"2\"")
                    .contains("\"4\""));
  }

  @Test
  void nothingIsNoSettings() {
    assertThat(read("").names()).isEmpty();
    assertThat(read("vllm:").names()).isEmpty();
    assertThat(problems).isEmpty();
  }
}

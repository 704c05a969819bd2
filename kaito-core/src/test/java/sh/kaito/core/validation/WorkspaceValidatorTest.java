package sh.kaito.core.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.DataDestination;
import sh.kaito.api.model.DataSource;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;
import sh.kaito.core.catalog.CloudProvider;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.Planner;

/** Rules that need models and instance types. */
class WorkspaceValidatorTest {
  private final WorkspaceValidator validator = WorkspaceValidator.standard();

  private static Workspace.Builder serve(String preset, String instanceType) {
    return Workspace.builder()
        .apiVersion(ApiVersion.V1ALPHA1)
        .name("w")
        .resource(
            resource -> resource.instanceType(instanceType).matchLabels(Map.of("apps", "phi-3")))
        .inference(inference -> inference.preset(preset));
  }

  private static Workspace.Builder tune(String preset) {
    return Workspace.builder()
        .name("w")
        .resource(
            resource ->
                resource
                    .instanceType("Standard_NC24ads_A100_v4")
                    .matchLabels(Map.of("apps", "tune")))
        .tuning(
            tuning ->
                tuning
                    .preset(preset)
                    .method("qlora")
                    .config("settings")
                    .input(
                        DataSource.builder().addUrls("https://data.example.org/a.parquet").build())
                    .output(
                        DataDestination.builder()
                            .image("registry.example.org/out/a:1")
                            .imagePushSecret("push")
                            .build()));
  }

  private Violation only(Workspace workspace) {
    List<Violation> errors = Violations.errors(validator.validateCreate(workspace));
    assertThat(errors).as(Violations.report(errors)).hasSize(1);
    return errors.get(0);
  }

  @Test
  void anUnknownInstanceTypeIsRefusedWithNeighbourAndList() {
    Violation violation = only(serve("phi-3-mini-4k-instruct", "Standard_NC6_v3").build());

    assertThat(violation.path()).isEqualTo("resource.instanceType");
    assertThat(violation.rule()).contains("V-23");
    assertThat(violation.found()).contains("Standard_NC6_v3");
    assertThat(violation.nearest()).contains("Standard_NC6s_v3");
    assertThat(violation.allowed()).contains("Standard_NC24ads_A100_v4").hasSizeGreaterThan(30);
  }

  @Test
  void anInstanceTypeOfAnotherCloudIsRefused() {
    assertThat(only(serve("phi-4", "p5.48xlarge").build()).message())
        .isEqualTo("\"p5.48xlarge\" is sold by aws, and nodes are bought from azure");
    WorkspaceValidator aws =
        WorkspaceValidator.of(Planner.builder().cloud(CloudProvider.AWS).build());
    assertThat(Violations.errors(aws.validateCreate(serve("phi-4", "p5.48xlarge").build())))
        .isEmpty();
  }

  @Test
  void anUnknownPresetIsRefusedWithItsNeighbour() {
    Violation violation = only(serve("phi-3-mini-4k-instuct", "Standard_NC6s_v3").build());

    assertThat(violation.path()).isEqualTo("inference.preset.name");
    assertThat(violation.rule()).contains("V-52");
    assertThat(violation.nearest()).contains("phi-3-mini-4k-instruct");
  }

  @Test
  void aModelOfTheHubNeedsASourceOfItsFacts() {
    Violation violation = only(serve("acme/unheard-of", "Standard_NC24ads_A100_v4").build());

    assertThat(violation.rule()).contains("V-59");
    assertThat(violation.message()).contains("no source of model metadata is configured");
    assertThat(violation.action()).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "falcon-40b, Standard_NC6s_v3, 1, V-24",
    "falcon-40b, Standard_NC24ads_A100_v4, 1, V-24",
    "phi-3-medium-128k-instruct, Standard_NC6s_v3, 1, V-26",
    "phi-4, Standard_NC6s_v3, 1, V-54",
    "phi-3-mini-4k-instruct, g4ad.xlarge, 1, V-23",
    "llama-2-70b, Standard_NC96ads_A100_v4, 2, V-55",
  })
  void whatCannotRunIsRefused(String preset, String instanceType, int count, String rule) {
    Workspace workspace =
        Workspace.builder()
            .apiVersion(ApiVersion.V1ALPHA1)
            .name("w")
            .resource(
                resource ->
                    resource
                        .instanceType(instanceType)
                        .count(count)
                        .matchLabels(Map.of("apps", "x")))
            .inference(inference -> inference.preset(preset))
            .build();

    assertThat(Violations.errors(validator.validateCreate(workspace)))
        .flatExtracting(violation -> violation.rule().stream().toList())
        .contains(rule);
  }

  @Test
  void twoNodesMakeTwoGpus() {
    Workspace workspace =
        Workspace.builder()
            .apiVersion(ApiVersion.V1ALPHA1)
            .name("w")
            .resource(
                resource ->
                    resource
                        .instanceType("Standard_NC24ads_A100_v4")
                        .count(2)
                        .matchLabels(Map.of("apps", "x")))
            .inference(inference -> inference.preset("falcon-40b"))
            .build();

    assertThat(Violations.errors(validator.validateCreate(workspace))).isEmpty();
  }

  @Test
  void aPresetThatCannotBeTunedIsRefusedWithThoseThatCan() {
    Violation violation = only(tune("phi-3.5-mini-instruct-x").build());
    assertThat(violation.nearest()).contains("phi-3.5-mini-instruct");

    Violation notTunable = only(tune("llama-3.1-8b-instruct").build());
    assertThat(notTunable.rule()).contains("V-83");
    assertThat(notTunable.allowed()).hasSize(13).contains("phi-4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "training_config: {QuantizationConfig: {load_in_4bit: true}} | ",
        "training_config: {QuantizationConfig: {load_in_4bit: true, load_in_8bit: true}} | V-114",
        "training_config: {LoraConfig: {r: 8}} | V-116",
        "training_config: {Extra: {}, QuantizationConfig: {load_in_8bit: true}} | V-112",
        "training_config: {QuantizationConfig: {load_in_4bit: 'yes'}} | V-113",
        "training_config: [] | V-111",
        "'a: [' | V-111",
        "training_config: {QuantizationConfig: {load_in_4bit: true}, TrainingArguments: {output_dir:"
            + " ../mnt2}} | V-118",
        "training_config: {QuantizationConfig: {load_in_4bit: true}, TrainingArguments: {output_dir:"
            + " /mnt}} | V-118",
        "training_config: {QuantizationConfig: {load_in_4bit: true}, TrainingArguments: {output_dir:"
            + " /mnt/results}} | ",
        "training_config: {QuantizationConfig: {load_in_4bit: true}, TrainingArguments: {output_dir:"
            + " 7}} | V-117",
      })
  void trainingSettingsAreChecked(String config, @Nullable String rule) {
    List<Violation> errors =
        Violations.errors(
            validator.validateCreate(
                tune("phi-4").build(), PlanInputs.builder().trainingConfig(config).build()));

    if (rule == null) {
      assertThat(errors).as(Violations.report(errors)).isEmpty();
    } else {
      assertThat(errors).isNotEmpty();
      assertThat(errors.get(0).rule()).contains(rule);
      assertThat(errors).allSatisfy(error -> assertThat(error.path()).isEqualTo("tuning.config"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'vllm: {max-model-len: 4096}', true",
    "'vllm: {max_model_len: 4096}', true",
    "'vllm: {max-model-len: 4097}', false",
    "'vllm: {max-model-len: many}', false",
    "'vllm: {max-model-len: 1e999999999}', false",
    "'vllm: {gpu-memory-utilization: 1.5}', false",
    "'vllm: [a]', false",
    "'vllm: {a: {b: c}}', false",
    "'[', false",
    "'', true",
  })
  void serverSettingsAreChecked(String config, boolean fine) {
    List<Violation> errors =
        Violations.errors(
            validator.validateCreate(
                serve("phi-3-mini-4k-instruct", "Standard_NC24ads_A100_v4").build(),
                PlanInputs.builder().inferenceConfig(config).build()));

    assertThat(errors.isEmpty()).as(Violations.report(errors)).isEqualTo(fine);
  }

  @Test
  void updatesAreNotHeldToWhatWasWrongBefore() {
    Workspace before = serve("gone-from-the-catalogue", "Standard_NC6s_v3").build();
    Workspace after =
        before.toBuilder()
            .resource(before.resource().toBuilder().addPreferredNodes("gpu-a").build())
            .build();

    assertThat(Violations.errors(validator.validateCreate(before))).isNotEmpty();
    assertThat(Violations.errors(validator.validateUpdate(before, after))).isEmpty();
  }

  @Test
  void metadataStatusAndDeletionAreNeverRefused() {
    Workspace before = serve("gone-from-the-catalogue", "Standard_NC6_v3").build();
    Workspace labelled =
        before.withMetadata(
            new V1ObjectMeta().name("w").putAnnotationsItem("kaito.sh/runtime", "nope"));

    assertThat(Violations.errors(validator.validateUpdate(before, labelled))).isEmpty();
  }

  @Test
  void positionsComeFromTheText() {
    Workspace workspace =
        Workspaces.read(
            """
            apiVersion: kaito.sh/v1beta1
            kind: Workspace
            metadata: {name: w}
            resource:
              instanceType: Standard_NC24_A100
              labelSelector: {matchLabels: {apps: x}}
            inference:
              preset: {name: phi-4}
            """);

    assertThat(only(workspace).toString())
        .startsWith("<text>:5:17: resource.instanceType: \"Standard_NC24_A100\" is not");
  }

  @Test
  void veryLongNamesAreAnsweredAtOnceAndShort() {
    Violation violation = only(serve("x".repeat(10_000), "Standard_NC6s_v3").build());

    assertThat(violation.message()).hasSizeLessThan(200);
    assertThat(violation.nearest()).isEmpty();
  }
}

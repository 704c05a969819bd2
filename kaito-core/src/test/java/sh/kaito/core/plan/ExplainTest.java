package sh.kaito.core.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;

/**
 * What people read before they spend money. Each folder of {@code src/test/resources/plan} holds a
 * workspace and the text that explains its plan; read the texts aloud when you change them. Run
 * with {@code -Dkaito.golden=write} to write them anew.
 */
class ExplainTest {
  private static final Path FOLDER = Path.of("src/test/resources/plan");

  private static final String[] NAMES = {
    "phi-3-on-v100",
    "phi-3-on-a100",
    "phi-3-adapters",
    "llama-70b-two-nodes",
    "llama-8b-on-a10",
    "phi-4-mini-copies",
    "llama-2-70b-private",
    "own-template",
    "tuning-qlora-on-v100",
    "tuning-lora-on-a100",
    "v1alpha1-without-instance-type",
    "transformers-by-annotation",
    "priced",
    "old-manifest",
    "byo",
    "byo-mig",
    "refused",
  };

  static Stream<String> names() {
    return Stream.of(NAMES);
  }

  private static PlanOutcome outcome(String name) {
    Workspace workspace = Workspaces.read(FOLDER.resolve(name + ".yaml"));
    boolean byo = name.startsWith("byo");
    PlanInputs.Builder inputs = PlanInputs.builder();
    if (byo) {
      inputs.nodeLabels(
          Optional.of(
              List.of(
                  Map.of(
                      "nvidia.com/gpu.product", "NVIDIA-A100-SXM4-80GB",
                      "nvidia.com/gpu.count", "2",
                      "nvidia.com/gpu.memory", "81920"))));
    }
    Planner.Builder planner = Planner.builder().bringYourOwn(byo);
    if (name.equals("priced")) {
      // A made-up figure: real ones come from the cloud's price list.
      planner.prices(
          PriceSource.of(
              Map.of(
                  "Standard_NC48ads_A100_v4",
                  HourlyPrice.builder()
                      .amount(new BigDecimal("7.346"))
                      .currency("USD")
                      .region("westeurope")
                      .asOf(LocalDate.of(2026, 11, 1))
                      .build())));
    }
    return planner.build().plan(workspace, inputs.build());
  }

  @ParameterizedTest
  @MethodSource("names")
  void explains(String name) throws IOException {
    PlanOutcome outcome = outcome(name);

    String text = outcome instanceof Plan plan ? plan.explain() : outcome + "\n";
    Path golden = FOLDER.resolve(name + ".txt");
    if ("write".equals(System.getProperty("kaito.golden"))) {
      Files.writeString(golden, text);
      return;
    }
    if (!Files.exists(golden)) {
      fail("no golden file " + golden + "; write it with -Dkaito.golden=write and read it");
    }
    assertThat(text).isEqualTo(Files.readString(golden));
    assertThat(text.lines().map(String::length).max(Integer::compare).orElse(0))
        .as("longest line, so that it can be read in a terminal")
        .isLessThanOrEqualTo(outcome instanceof Plan ? 110 : 500);
  }

  @Test
  void jsonIsAsTheSchemaSays() throws IOException {
    PublishedSchema schema = PublishedSchema.read("plan.schema.json");
    List<String> plans = new ArrayList<>();
    for (String name : NAMES) {
      if (outcome(name) instanceof Plan plan) {
        assertThat(schema.problems(plan.toJson())).as("JSON of the plan %s", name).isEmpty();
        plans.add(plan.toJson());
      }
    }
    assertThat(schema.unused(plans)).as("described fields that no plan has").isEmpty();
  }
}

package sh.kaito.core.engine;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanInputs;

/**
 * What was resolved for a workload when it was made: runtime, image, number of nodes. It stands in
 * the workload's annotation {@code java.kaito.sh/pinned}, so that another release of the library,
 * which might choose otherwise, restarts no model and buys or deletes no node.
 */
final class Pins {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Pins() {}

  static String write(Plan plan) {
    return object(
            "v",
            1,
            "runtime",
            plan.runtime().map(choice -> choice.runtime().wireName()),
            "image",
            plan.image(),
            "nodes",
            plan.nodes().count())
        .toString();
  }

  /** The choices to keep; none where the annotation is missing or not of this version. */
  static PlanInputs read(String annotation) {
    PlanInputs.Builder inputs = PlanInputs.builder();
    try {
      JsonNode pins = JSON.readTree(annotation);
      if (pins != null && pins.path("v").asInt() == 1) {
        ServingRuntime.ofWireName(pins.path("runtime").asText()).ifPresent(inputs::pinnedRuntime);
        if (pins.path("nodes").asInt() > 0) {
          inputs.pinnedNodeCount(pins.path("nodes").asInt());
        }
      }
    } catch (JsonProcessingException e) {
      return PlanInputs.none();
    }
    return inputs.build();
  }
}

package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanInputs;

/**
 * What was resolved for a workload when it was made. It stands in the workload's annotation {@code
 * java.kaito.sh/pinned}, so that another release of the library, which might choose otherwise,
 * restarts no model and buys or deletes no node.
 *
 * @param runtime empty for a template
 * @param image of the container that runs the model; empty for a template
 * @param nodes how many
 * @param revision {@link Manifests#RENDERING_REVISION} of the release that made it
 */
public record PinnedChoices(
    Optional<ServingRuntime> runtime, Optional<String> image, int nodes, int revision) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static PinnedChoices of(Plan plan) {
    return new PinnedChoices(
        plan.runtime().map(choice -> choice.runtime()),
        plan.image(),
        plan.nodes().count(),
        Manifests.RENDERING_REVISION);
  }

  /** The value of the annotation: one JSON object with {@code v} 1. */
  public String toJson() {
    return object(
            "v",
            1,
            "runtime",
            runtime.map(ServingRuntime::wireName),
            "image",
            image,
            "nodes",
            nodes,
            "rendering",
            revision)
        .toString();
  }

  /** Reads the annotation; empty where it is missing, not JSON, or of another version. */
  public static Optional<PinnedChoices> read(String annotation) {
    try {
      JsonNode pins = JSON.readTree(annotation);
      if (pins == null || pins.path("v").asInt() != 1) {
        return Optional.empty();
      }
      return Optional.of(
          new PinnedChoices(
              ServingRuntime.ofWireName(pins.path("runtime").asText()),
              Optional.of(pins.path("image").asText()).filter(text -> !text.isEmpty()),
              pins.path("nodes").asInt(),
              pins.path("rendering").asInt()));
    } catch (JsonProcessingException e) {
      // What cannot be read pins nothing: the plan is made afresh.
      return Optional.empty();
    }
  }

  /** Keeps the choices in a plan that is about to be made. */
  public void keepIn(PlanInputs.Builder inputs) {
    runtime.ifPresent(inputs::pinnedRuntime);
    image.ifPresent(inputs::pinnedImage);
    if (nodes > 0) {
      inputs.pinnedNodeCount(nodes);
    }
  }
}

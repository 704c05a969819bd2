package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.manifest.PinnedChoices;

/** Reads off a workload of the Go operator what was resolved when it was made. Pure. */
final class GoWorkload {
  private GoWorkload() {}

  /**
   * The choices, in the form of the annotation {@code java.kaito.sh/pinned}.
   *
   * @return empty for what runs no pods of a Workspace
   */
  static String pins(ResourceType type, JsonNode object) {
    JsonNode metadata = object.path("metadata");
    JsonNode containers = object.path("spec").path("template").path("spec").path("containers");
    if (!isOfWorkspace(metadata) || containers.isEmpty()) {
      return "";
    }
    JsonNode main = containers.path(0);
    for (JsonNode container : containers) {
      if (container.path("name").asText().equals(metadata.path("name").asText())) {
        main = container;
      }
    }
    String image = main.path("image").asText();
    // A Job has one pod however many nodes were asked for.
    int nodes = type.equals(ResourceType.JOBS) ? 0 : object.path("spec").path("replicas").asInt(1);
    return new PinnedChoices(
            runtime(image, main.path("command") + " " + main.path("args")),
            Optional.of(image).filter(text -> !text.isEmpty()),
            nodes,
            0)
        .toJson();
  }

  /** The base image serves all presets, by programs in these folders; older images serve one. */
  private static Optional<ServingRuntime> runtime(String image, String command) {
    String name = image.substring(image.lastIndexOf('/') + 1);
    if (command.contains("/workspace/vllm/")) {
      return Optional.of(ServingRuntime.VLLM);
    } else if (name.startsWith("kaito-base:")) {
      return Optional.of(ServingRuntime.TRANSFORMERS);
    }
    return name.startsWith("kaito-") ? Optional.of(ServingRuntime.LEGACY_IMAGE) : Optional.empty();
  }

  private static boolean isOfWorkspace(JsonNode metadata) {
    for (JsonNode owner : metadata.path("ownerReferences")) {
      if (owner.path("controller").asBoolean()
          && owner.path("kind").asText().equals("Workspace")
          && owner.path("apiVersion").asText().startsWith("kaito.sh/")) {
        return true;
      }
    }
    return false;
  }
}

package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.sim.Objects;

/** What lies in the volumes of a pod, as far as the simulation puts something there. */
final class PodFiles {
  private final Map<String, Map<String, byte[]>> volumes = new HashMap<>();

  /** A place in a volume. */
  private record Place(String volume, String path) {}

  /** Writes a file where a container sees it; nothing is kept where no volume is mounted. */
  void write(JsonNode container, String path, byte[] content) {
    Place place = place(container, path);
    if (place != null) {
      volumes.computeIfAbsent(place.volume(), name -> new TreeMap<>()).put(place.path(), content);
    }
  }

  /** A file as a container sees it. */
  Optional<byte[]> read(JsonNode container, String path) {
    Place place = place(container, path);
    return place == null
        ? Optional.empty()
        : Optional.ofNullable(volumes.getOrDefault(place.volume(), Map.of()).get(place.path()));
  }

  private static @Nullable Place place(JsonNode container, String path) {
    JsonNode mount = mount(container, path);
    if (mount == null) {
      return null;
    }
    String rest = path.substring(Objects.text(mount, "mountPath").length());
    return new Place(Objects.text(mount, "name"), rest.startsWith("/") ? rest.substring(1) : rest);
  }

  /** The mount that a path of a container lies in: the deepest. */
  static @Nullable JsonNode mount(JsonNode container, String path) {
    JsonNode deepest = null;
    for (JsonNode mount : container.path("volumeMounts")) {
      String at = Objects.text(mount, "mountPath");
      boolean within = path.equals(at) || path.startsWith(at.endsWith("/") ? at : at + "/");
      if (within
          && (deepest == null || at.length() > Objects.text(deepest, "mountPath").length())) {
        deepest = mount;
      }
    }
    return deepest;
  }
}

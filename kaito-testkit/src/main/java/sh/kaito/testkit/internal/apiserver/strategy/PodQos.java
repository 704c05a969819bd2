package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** The quality of service class of a pod, from the requests and limits of its containers. */
final class PodQos {
  private PodQos() {}

  static String of(Map<String, Object> pod) {
    List<Object> containers = new ArrayList<>();
    addAll(containers, Json.list(pod, "spec", "containers"));
    addAll(containers, Json.list(pod, "spec", "initContainers"));
    boolean any = false;
    boolean guaranteed = true;
    for (Object container : containers) {
      for (String resource : List.of("cpu", "memory")) {
        Object request = Json.get(container, "resources", "requests", resource);
        Object limit = Json.get(container, "resources", "limits", resource);
        any |= request != null || limit != null;
        guaranteed &= limit != null && (request == null || Objects.equals(request, limit));
      }
    }
    return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
  }

  private static void addAll(List<Object> target, @Nullable List<Object> source) {
    if (source != null) {
      target.addAll(source);
    }
  }
}

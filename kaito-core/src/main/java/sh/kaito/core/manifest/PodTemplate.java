package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import sh.kaito.api.provision.NodeConstraints;

/** The pod of a workload in the making. */
final class PodTemplate {
  private final List<Container> initContainers = new ArrayList<>();
  private final List<Container> containers = new ArrayList<>();
  private final ArrayNode volumes = array();
  private final Set<String> pullSecrets = new LinkedHashSet<>();
  private final Map<String, String> labels = new TreeMap<>();
  private final Map<String, String> annotations = new TreeMap<>();

  PodTemplate label(String key, String value) {
    labels.put(key, value);
    return this;
  }

  PodTemplate annotation(String key, String value) {
    annotations.put(key, value);
    return this;
  }

  PodTemplate initContainer(Container container) {
    initContainers.add(container);
    return this;
  }

  PodTemplate container(Container container) {
    containers.add(container);
    return this;
  }

  /** Whether a container of that name is already there. */
  boolean hasContainer(String name) {
    return initContainers.stream().anyMatch(container -> container.name().equals(name))
        || containers.stream().anyMatch(container -> container.name().equals(name));
  }

  PodTemplate pullSecrets(List<String> secrets) {
    pullSecrets.addAll(secrets);
    return this;
  }

  PodTemplate volume(String name, String source, JsonNode content) {
    volumes.add(object("name", name, source, content));
    return this;
  }

  /** A volume of the user: any source, under a name of ours. */
  PodTemplate volume(String name, ObjectNode userVolume) {
    ObjectNode volume = object("name", name);
    userVolume
        .properties()
        .forEach(
            field -> {
              if (!field.getKey().equals("name")) {
                volume.set(field.getKey(), field.getValue());
              }
            });
    volumes.add(volume);
    return this;
  }

  PodTemplate emptyDir(String name) {
    return volume(name, "emptyDir", object());
  }

  /** Shared memory between processes; the container runtime's own has 64 MiB. */
  PodTemplate sharedMemory(Container container) {
    container.mount("dshm", "/dev/shm");
    return volume("dshm", "emptyDir", object("medium", "Memory"));
  }

  /** The docker configs of pull Secrets as files {@code SECRET.json}. */
  PodTemplate dockerConfigs(String name, List<String> secrets) {
    ArrayNode sources = array();
    secrets.forEach(
        secret ->
            sources.add(
                object(
                    "secret",
                    object(
                        "name",
                        secret,
                        "items",
                        array(object("key", ".dockerconfigjson", "path", secret + ".json"))))));
    return volume(name, "projected", object("sources", sources));
  }

  /**
   * The template.
   *
   * @param restartPolicy empty for the default
   * @param gpuResource node resource of the GPUs, whose taint is tolerated
   */
  ObjectNode toJson(
      Optional<String> restartPolicy, String gpuResource, NodeConstraints constraints) {
    ArrayNode init = array();
    initContainers.forEach(container -> init.add(container.toJson()));
    ArrayNode main = array();
    containers.forEach(container -> main.add(container.toJson()));
    ArrayNode secrets = array();
    pullSecrets.forEach(secret -> secrets.add(object("name", secret)));
    return object(
        "metadata",
        object(
            "labels",
            labels,
            "annotations",
            annotations.isEmpty() ? Optional.empty() : Optional.of(annotations)),
        "spec",
        object(
            "affinity",
            Placement.nodeAffinity(constraints.labels()),
            "tolerations",
            Placement.tolerations(gpuResource, constraints.taints()),
            "imagePullSecrets",
            filled(secrets),
            "initContainers",
            filled(init),
            "containers",
            main,
            "volumes",
            filled(volumes),
            "restartPolicy",
            restartPolicy,
            // A Service called vllm would set VLLM_PORT, and the server would fail on its value.
            "enableServiceLinks",
            false,
            // No program here talks to the API server.
            "automountServiceAccountToken",
            false));
  }

  private static Optional<JsonNode> filled(ArrayNode list) {
    return list.isEmpty() ? Optional.empty() : Optional.of(list);
  }
}

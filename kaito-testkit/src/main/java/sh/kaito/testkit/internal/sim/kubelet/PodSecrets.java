package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.sim.Objects;
import sh.kaito.testkit.internal.sim.SimCluster;

/** Reads what a kubelet mounts or uses for a pod: keys of Secrets and ConfigMaps, from the API. */
final class PodSecrets {
  private static final String DOCKER_KEY = ".dockerconfigjson";

  private final SimCluster cluster;

  PodSecrets(SimCluster cluster) {
    this.cluster = cluster;
  }

  /** Credentials of the pod's pull secrets for a registry; empty: none. */
  CompletionStage<String> pullCredentials(JsonNode pod, String registry) {
    CompletionStage<String> found = CompletableFuture.completedFuture("");
    for (JsonNode reference : pod.path("spec").path("imagePullSecrets")) {
      String name = Objects.text(reference, "name");
      found =
          found.thenCompose(
              before ->
                  before.isEmpty()
                      ? key(pod, "secrets", name, DOCKER_KEY)
                          .thenApply(
                              file ->
                                  file.flatMap(f -> DockerConfig.credentials(f, registry))
                                      .orElse(""))
                      : CompletableFuture.completedFuture(before));
    }
    return found;
  }

  /** Credentials for a registry in the files that a container finds in a directory. */
  CompletionStage<List<String>> mountedCredentials(
      JsonNode pod, JsonNode container, String directory, String registry) {
    JsonNode mount = PodFiles.mount(container, directory);
    CompletionStage<List<String>> found = CompletableFuture.completedFuture(new ArrayList<>());
    JsonNode volume = mount == null ? null : volume(pod, Objects.text(mount, "name"));
    if (volume == null) {
      return found;
    }
    for (JsonNode source : volume.path("projected").path("sources")) {
      JsonNode secret = source.path("secret");
      for (JsonNode item : secret.path("items")) {
        String key = Objects.text(item, "key");
        found =
            found.thenCompose(
                list ->
                    key(pod, "secrets", Objects.text(secret, "name"), key)
                        .thenApply(
                            file -> {
                              // A file without this registry is tried as well, without name.
                              file.map(f -> DockerConfig.credentials(f, registry).orElse(""))
                                  .ifPresent(list::add);
                              return list;
                            }));
      }
    }
    return found;
  }

  /** A file of a ConfigMap that a container has mounted; empty when there is none. */
  CompletionStage<Optional<byte[]>> configFile(
      JsonNode pod, JsonNode container, String directory, String file) {
    JsonNode mount = PodFiles.mount(container, directory);
    JsonNode volume = mount == null ? null : volume(pod, Objects.text(mount, "name"));
    return volume == null
        ? CompletableFuture.completedFuture(Optional.empty())
        : key(pod, "configmaps", Objects.text(volume, "configMap", "name"), file);
  }

  private static @Nullable JsonNode volume(JsonNode pod, String name) {
    for (JsonNode volume : pod.path("spec").path("volumes")) {
      if (Objects.text(volume, "name").equals(name)) {
        return volume;
      }
    }
    return null;
  }

  private CompletionStage<Optional<byte[]>> key(
      JsonNode pod, String resource, String name, String key) {
    if (name.isEmpty()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    String path = "/api/v1/namespaces/" + Objects.namespace(pod) + "/" + resource + "/" + name;
    return cluster
        .read(KubeRequest.get(path).build())
        .thenApply(
            response -> {
              if (!response.isSuccess()) {
                return Optional.empty();
              }
              try {
                JsonNode data = Objects.MAPPER.readTree(response.body()).path("data");
                String text = Objects.text(data, key);
                return !data.has(key)
                    ? Optional.empty()
                    : Optional.of(
                        resource.equals("secrets")
                            ? Base64.getDecoder().decode(text)
                            : text.getBytes(StandardCharsets.UTF_8));
              } catch (IOException e) {
                throw new IllegalStateException("the API server answered what is no JSON", e);
              }
            });
  }
}

package sh.kaito.testkit.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceKey;

/** Objects of a story as the API server has them, read and written as a person would. */
public final class StoryObjects {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CORE = "/api/v1/namespaces/default/";

  private final Story story;

  public StoryObjects(Story story) {
    this.story = story;
  }

  public JsonNode get(String path) {
    return tree(ok(story.send(KubeRequest.get(path).build())));
  }

  public boolean exists(String path) {
    return story.send(KubeRequest.get(path).build()).isSuccess();
  }

  public void delete(String path) {
    ok(story.send(KubeRequest.delete(path).query("propagationPolicy", "Background").build()));
  }

  public void patch(String path, String json) {
    ok(story.send(KubeRequest.patch(path, PatchType.MERGE, bytes(json)).build()));
  }

  public void configMap(String name, String key, String text) {
    make("configmaps", name, "\"data\":{\"" + key + "\":" + JSON.valueToTree(text) + "}");
  }

  public void secret(String name, String key, String value) {
    make("secrets", name, "\"stringData\":{\"" + key + "\":" + JSON.valueToTree(value) + "}");
  }

  private void make(String resource, String name, String content) {
    String kind = resource.equals("secrets") ? "Secret" : "ConfigMap";
    String object =
        "{\"apiVersion\":\"v1\",\"kind\":\""
            + kind
            + "\",\"metadata\":{\"name\":\""
            + name
            + "\"},"
            + content
            + "}";
    ok(story.send(KubeRequest.post(CORE + resource, bytes(object)).build()));
  }

  /** Pods that hold GPUs, or will: not over, whether or not they are being deleted. */
  public List<JsonNode> pods(WorkspaceKey workspace) {
    List<JsonNode> pods = new ArrayList<>();
    for (JsonNode pod : get(CORE + "pods").path("items")) {
      String phase = pod.at("/status/phase").asText();
      if (pod.at("/metadata/labels").path("kaito.sh/workspace").asText().equals(workspace.name())
          && !phase.equals("Succeeded")
          && !phase.equals("Failed")) {
        pods.add(pod);
      }
    }
    return pods;
  }

  /** UIDs of {@link #pods}: others after a restart. */
  public List<String> podUids(WorkspaceKey workspace) {
    return pods(workspace).stream().map(pod -> pod.at("/metadata/uid").asText()).toList();
  }

  /** Lets time pass and returns the most pods that there were at one time, seen every 5 seconds. */
  public int mostPods(WorkspaceKey workspace, Duration time) {
    int most = 0;
    for (long passed = 0; passed < time.toSeconds(); passed += 5) {
      story.time.advance(Duration.ofSeconds(5));
      most = Math.max(most, pods(workspace).size());
    }
    return most;
  }

  private static KubeResponse ok(KubeResponse response) {
    assertThat(response.isSuccess()).as(response.bodyText()).isTrue();
    return response;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode tree(KubeResponse response) {
    try {
      return JSON.readTree(response.bodyText());
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + response.bodyText(), e);
    }
  }
}

package sh.kaito.testkit.internal.sim.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import sh.kaito.api.kube.KubeResponse;

/** Builds answers in the shapes of FastAPI (all images) and OpenAI (vLLM). */
final class Answers {
  static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Answers() {}

  static ObjectNode object() {
    return NODES.objectNode();
  }

  static ArrayNode array() {
    return NODES.arrayNode();
  }

  static KubeResponse json(int status, JsonNode body) {
    return of(status, "application/json", serialize(body));
  }

  static KubeResponse text(int status, String contentType, String body) {
    return of(status, contentType, body.getBytes(StandardCharsets.UTF_8));
  }

  static KubeResponse empty(int status) {
    return KubeResponse.of(status, Map.of(), new byte[0]);
  }

  private static KubeResponse of(int status, String contentType, byte[] body) {
    return KubeResponse.of(status, Map.of("Content-Type", List.of(contentType)), body);
  }

  static byte[] serialize(JsonNode body) {
    try {
      return MAPPER.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      // Strings are cleaned of lone surrogates on the way in, so a tree always has a text form.
      throw new IllegalStateException("a JSON tree without text form", e);
    }
  }

  /** FastAPI's HTTPException: {@code {"detail": "..."}}. */
  static KubeResponse detail(int status, String detail) {
    return json(status, object().put("detail", detail));
  }

  static KubeResponse notFound() {
    return detail(404, "Not Found");
  }

  static KubeResponse methodNotAllowed(String allow) {
    KubeResponse answer = detail(405, "Method Not Allowed");
    return KubeResponse.of(
        405,
        Map.of("Content-Type", List.of("application/json"), "Allow", List.of(allow)),
        answer.body());
  }

  /** OpenAI's error object as vLLM writes it. */
  static KubeResponse openAiError(int status, String type, String message, JsonNode param) {
    ObjectNode error = object().put("message", message).put("type", type);
    error.set("param", param);
    error.put("code", status);
    ObjectNode body = object();
    body.set("error", error);
    return json(status, body);
  }
}

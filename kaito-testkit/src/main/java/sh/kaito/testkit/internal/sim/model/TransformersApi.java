package sh.kaito.testkit.internal.sim.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;

/**
 * The transformers server of Kaito 0.12 (annotation {@code kaito.sh/runtime: transformers}): one
 * model, which answers under whatever name a request gives it.
 */
final class TransformersApi {
  private final String model;
  private final String merged;
  private final boolean healthy;

  /**
   * A server.
   *
   * @param merged what its texts call the model: with the adapters that are in it
   */
  TransformersApi(String model, String merged, boolean healthy) {
    this.model = model;
    this.merged = merged;
    this.healthy = healthy;
  }

  KubeResponse handle(KubeRequest request) {
    boolean get = request.method().equals("GET");
    return switch (request.path()) {
      case "/health" -> get ? health() : Answers.methodNotAllowed("GET");
      case "/metrics" ->
          get ? Answers.json(200, GpuMetrics.cpuOnly()) : Answers.methodNotAllowed("GET");
      case "/v1/models" -> get ? Answers.json(200, models()) : Answers.methodNotAllowed("GET");
      case "/v1/chat/completions", "/v1/responses" ->
          request.method().equals("POST")
              ? withRequestId(request, complete(request))
              : Answers.methodNotAllowed("POST");
      default -> Answers.notFound();
    };
  }

  private KubeResponse health() {
    return healthy
        ? Answers.json(200, Answers.object().put("status", "Healthy"))
        : Answers.detail(500, "Model not initialized");
  }

  private KubeResponse complete(KubeRequest request) {
    try {
      if (request.path().equals("/v1/responses")) {
        return respond(request.body());
      }
      ChatCompletions completion = ChatCompletions.chat(request.body());
      completion.model();
      return completion.answer(model, merged);
    } catch (InvalidBody e) {
      return e.fastApi();
    }
  }

  /** OpenAI's Responses: {@code input} is text or a list of messages. */
  private KubeResponse respond(byte[] raw) throws InvalidBody {
    RequestBody request = RequestBody.object(raw);
    if (!request.has("input")) {
      throw request.invalid("missing", "Field required", "input");
    }
    String question = "";
    if (request.isArrayAt("input")) {
      List<RequestBody> messages = request.optionalObjects("input");
      for (RequestBody message : messages == null ? List.<RequestBody>of() : messages) {
        question = message.string("content");
      }
    } else {
      question = request.string("input");
    }
    ObjectNode body =
        Answers.object()
            .put("id", Simulated.id("resp_", raw))
            .put("object", "response")
            .put("created_at", ChatCompletions.CREATED)
            .put("status", "completed")
            .put("model", model);
    ObjectNode message =
        body.putArray("output")
            .addObject()
            .put("type", "message")
            .put("id", Simulated.id("msg_", raw))
            .put("status", "completed")
            .put("role", "assistant");
    message
        .putArray("content")
        .addObject()
        .put("type", "output_text")
        .put("text", Simulated.answer(merged, question))
        .putArray("annotations");
    return Answers.json(200, body);
  }

  private ObjectNode models() {
    ObjectNode body = Answers.object().put("object", "list");
    ArrayNode data = body.putArray("data");
    data.addObject()
        .put("id", model)
        .put("object", "model")
        .put("created", ChatCompletions.CREATED)
        .put("owned_by", "kaito");
    return body;
  }

  /** The caller's id, or one made of the request. */
  private static KubeResponse withRequestId(KubeRequest request, KubeResponse answer) {
    String id =
        request
            .header("x-request-id")
            .filter(TransformersApi::isPlain)
            .orElseGet(() -> Simulated.id("", request.body()));
    Map<String, List<String>> headers = new LinkedHashMap<>(answer.headers());
    headers.put("x-request-id", List.of(id));
    return KubeResponse.of(answer.status(), headers, answer.body());
  }

  /** What may be sent back in a header: printable ASCII, not endless. */
  private static boolean isPlain(String value) {
    return !value.isEmpty()
        && value.length() <= 200
        && value.chars().allMatch(c -> c > ' ' && c < 127);
  }
}

package sh.kaito.testkit.internal.sim.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;

/** vLLM's OpenAI server as the base image of Kaito 0.12 starts it; adapters are further models. */
final class VllmApi {
  /** The vLLM of base image 0.5.0. */
  private static final String VERSION = "0.25.1";

  private static final int MAX_MODEL_LEN = 131072;

  private final String model;
  private final List<String> adapters;
  private final boolean healthy;
  private final AtomicLong answered = new AtomicLong();

  VllmApi(String model, List<String> adapters, boolean healthy) {
    this.model = model;
    this.adapters = adapters;
    this.healthy = healthy;
  }

  KubeResponse handle(KubeRequest request) {
    return switch (request.path()) {
      case "/health", "/ping" ->
          get(request) ? Answers.empty(healthy ? 200 : 503) : Answers.methodNotAllowed("GET");
      case "/version" ->
          get(request)
              ? Answers.json(200, Answers.object().put("version", VERSION))
              : Answers.methodNotAllowed("GET");
      case "/v1/models" ->
          get(request) ? Answers.json(200, models()) : Answers.methodNotAllowed("GET");
      case "/metrics" ->
          get(request)
              ? Answers.text(200, "text/plain; version=0.0.4; charset=utf-8", metrics())
              : Answers.methodNotAllowed("GET");
      case "/v1/chat/completions", "/v1/completions" ->
          request.method().equals("POST") ? complete(request) : Answers.methodNotAllowed("POST");
      default -> Answers.notFound();
    };
  }

  private static boolean get(KubeRequest request) {
    return request.method().equals("GET");
  }

  private KubeResponse complete(KubeRequest request) {
    String type = request.header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
    int parameters = type.indexOf(';');
    if (!(parameters < 0 ? type : type.substring(0, parameters))
        .strip()
        .equals("application/json")) {
      return Answers.openAiError(
          400,
          "BadRequestError",
          "Unsupported Media Type: Only 'application/json' is allowed",
          Answers.NODES.nullNode());
    }
    try {
      ChatCompletions completion =
          request.path().endsWith("/chat/completions")
              ? ChatCompletions.chat(request.body())
              : ChatCompletions.text(request.body());
      String named = completion.model();
      String speaker = named == null ? model : named;
      if (!speaker.equals(model) && !adapters.contains(speaker)) {
        return Answers.openAiError(
            404,
            "NotFoundError",
            "The model `" + speaker + "` does not exist.",
            Answers.NODES.textNode("model"));
      }
      KubeResponse answer = completion.answer(speaker);
      answered.incrementAndGet();
      return answer;
    } catch (InvalidBody e) {
      return e.openAi();
    }
  }

  private ObjectNode models() {
    ObjectNode body = Answers.object().put("object", "list");
    ArrayNode data = body.putArray("data");
    ObjectNode base = entry(data, model).put("root", model);
    base.putNull("parent");
    base.put("max_model_len", MAX_MODEL_LEN);
    for (String adapter : adapters) {
      ObjectNode lora =
          entry(data, adapter).put("root", "/mnt/adapter/" + adapter).put("parent", model);
      lora.putNull("max_model_len");
    }
    return body;
  }

  private static ObjectNode entry(ArrayNode data, String id) {
    return data.addObject()
        .put("id", id)
        .put("object", "model")
        .put("created", ChatCompletions.CREATED)
        .put("owned_by", "vllm");
  }

  private String metrics() {
    String labels = "{model_name=\"" + escaped(model) + "\",engine=\"0\"}";
    return """
        # HELP vllm:num_requests_running Number of requests in model execution batches.
        # TYPE vllm:num_requests_running gauge
        vllm:num_requests_running%1$s 0.0
        # HELP vllm:num_requests_waiting Number of requests waiting to be processed.
        # TYPE vllm:num_requests_waiting gauge
        vllm:num_requests_waiting%1$s 0.0
        # HELP vllm:request_success_total Count of successfully processed requests.
        # TYPE vllm:request_success_total counter
        vllm:request_success_total%1$s %2$d.0
        """
        .formatted(labels, answered.get());
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}

package sh.kaito.testkit.internal.sim.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;

/**
 * The llama-2 servers of Kaito 0.3. The chat images answer {@code POST /chat} with a list of
 * dialogues, the base images {@code POST /generate} with a list of prompts. {@code POST /shutdown}
 * of the originals is left out: a stub that anybody may stop helps no test.
 */
final class Llama2Api {
  private final String model;
  private final boolean chat;
  private final boolean healthy;

  Llama2Api(String model, boolean chat, boolean healthy) {
    this.model = model;
    this.chat = chat;
    this.healthy = healthy;
  }

  KubeResponse handle(KubeRequest request) {
    boolean get = request.method().equals("GET");
    String generate = chat ? "/chat" : "/generate";
    if (request.path().equals(generate)) {
      if (!request.method().equals("POST")) {
        return Answers.methodNotAllowed("POST");
      }
      try {
        return chat ? chat(request.body()) : complete(request.body());
      } catch (InvalidBody e) {
        return e.fastApi();
      }
    }
    return switch (request.path()) {
      // The original returns a Python tuple, which FastAPI renders as an array.
      case "/" ->
          get
              ? Answers.json(200, Answers.array().add("Server is running").add(200))
              : Answers.methodNotAllowed("GET");
      case "/healthz" -> get ? health() : Answers.methodNotAllowed("GET");
      case "/metrics" ->
          get ? Answers.json(200, GpuMetrics.noGpu()) : Answers.methodNotAllowed("GET");
      default -> Answers.notFound();
    };
  }

  private KubeResponse health() {
    return healthy
        ? Answers.json(200, Answers.object().put("status", "Healthy"))
        : Answers.detail(500, "Llama model not initialized");
  }

  private KubeResponse chat(byte[] body) throws InvalidBody {
    RequestBody request = RequestBody.object(body);
    RequestBody input = request.optionalObject("input_data");
    checkParameters(request);
    if (input == null) {
      return Answers.detail(400, "Input data is required");
    }
    List<RequestBody> dialogues = input.optionalElements("input_string");
    if (dialogues == null || dialogues.isEmpty()) {
      return Answers.detail(400, "Input string is required");
    }
    ArrayNode results = Answers.array();
    for (RequestBody dialogue : dialogues) {
      ArrayNode result = results.addArray();
      String last = "";
      for (RequestBody message : dialogue.elements()) {
        message.requireObject();
        String role = message.string("role");
        last = message.string("content");
        result.addObject().put("role", capitalised(role)).put("content", last);
      }
      result.addObject().put("role", "Assistant").put("content", Simulated.answer(model, last));
    }
    ObjectNode answer = Answers.object();
    answer.set("results", results);
    return Answers.json(200, answer);
  }

  private KubeResponse complete(byte[] body) throws InvalidBody {
    RequestBody request = RequestBody.object(body);
    checkParameters(request);
    if (!request.isArrayAt("prompts")) {
      return Answers.detail(400, "Prompts are required and should be an array");
    }
    List<RequestBody> prompts = request.optionalElements("prompts");
    if (prompts == null || prompts.isEmpty()) {
      return Answers.detail(400, "Prompts are required and should be an array");
    }
    ArrayNode results = Answers.array();
    for (RequestBody element : prompts) {
      String prompt = element.text();
      results.addObject().put("prompt", prompt).put("response", Simulated.answer(model, prompt));
    }
    ObjectNode answer = Answers.object();
    answer.set("results", results);
    return Answers.json(200, answer);
  }

  private static void checkParameters(RequestBody request) throws InvalidBody {
    @Nullable RequestBody parameters = request.optionalObject("parameters");
    if (parameters != null) {
      parameters.integer("max_gen_len", 0, 0, Integer.MAX_VALUE);
      parameters.checkNumber("temperature");
      parameters.checkNumber("top_p");
    }
  }

  private static String capitalised(String role) {
    return role.isEmpty()
        ? role
        : role.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + role.substring(1);
  }
}

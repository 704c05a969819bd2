package sh.kaito.testkit.internal.sim.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;

/**
 * The text-generation server inside the one-image-per-preset images of Kaito 0.3: falcon, mistral,
 * phi. FastAPI with {@code /}, {@code /healthz}, {@code /chat}, {@code /metrics}.
 */
final class LegacyTextApi {
  /** Default of {@code generate_kwargs.max_length}, prompt included. */
  private static final int MAX_LENGTH = 200;

  private static final List<String> NUMBERS =
      List.of("temperature", "top_p", "typical_p", "repetition_penalty");
  private static final List<String> INTEGERS =
      List.of("min_length", "num_beams", "top_k", "pad_token_id", "eos_token_id");

  private final String model;
  private final String pipeline;
  private final boolean healthy;

  LegacyTextApi(String model, String pipeline, boolean healthy) {
    this.model = model;
    this.pipeline = pipeline;
    this.healthy = healthy;
  }

  KubeResponse handle(KubeRequest request) {
    boolean get = request.method().equals("GET");
    return switch (request.path()) {
      case "/" ->
          get
              ? Answers.json(200, Answers.object().put("message", "Server is running"))
              : Answers.methodNotAllowed("GET");
      case "/healthz" -> get ? health() : Answers.methodNotAllowed("GET");
      case "/metrics" ->
          get ? Answers.json(200, GpuMetrics.cpuOnly()) : Answers.methodNotAllowed("GET");
      case "/chat" ->
          request.method().equals("POST") ? chat(request.body()) : Answers.methodNotAllowed("POST");
      default -> Answers.notFound();
    };
  }

  private KubeResponse health() {
    return healthy
        ? Answers.json(200, Answers.object().put("status", "Healthy"))
        : Answers.detail(500, "Model not initialized");
  }

  private KubeResponse chat(byte[] body) {
    try {
      RequestBody request = RequestBody.object(body);
      String prompt = request.optionalString("prompt");
      List<RequestBody> messages = request.optionalObjects("messages");
      if (messages != null) {
        for (RequestBody message : messages) {
          message.string("role");
          message.string("content");
        }
      }
      boolean fullText = request.bool("return_full_text", true);
      request.bool("clean_up_tokenization_spaces", false);
      String prefix = request.optionalString("prefix");
      request.optionalString("handle_long_generation");
      int maxLength = maxLength(request.optionalObject("generate_kwargs"));
      return switch (pipeline) {
        case "text-generation" -> generate(prompt, prefix, fullText, maxLength);
        case "conversational" -> converse(messages);
        default -> Answers.detail(400, "Invalid pipeline type");
      };
    } catch (InvalidBody e) {
      return e.fastApi();
    }
  }

  private static int maxLength(@Nullable RequestBody arguments) throws InvalidBody {
    if (arguments == null) {
      return MAX_LENGTH;
    }
    for (String field : NUMBERS) {
      arguments.checkNumber(field);
    }
    for (String field : INTEGERS) {
      arguments.integer(field, 0, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    arguments.bool("do_sample", true);
    arguments.bool("early_stopping", false);
    return arguments.integer("max_length", MAX_LENGTH, 0, Integer.MAX_VALUE);
  }

  private KubeResponse generate(
      @Nullable String prompt, @Nullable String prefix, boolean fullText, int maxLength) {
    if (prompt == null || prompt.isEmpty()) {
      return Answers.detail(400, "Text generation parameter prompt required");
    }
    String asked = prefix == null ? prompt : prefix + prompt;
    String answer =
        Simulated.limit(Simulated.answer(model, asked), maxLength - Simulated.tokens(asked));
    return Answers.json(
        200, Answers.object().put("Result", fullText ? asked + "\n" + answer : answer));
  }

  private KubeResponse converse(@Nullable List<RequestBody> messages) throws InvalidBody {
    if (messages == null || messages.isEmpty()) {
      return Answers.detail(400, "Conversational parameter messages required");
    }
    ObjectNode last =
        Answers.object()
            .put("role", "assistant")
            .put(
                "content",
                Simulated.answer(model, messages.get(messages.size() - 1).string("content")));
    return Answers.json(200, Answers.object().put("Result", last.toString()));
  }
}

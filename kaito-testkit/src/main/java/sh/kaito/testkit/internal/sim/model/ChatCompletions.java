package sh.kaito.testkit.internal.sim.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import sh.kaito.api.kube.KubeResponse;

/** The bodies of OpenAI's chat and text completions, whole or streamed as server-sent events. */
final class ChatCompletions {
  /** Seconds since 1970 in {@code created}: constant, so that equal requests get equal answers. */
  static final long CREATED = 1_700_000_000L;

  /** Choices that one request may ask for. */
  private static final int MAX_CHOICES = 128;

  private static final int MAX_TOKENS = 1 << 20;

  private final byte[] raw;
  private final RequestBody request;
  private final boolean chat;
  private final boolean stream;
  private final boolean streamUsage;
  private final int choices;
  private final int maxTokens;
  private final List<String> questions;

  private ChatCompletions(byte[] raw, RequestBody request, boolean chat) throws InvalidBody {
    this.raw = raw;
    this.request = request;
    this.chat = chat;
    this.stream = request.bool("stream", false);
    RequestBody options = request.optionalObject("stream_options");
    this.streamUsage = options != null && options.bool("include_usage", false);
    this.choices = request.integer("n", 1, 1, MAX_CHOICES);
    int tokens = request.integer("max_tokens", MAX_TOKENS, 1, Integer.MAX_VALUE);
    this.maxTokens = request.integer("max_completion_tokens", tokens, 1, Integer.MAX_VALUE);
    for (String number : List.of("temperature", "top_p", "presence_penalty", "frequency_penalty")) {
      request.checkNumber(number);
    }
    this.questions = chat ? List.of(lastMessage(request)) : prompts(request);
  }

  static ChatCompletions chat(byte[] body) throws InvalidBody {
    return new ChatCompletions(body, RequestBody.object(body), true);
  }

  static ChatCompletions text(byte[] body) throws InvalidBody {
    return new ChatCompletions(body, RequestBody.object(body), false);
  }

  /** The model that the request names; null when it names none. */
  @org.jspecify.annotations.Nullable
  String model() throws InvalidBody {
    return request.optionalString("model");
  }

  private static String lastMessage(RequestBody request) throws InvalidBody {
    List<RequestBody> messages = request.optionalObjects("messages");
    if (messages == null) {
      throw request.invalid("missing", "Field required", "messages");
    }
    if (messages.isEmpty()) {
      throw request.invalid("too_short", "List should have at least 1 item", "messages");
    }
    String last = "";
    for (RequestBody message : messages) {
      message.string("role");
      last = content(message);
    }
    return last;
  }

  /** A string, or parts of which the text ones count. */
  private static String content(RequestBody message) throws InvalidBody {
    if (!message.isArrayAt("content")) {
      String text = message.optionalString("content");
      return text == null ? "" : text;
    }
    StringBuilder text = new StringBuilder();
    List<RequestBody> parts = message.optionalObjects("content");
    for (RequestBody part : parts == null ? List.<RequestBody>of() : parts) {
      if (part.string("type").equals("text")) {
        text.append(text.length() == 0 ? "" : " ").append(part.string("text"));
      }
    }
    return text.toString();
  }

  private static List<String> prompts(RequestBody request) throws InvalidBody {
    if (!request.has("prompt")) {
      throw request.invalid("missing", "Field required", "prompt");
    }
    if (!request.isArrayAt("prompt")) {
      return List.of(request.string("prompt"));
    }
    List<RequestBody> elements = request.optionalElements("prompt");
    if (elements == null || elements.isEmpty()) {
      throw request.invalid("too_short", "List should have at least 1 item", "prompt");
    }
    if (elements.size() > MAX_CHOICES) {
      throw request.invalid("too_long", "List should have at most 128 items", "prompt");
    }
    List<String> result = new ArrayList<>();
    boolean tokens = false;
    for (RequestBody element : elements) {
      if (element.isText()) {
        result.add(element.text());
      } else {
        tokens = true;
      }
    }
    return tokens ? List.of("(" + elements.size() + " token ids)") : result;
  }

  /**
   * The answer.
   *
   * @param speaker the model or adapter that is said to answer
   */
  KubeResponse answer(String speaker) {
    return answer(speaker, speaker);
  }

  /**
   * The answer.
   *
   * @param mark what its texts call the speaker
   */
  KubeResponse answer(String speaker, String mark) {
    List<String> texts = new ArrayList<>();
    int asked = 0;
    int answered = 0;
    boolean cut = false;
    for (String question : questions) {
      asked += Simulated.tokens(question);
      String whole = Simulated.answer(mark, question);
      String text = Simulated.limit(whole, maxTokens);
      cut |= !text.equals(whole);
      for (int i = 0; i < choices; i++) {
        texts.add(text);
        answered += Simulated.tokens(text);
      }
    }
    ObjectNode usage =
        Answers.object()
            .put("prompt_tokens", asked)
            .put("completion_tokens", answered)
            .put("total_tokens", asked + answered);
    String finish = cut ? "length" : "stop";
    return stream ? streamed(speaker, texts, finish, usage) : whole(speaker, texts, finish, usage);
  }

  private ObjectNode envelope(String speaker, boolean chunk) {
    String object =
        chat ? (chunk ? "chat.completion.chunk" : "chat.completion") : "text_completion";
    return Answers.object()
        .put("id", Simulated.id(chat ? "chatcmpl-" : "cmpl-", raw))
        .put("object", object)
        .put("created", CREATED)
        .put("model", speaker);
  }

  private KubeResponse whole(String speaker, List<String> texts, String finish, ObjectNode usage) {
    ObjectNode body = envelope(speaker, false);
    ArrayNode list = body.putArray("choices");
    for (int i = 0; i < texts.size(); i++) {
      ObjectNode choice = list.addObject().put("index", i);
      if (chat) {
        choice.putObject("message").put("role", "assistant").put("content", texts.get(i));
      } else {
        choice.put("text", texts.get(i));
      }
      choice.putNull("logprobs");
      choice.put("finish_reason", finish);
    }
    body.set("usage", usage);
    return Answers.json(200, body);
  }

  private KubeResponse streamed(
      String speaker, List<String> texts, String finish, ObjectNode usage) {
    StringBuilder events = new StringBuilder();
    for (int i = 0; i < texts.size(); i++) {
      if (chat) {
        event(events, chunk(speaker, i, Answers.object().put("role", "assistant"), "", null));
      }
      String text = texts.get(i);
      int at = 0;
      while (at < text.length()) {
        int space = text.indexOf(' ', at);
        int end = space < 0 ? text.length() : space + 1;
        String word = text.substring(at, end);
        event(events, chunk(speaker, i, Answers.object().put("content", word), word, null));
        at = end;
      }
      event(events, chunk(speaker, i, Answers.object(), "", finish));
    }
    if (streamUsage) {
      ObjectNode last = envelope(speaker, true);
      last.putArray("choices");
      last.set("usage", usage);
      event(events, last);
    }
    events.append("data: [DONE]\n\n");
    return Answers.text(200, "text/event-stream; charset=utf-8", events.toString());
  }

  private ObjectNode chunk(
      String speaker,
      int index,
      ObjectNode delta,
      String text,
      @org.jspecify.annotations.Nullable String finish) {
    ObjectNode body = envelope(speaker, true);
    ObjectNode choice = body.putArray("choices").addObject().put("index", index);
    if (chat) {
      choice.set("delta", delta);
    } else {
      choice.put("text", text);
    }
    choice.putNull("logprobs");
    choice.put("finish_reason", finish);
    return body;
  }

  private static void event(StringBuilder events, JsonNode data) {
    events
        .append("data: ")
        .append(new String(Answers.serialize(data), StandardCharsets.UTF_8))
        .append("\n\n");
  }
}

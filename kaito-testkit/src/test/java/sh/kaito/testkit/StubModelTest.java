package sh.kaito.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.StubModel.Dialect;

class StubModelTest {
  private static final StubModel PHI = StubModel.legacyText("phi-3-mini-4k-instruct");
  private static final StubModel VLLM =
      StubModel.vllm("phi-4-mini-instruct").withAdapters(List.of("sql-adapter"));

  private static KubeResponse get(PodHandler model, String path) {
    return model.handle(KubeRequest.get(path).build());
  }

  private static KubeResponse post(PodHandler model, String path, String body) {
    return model.handle(KubeRequest.post(path, body.getBytes(UTF_8)).build());
  }

  private static JsonNode json(KubeResponse response) throws IOException {
    return new ObjectMapper().readTree(response.body());
  }

  @Test
  void legacyServerIsHealthyAndAnswersTheSeedsRequest() throws IOException {
    assertThat(get(PHI, "/").bodyText()).isEqualTo("{\"message\":\"Server is running\"}");
    assertThat(get(PHI, "/healthz").bodyText()).isEqualTo("{\"status\":\"Healthy\"}");

    KubeResponse answer = post(PHI, "/chat", "{\"prompt\":\"YOUR QUESTION HERE\"}");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(json(answer).get("Result").textValue())
        .as("return_full_text is true by default, so the prompt comes first")
        .isEqualTo(
            "YOUR QUESTION HERE\n"
                + "[simulated phi-3-mini-4k-instruct] You asked: YOUR QUESTION HERE");
  }

  @Test
  void legacyServerLeavesThePromptOutOnRequestAndCutsAtMaxLength() throws IOException {
    String request =
        "{\"prompt\":\"one two three four\",\"return_full_text\":false,"
            + "\"generate_kwargs\":{\"max_length\":9,\"top_k\":3}}";
    assertThat(json(post(PHI, "/chat", request)).get("Result").textValue())
        .isEqualTo("[simulated phi-3-mini-4k-instruct] You asked: one");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "no prompt              | {}                          | 400 | Text generation parameter prompt required",
        "empty prompt           | {\"prompt\":\"\"}           | 400 | Text generation parameter prompt required",
        "null prompt            | {\"prompt\":null}           | 400 | Text generation parameter prompt required",
        "number as prompt       | {\"prompt\":5}              | 422 | Input should be a valid string",
        "text as kwargs         | {\"prompt\":\"a\",\"generate_kwargs\":\"b\"} | 422 | Input should be a valid dictionary",
        "text as max_length     | {\"prompt\":\"a\",\"generate_kwargs\":{\"max_length\":\"b\"}} | 422 | Input should be a valid integer",
        "message without role   | {\"messages\":[{\"content\":\"a\"}]} | 422 | Field required",
        "array                  | []                          | 422 | valid dictionary or object",
        "no JSON                | prompt=a                    | 422 | JSON decode error",
        "two documents          | {\"prompt\":\"a\"}{}        | 422 | JSON decode error",
      })
  void legacyServerRefusesAsFastApiDoes(String name, String body, int status, String message) {
    KubeResponse answer = post(PHI, "/chat", body);
    assertThat(answer.status()).as(name).isEqualTo(status);
    assertThat(answer.bodyText()).contains("\"detail\"").contains(message);
  }

  @Test
  void validationErrorSaysWhere() {
    assertThat(post(PHI, "/chat", "{\"messages\":[{\"role\":\"user\"}]}").bodyText())
        .isEqualTo(
            "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"messages\",0,\"content\"],"
                + "\"msg\":\"Field required\"}]}");
  }

  @Test
  void legacyPipelineDecidesWhatIsRequired() {
    String messages = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    assertThat(post(PHI.withPipeline("conversational"), "/chat", messages).bodyText())
        .contains("You asked: Hi");
    assertThat(post(PHI.withPipeline("conversational"), "/chat", "{\"prompt\":\"a\"}").bodyText())
        .contains("Conversational parameter messages required");
    assertThat(post(PHI.withPipeline("summarization"), "/chat", "{\"prompt\":\"a\"}").bodyText())
        .contains("Invalid pipeline type");
  }

  @Test
  void llama2ServersHaveTheirOwnBodies() throws IOException {
    StubModel chat = StubModel.of(Dialect.LLAMA2_CHAT, "llama-2-7b-chat");
    JsonNode dialogue =
        json(post(
                chat,
                "/chat",
                "{\"input_data\":{\"input_string\":[[{\"role\":\"user\",\"content\":\"Hi\"}]]}}"))
            .at("/results/0");
    assertThat(dialogue.at("/0/role").textValue()).isEqualTo("User");
    assertThat(dialogue.at("/1/role").textValue()).isEqualTo("Assistant");
    assertThat(dialogue.at("/1/content").textValue())
        .isEqualTo("[simulated llama-2-7b-chat] You asked: Hi");
    assertThat(post(chat, "/chat", "{}").bodyText()).contains("Input data is required");
    assertThat(get(chat, "/").bodyText()).isEqualTo("[\"Server is running\",200]");

    StubModel base = StubModel.of(Dialect.LLAMA2_COMPLETION, "llama-2-7b");
    assertThat(json(post(base, "/generate", "{\"prompts\":[\"a\",\"b\"]}")).at("/results/1/prompt"))
        .hasToString("\"b\"");
    assertThat(post(base, "/generate", "{\"prompts\":\"a\"}").status()).isEqualTo(400);
    assertThat(post(base, "/chat", "{}").status()).as("base images have no /chat").isEqualTo(404);
  }

  @Test
  void vllmListsModelAndAdaptersAndAnswersForEach() throws IOException {
    assertThat(get(VLLM, "/health").status()).isEqualTo(200);
    assertThat(get(VLLM, "/health").body()).as("vLLM's health page is empty").isEmpty();
    assertThat(json(get(VLLM, "/v1/models")).at("/data").findValuesAsText("id"))
        .containsExactly("phi-4-mini-instruct", "sql-adapter");

    for (String name : List.of("phi-4-mini-instruct", "sql-adapter")) {
      JsonNode answer =
          json(
              post(
                  VLLM,
                  "/v1/chat/completions",
                  "{\"model\":\""
                      + name
                      + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"));
      assertThat(answer.at("/choices/0/message/content").textValue())
          .isEqualTo("[simulated " + name + "] You asked: Hi");
      assertThat(answer.at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
      assertThat(answer.at("/usage/total_tokens").intValue()).isPositive();
    }
  }

  @Test
  void vllmRefusesUnknownModelWithOpenAisError() throws IOException {
    KubeResponse answer = post(VLLM, "/v1/completions", "{\"model\":\"gpt-4\",\"prompt\":\"a\"}");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(json(answer).at("/error/type").textValue()).isEqualTo("NotFoundError");
    assertThat(json(answer).at("/error/message").textValue()).contains("gpt-4");
  }

  @Test
  void vllmStreamsWordByWordAndEndsWithDone() throws IOException {
    KubeResponse answer =
        post(
            VLLM,
            "/v1/chat/completions",
            "{\"stream\":true,\"stream_options\":{\"include_usage\":true},"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"Hi there\"}]}");
    assertThat(answer.header("Content-Type").orElseThrow()).startsWith("text/event-stream");
    StringBuilder text = new StringBuilder();
    List<String> events = new ArrayList<>(List.of(answer.bodyText().split("\n\n")));
    assertThat(events.remove(events.size() - 1)).isEqualTo("data: [DONE]");
    JsonNode last = new ObjectMapper().readTree(events.remove(events.size() - 1).substring(6));
    assertThat(last.at("/usage/completion_tokens").intValue()).isEqualTo(6);
    for (String event : events) {
      JsonNode chunk = new ObjectMapper().readTree(event.substring("data: ".length()));
      assertThat(chunk.get("object").textValue()).isEqualTo("chat.completion.chunk");
      text.append(chunk.at("/choices/0/delta/content").asText());
    }
    assertThat(text).hasToString("[simulated phi-4-mini-instruct] You asked: Hi there");
  }

  @Test
  void vllmCutsAtMaxTokensAndSaysSo() throws IOException {
    JsonNode answer =
        json(post(VLLM, "/v1/completions", "{\"prompt\":\"a b c d\",\"max_tokens\":3}"));
    assertThat(answer.at("/choices/0/finish_reason").textValue()).isEqualTo("length");
    assertThat(answer.at("/choices/0/text").textValue())
        .isEqualTo("[simulated phi-4-mini-instruct] You");
  }

  @Test
  void transformersServesOneModelUnderAnyName() throws IOException {
    StubModel model = StubModel.transformers("falcon-7b-instruct");
    KubeResponse answer =
        model.handle(
            KubeRequest.post(
                    "/v1/chat/completions",
                    "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
                        .getBytes(UTF_8))
                .header("x-request-id", "mine")
                .build());
    assertThat(json(answer).at("/choices/0/message/content").textValue())
        .isEqualTo("[simulated falcon-7b-instruct] You asked: Hi");
    assertThat(answer.header("x-request-id")).contains("mine");
    assertThat(
            json(post(model, "/v1/responses", "{\"input\":\"Hi\"}")).at("/output/0/content/0/text"))
        .hasToString("\"[simulated falcon-7b-instruct] You asked: Hi\"");
    assertThat(get(model, "/healthz").status()).isEqualTo(404);
  }

  @Test
  void unhealthyStubFailsItsProbe() {
    assertThat(get(PHI.unhealthy(), "/healthz").status()).isEqualTo(500);
    assertThat(get(VLLM.unhealthy(), "/health").status()).isEqualTo(503);
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void unknownPathAndWrongMethodAreAnswers(Dialect dialect) {
    StubModel model = StubModel.of(dialect, "m");
    assertThat(get(model, "/etc/passwd").status()).isEqualTo(404);
    assertThat(post(model, "/metrics", "{}").status()).isEqualTo(405);
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void hostileBodiesGetAnErrorAnswer(Dialect dialect) {
    String deep = "[".repeat(100_000);
    List<String> bodies =
        List.of(
            "",
            "null",
            "\"\"",
            deep,
            "{\"prompt\":" + deep,
            "{\"prompt\":\"\\ud83d\",\"prompts\":[\"\\ud83d\"]}",
            "{\"messages\":[{\"role\":\"\\udc00\",\"content\":\"\\udc00\"}]}",
            "{\"prompt\":\"a\",\"n\":1e999999999}",
            "{\"prompt\":\"a\",\"max_tokens\":" + "9".repeat(5000) + "}",
            "{\"messages\":{},\"input_data\":[],\"prompts\":{}}",
            "{\"prompt\":\"" + "x".repeat(5 << 20) + "\"}");
    StubModel model = StubModel.of(dialect, "m");
    for (String path :
        List.of("/chat", "/generate", "/v1/chat/completions", "/v1/completions", "/v1/responses")) {
      for (String body : bodies) {
        KubeResponse answer = post(model, path, body);
        assertThat(answer.status()).isBetween(200, 499);
        assertThat(answer.bodyText()).doesNotContain("Exception").doesNotContain("\tat ");
      }
    }
  }

  @Property(tries = 300)
  void anyBytesAreAnswered(@ForAll @Size(max = 60) byte[] body) {
    for (Dialect dialect : Dialect.values()) {
      StubModel model = StubModel.of(dialect, "m");
      for (String path : List.of("/chat", "/generate", "/v1/chat/completions")) {
        KubeRequest request = KubeRequest.post(path, body).build();
        KubeResponse answer = model.handle(request);
        assertThat(answer.status()).isBetween(200, 499);
        assertThat(model.handle(request).body()).isEqualTo(answer.body());
      }
    }
  }
}

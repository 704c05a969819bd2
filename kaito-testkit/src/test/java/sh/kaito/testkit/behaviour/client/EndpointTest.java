package sh.kaito.testkit.behaviour.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.client.WorkspaceException;
import sh.kaito.core.client.WorkspaceException.Kind;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;

/** Who answered, the API server or the model server, and what that means to a caller. */
@KaitoCluster
class EndpointTest {
  private static final WorkspaceKey KEY = WorkspaceKey.of("phi");
  private static final String NO_ROUTE = "{\"detail\":\"Not Found\"}";
  private static final String MODELS = "{\"data\":[{\"id\":\"phi\"}]}";

  @Test
  void withoutWorkspaceThereIsNoServiceAndUntilItIsReadyNoPod() {
    try (Story story = Story.without(settings -> settings)) {
      WorkspaceException absent = chat(story, story.key("workspace-phi-3-mini"));
      assertThat(absent.kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(absent)
          .hasMessageContaining("no Service " + story.key("workspace-phi-3-mini"))
          .hasMessageContaining("services \"workspace-phi-3-mini\" not found");

      create(
          story,
          "services",
          """
          {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "phi"},
           "spec": {"selector": {"app": "phi"}, "ports": [{"port": 80, "targetPort": 5000}]}}
          """);
      assertThat(chat(story, story.key("phi")))
          .as("a Service without any pod, which the API server does not tell from none")
          .hasMessageContaining("or no pod of it exists yet");
      create(
          story,
          "pods",
          """
          {"apiVersion": "v1", "kind": "Pod",
           "metadata": {"name": "phi-0", "labels": {"app": "phi"}},
           "spec": {"containers": [{"name": "model", "image": "example.com/phi:1"}]}}
          """);
      WorkspaceException starting = chat(story, story.key("phi"));
      assertThat(starting.kind()).as(starting.getMessage()).isEqualTo(Kind.UNREACHABLE);
      assertThat(starting)
          .hasMessageContaining("no ready pod behind the Service " + story.key("phi") + " yet");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404, NOT_FOUND, is the workspace applied?",
    "403, FORBIDDEN, get and create on services/proxy",
    "503, UNREACHABLE, no ready pod behind the Service default/phi yet",
    "500, UNREACHABLE, the API server answered 500"
  })
  void aStatusObjectIsTheApiServers(int status, Kind kind, String text) {
    String body =
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"message\":\"its own words\",\"code\":"
            + status
            + "}";
    WorkspaceException refused = chat(status, body, 500, "");
    assertThat(refused.kind()).isEqualTo(kind);
    assertThat(refused).hasMessageContaining(text).hasMessageContaining("its own words");
    assertThat(chat(404, NO_ROUTE, status, body).kind())
        .as("to the question itself")
        .isEqualTo(kind);
  }

  @Test
  void aProxyThatCannotConnectSaysSoInPlainText() {
    WorkspaceException refused =
        chat(502, "error trying to reach service: dial tcp 10.0.0.7:5000: refused", 500, "");
    assertThat(refused.kind()).isEqualTo(Kind.UNREACHABLE);
    assertThat(refused).hasMessageContaining("dial tcp 10.0.0.7:5000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | {\"detail\":\"Not Found\"} | {\"results\":[]}                          | Result",
        "404 | {\"detail\":\"Not Found\"} | {\"Result\":null}                         | Result",
        "200 | {\"data\":[{\"id\":\"phi\"}]} | {\"choices\":[]}                       | content",
        "200 | {\"data\":[{\"id\":\"phi\"}]} | {\"choices\":[{\"message\":{\"content\":null}}]}"
            + " | content",
        "200 | {\"data\":[]}              | {}                                        | data[0].id",
        "500 | {\"detail\":\"broken\"}    | {}                                        | broken"
      })
  void anAnswerWithoutTextIsAnErrorOfTheModelServer(
      int modelsStatus, String models, String answer, String said) {
    WorkspaceException refused = chat(modelsStatus, models, 200, answer);
    assertThat(refused.kind()).isEqualTo(Kind.MODEL_SERVER);
    assertThat(refused).hasMessageContaining(said);
  }

  @Test
  void textIsTheAnswerInEitherDialect() {
    assertThat(client(404, NO_ROUTE, 200, "{\"Result\":\"hello\"}").endpoint(KEY).chat("hi"))
        .isEqualTo("hello");
    String completion = "{\"choices\":[{\"message\":{\"content\":\"hello\"}}]}";
    assertThat(client(200, MODELS, 200, completion).endpoint(KEY).chat("hi")).isEqualTo("hello");
  }

  private static void create(Story story, String plural, String json) {
    KubeRequest request =
        KubeRequest.post(
                "/api/v1/namespaces/default/" + plural, json.getBytes(StandardCharsets.UTF_8))
            .build();
    KubeResponse created = story.send(request);
    assertThat(created.status()).as(created.bodyText()).isEqualTo(201);
  }

  private static WorkspaceClient client(
      int modelsStatus, String models, int answerStatus, String answer) {
    return WorkspaceClient.create(
        new FakeTransport(
            request ->
                request.path().endsWith("/v1/models")
                    ? FakeTransport.answer(modelsStatus, models)
                    : FakeTransport.answer(answerStatus, answer)));
  }

  private static WorkspaceException chat(
      int modelsStatus, String models, int answerStatus, String answer) {
    try (WorkspaceClient kaito = client(modelsStatus, models, answerStatus, answer)) {
      return catchThrowableOfType(WorkspaceException.class, () -> kaito.endpoint(KEY).chat("hi"));
    }
  }

  private static WorkspaceException chat(Story story, WorkspaceKey key) {
    return (WorkspaceException)
        Story.causeOf(() -> story.await(story.kaito.endpoint(key).chatAsync("hi")));
  }
}

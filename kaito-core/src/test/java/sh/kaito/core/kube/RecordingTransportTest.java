package sh.kaito.core.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.core.internal.kube.ScriptedTransport.json;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeTransportException.Effect;
import sh.kaito.api.kube.PatchType;
import sh.kaito.core.internal.kube.ScriptedTransport;

class RecordingTransportTest {
  private static final String SECRETS = "/api/v1/namespaces/ns/secrets";

  private static byte[] bytes(String json) {
    return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  private static RecordingTransport recorded(KubeRequest request, int status, String answer) {
    RecordingTransport recording =
        RecordingTransport.of(ScriptedTransport.answering(json(status, answer)));
    assertThat(recording.exchange(request)).succeedsWithin(Duration.ZERO);
    return recording;
  }

  @Test
  void keepsRequestsAndAnswersInOrder() {
    ScriptedTransport server =
        ScriptedTransport.answering(json(200, "{'a':1}"), json(409, "{'reason':'Conflict'}"));
    RecordingTransport recording = RecordingTransport.of(server);
    assertThat(recording.exchange(KubeRequest.get("/api/v1/nodes/n").build()))
        .succeedsWithin(Duration.ZERO);
    recording.watch(KubeRequest.get("/api/v1/pods?watch=true").build(), new RecordingListener());
    assertThat(
            recording.exchange(
                KubeRequest.patch("/api/v1/nodes/n", PatchType.MERGE, bytes("{'b':2}"))
                    .query("fieldManager", "m")
                    .header("Authorization", "Bearer hunter2")
                    .build()))
        .succeedsWithin(Duration.ZERO);
    server.listeners.get(0).onEvent(bytes("{}"));
    server.listeners.get(0).onEvent(bytes("{}"));

    assertThat(recording.text().lines())
        .containsExactly(
            "GET /api/v1/nodes/n -> 200",
            "GET /api/v1/pods?watch=true -> 2 events",
            "PATCH /api/v1/nodes/n?fieldManager=m -> 409");
    RecordedExchange patch = recording.exchanges().get(2);
    assertThat(patch.requestBody()).isEqualTo("{\"b\":2}");
    assertThat(patch.responseBody()).isEqualTo("{\"reason\":\"Conflict\"}");
    assertThat(patch.status()).hasValue(409);
    assertThat(patch.info().verb()).isEqualTo("patch");

    server.listeners.get(0).onEnd(new KubeTransportException(Effect.UNKNOWN, "reset", null));
    assertThat(recording.exchanges().get(1).failure().orElse("")).contains("reset");
    recording.clear();
    assertThat(recording.exchanges()).isEmpty();
  }

  @Test
  void failuresAreRecordedAndTheOldestMakeRoom() {
    RecordingTransport recording =
        RecordingTransport.of(
            new ScriptedTransport(
                request ->
                    CompletableFuture.failedFuture(
                        new KubeTransportException(Effect.NONE, "refused", null))),
            2);
    for (int i = 0; i < 3; i++) {
      assertThat(recording.exchange(KubeRequest.get("/api/v1/nodes/n" + i).build()))
          .failsWithin(Duration.ZERO);
    }
    assertThat(recording.exchanges())
        .extracting(RecordedExchange::pathAndQuery)
        .containsExactly("/api/v1/nodes/n1", "/api/v1/nodes/n2");
    assertThat(recording.exchanges().get(0).failure().orElse("")).endsWith(": refused");
  }

  @Test
  void secretsAreRedactedOnTheWayThereAndBack() {
    RecordingTransport recording =
        recorded(
            KubeRequest.post(
                    SECRETS,
                    bytes(
                        "{'kind':'Secret','metadata':{'name':'s','annotations':{"
                            + "'kubectl.kubernetes.io/last-applied-configuration':'hunter2'}},"
                            + "'stringData':{'key':'hunter2'}}"))
                .build(),
            201,
            "{'kind':'Secret','metadata':{'name':'s','uid':'u'},'data':{'key':'hunter2'}}");
    RecordedExchange exchange = recording.exchanges().get(0);
    assertThat(exchange.requestBody() + exchange.responseBody()).doesNotContain("hunter2");
    assertThat(exchange.requestBody()).contains("\"stringData\":{\"key\":\"<redacted>\"}");
    assertThat(exchange.responseBody())
        .isEqualTo(
            "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"uid\":\"u\"},"
                + "\"data\":{\"key\":\"<redacted>\"}}");
  }

  @Test
  void secretsAreRedactedInListsPatchesAndUnreadableBodies() {
    RecordingTransport list =
        recorded(
            KubeRequest.get(SECRETS).build(),
            200,
            "{'kind':'SecretList','items':[{'metadata':{'name':'s'},'data':{'k':'hunter2'}}]}");
    assertThat(list.exchanges().get(0).responseBody())
        .doesNotContain("hunter2")
        .contains("\"name\":\"s\"");

    RecordingTransport patch =
        recorded(
            KubeRequest.patch(
                    SECRETS + "/s",
                    PatchType.JSON,
                    bytes(
                        "[{'op':'replace','path':'/data/k','value':'hunter2'},"
                            + "{'op':'add','path':'/data','value':{'k':'hunter2'}}]"))
                .build(),
            200,
            "{}");
    assertThat(patch.exchanges().get(0).requestBody())
        .doesNotContain("hunter2")
        .contains("/data/k");

    RecordingTransport mixed =
        recorded(
            KubeRequest.get("/apis/x.io/v1/things").build(),
            200,
            "{'kind':'List','items':[{'kind':'Secret','data':{'k':'hunter2'}},"
                + "{'kind':'ConfigMap','data':{'k':'shown'}}]}");
    assertThat(mixed.exchanges().get(0).responseBody()).doesNotContain("hunter2").contains("shown");

    RecordingTransport unreadable =
        recorded(KubeRequest.get(SECRETS).build(), 200, "data: hunter2");
    assertThat(unreadable.exchanges().get(0).responseBody())
        .isEqualTo("<13 bytes that are not JSON, at line 1 column 1>");
  }

  @Test
  void issuedTokensAndProxiedTalkAreNotRecorded() {
    RecordingTransport token =
        recorded(
            KubeRequest.post("/api/v1/namespaces/ns/serviceaccounts/sa/token", bytes("{}")).build(),
            201,
            "{'kind':'TokenRequest','status':{'token':'hunter2','expirationTimestamp':'t'}}");
    assertThat(token.exchanges().get(0).responseBody())
        .doesNotContain("hunter2")
        .contains("expirationTimestamp");

    RecordingTransport chat =
        recorded(
            KubeRequest.post(
                    "/api/v1/namespaces/ns/services/w/proxy/chat", bytes("{'prompt':'private'}"))
                .build(),
            200,
            "{'Result':'private too'}");
    assertThat(chat.exchanges().get(0).requestBody()).isEqualTo("<20 bytes through the proxy>");
    assertThat(chat.exchanges().get(0).responseBody()).isEqualTo("<24 bytes through the proxy>");
  }
}

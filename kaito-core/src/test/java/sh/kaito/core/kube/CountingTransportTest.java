package sh.kaito.core.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.core.internal.kube.ScriptedTransport.json;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeTransportException.Effect;
import sh.kaito.api.kube.PatchType;
import sh.kaito.core.internal.kube.ScriptedTransport;

class CountingTransportTest {
  private static final String WORKSPACE = "/apis/kaito.sh/v1beta1/namespaces/ns/workspaces/w";
  private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);

  @Test
  void countsByVerbResourceAndAnswerAndPrintsATable() {
    ScriptedTransport server =
        ScriptedTransport.answering(
            json(200, "{}"), json(201, "{}"), json(409, "{}"), json(200, "{}"), json(200, "{}"));
    CountingTransport counting = CountingTransport.of(server);
    send(counting, KubeRequest.get("/api/v1/pods?limit=500").build());
    send(counting, KubeRequest.post("/apis/karpenter.sh/v1/nodeclaims", BODY).build());
    send(counting, status());
    send(counting, status());
    send(counting, KubeRequest.get("/version").build());
    counting.watch(KubeRequest.get("/api/v1/pods?watch=true").build(), new RecordingListener());
    RecordingListener refused = new RecordingListener();
    counting.watch(KubeRequest.get("/api/v1/pods?watch=true").build(), refused);
    server.listeners.get(1).onRejected(json(410, "{}"));

    RequestCounts counts = counting.counts();
    assertThat(counts.total()).isEqualTo(7);
    assertThat(counts.writes()).isEqualTo(3);
    assertThat(counts.reads()).isEqualTo(2);
    assertThat(counts.count("watch")).isEqualTo(2);
    assertThat(counts.count("patch", "workspaces/status")).isEqualTo(2);
    assertThat(counts.count("patch", "workspaces")).isZero();
    assertThat(counts.answered(409)).isEqualTo(1);
    assertThat(counts.answered(410)).isEqualTo(1);
    assertThat(counts.toString().lines().map(String::stripTrailing))
        .containsExactly(
            "VERB              RESOURCE                    COUNT  ANSWERS",
            "get               /version                        1  200",
            "create            nodeclaims.karpenter.sh         1  201",
            "list              pods                            1  200",
            "watch             pods                            2  -, 410",
            "patch             workspaces.kaito.sh/status      2  200, 409",
            "all                                               7  3 writes");
  }

  private static KubeRequest status() {
    return KubeRequest.patch(WORKSPACE + "/status", PatchType.MERGE, BODY).build();
  }

  private static void send(CountingTransport counting, KubeRequest request) {
    assertThat(counting.exchange(request)).succeedsWithin(Duration.ZERO);
  }

  @Test
  void theDifferenceOfTwoCountsIsWhatCameBetween() {
    CompletableFuture<KubeResponse> slow = new CompletableFuture<>();
    ScriptedTransport server = new ScriptedTransport(request -> slow);
    CountingTransport counting = CountingTransport.of(server);
    assertThat(counting.counts()).hasToString("no requests");
    CompletionStage<KubeResponse> early = counting.exchange(status());
    RequestCounts before = counting.counts();
    assertThat(before.total()).isEqualTo(1);
    assertThat(before.since(before)).hasToString("no requests");

    CompletionStage<KubeResponse> late = counting.exchange(status());
    slow.complete(json(200, "{}"));
    assertThat(early).succeedsWithin(Duration.ZERO);
    assertThat(late).succeedsWithin(Duration.ZERO);
    RequestCounts spent = counting.counts().since(before);
    assertThat(spent.total()).as("sent since").isEqualTo(1);
    assertThat(spent.answered(200)).as("answered since").isEqualTo(2);
    assertThat(before.total()).as("an earlier count stays as it was").isEqualTo(1);
  }

  @Test
  void aRequestWithoutAnswerCountsAndItsFailureIsHandedOnAsItIs() {
    KubeTransportException lost = new KubeTransportException(Effect.UNKNOWN, "reset", null);
    ScriptedTransport server =
        new ScriptedTransport(request -> CompletableFuture.failedFuture(lost));
    CountingTransport counting = CountingTransport.of(server);
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    counting
        .exchange(status())
        .whenComplete((response, failure) -> seen.complete(failure))
        .exceptionally(failure -> json(0, "{}"));
    assertThat(seen).isCompletedWithValue(lost);
    assertThat(counting.counts().total()).isEqualTo(1);
    counting.close();
    assertThat(server.closed).isTrue();
  }
}

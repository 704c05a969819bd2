package sh.kaito.testkit.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeTransportException.Effect;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.core.kube.RateLimitedTransport;
import sh.kaito.testkit.VirtualScheduler;

class RateLimitedTransportTest {
  private final VirtualScheduler scheduler = VirtualScheduler.seeded(1);
  private final Instant start = scheduler.now();
  private final Server server = new Server();
  private final RateLimitedTransport limited = RateLimitedTransport.of(server, scheduler, 10, 5);

  private CompletionStage<KubeResponse> send(String path) {
    return limited.exchange(KubeRequest.get(path).build());
  }

  @Test
  void afterABurstRequestsGoAtTheirRateInOrder() {
    for (int i = 0; i < 25; i++) {
      CompletionStage<KubeResponse> unused = send("/api/v1/nodes/n" + i);
    }
    assertThat(server.log).as("the burst goes at once").hasSize(5);
    assertThat(limited.waiting()).isEqualTo(20);
    scheduler.advance(Duration.ofMillis(1010));
    assertThat(server.log).as("ten in the next second").hasSize(15);
    scheduler.advance(Duration.ofSeconds(1));
    assertThat(server.log).hasSize(25);
    for (int i = 0; i < 25; i++) {
      assertThat(server.log.get(i)).endsWith("/n" + i);
    }
    scheduler.advance(Duration.ofMinutes(1));
    for (int i = 0; i < 6; i++) {
      CompletionStage<KubeResponse> unused = send("/api/v1/nodes/n");
    }
    assertThat(server.log).as("a pause fills the bucket up to the burst, not more").hasSize(30);
  }

  @Test
  void whenTheServerIsTooBusyAllWaitAndTheRequestIsSentAgain() {
    server.answers.add(KubeResponse.of(429, Map.of("Retry-After", List.of("7")), new byte[0]));
    CompletionStage<KubeResponse> first = send("/api/v1/nodes/first");
    CompletionStage<KubeResponse> second = send("/api/v1/nodes/second");
    scheduler.advance(Duration.ofMillis(6990));
    assertThat(server.log).containsExactly("PT0S GET /api/v1/nodes/first");
    scheduler.advance(Duration.ofMillis(20));
    assertThat(first.toCompletableFuture().join().status()).isEqualTo(200);
    assertThat(second.toCompletableFuture().join().status()).isEqualTo(200);
    assertThat(server.log)
        .containsExactly(
            "PT0S GET /api/v1/nodes/first",
            "PT7S GET /api/v1/nodes/first",
            "PT7S GET /api/v1/nodes/second");
  }

  @Test
  void aServerThatStaysBusyIsBelievedInTheEnd() {
    for (int i = 0; i < 20; i++) {
      server.answers.add(KubeResponse.of(429, Map.of(), new byte[0]));
    }
    CompletionStage<KubeResponse> answer = send("/api/v1/nodes/n");
    scheduler.advance(Duration.ofMinutes(1));
    assertThat(answer.toCompletableFuture().join().status()).isEqualTo(429);
    assertThat(server.log).as("one attempt a second, ten in all").hasSize(10);
  }

  @Test
  void otherAnswersAndFailuresAreHandedOn() {
    server.answers.add(KubeResponse.of(503, Map.of("Retry-After", List.of("1")), new byte[0]));
    assertThat(send("/api/v1/nodes/n").toCompletableFuture().join().status())
        .as("the server may have begun, so it is not for this layer to repeat it")
        .isEqualTo(503);
    server.failure = new KubeTransportException(Effect.UNKNOWN, "reset", null);
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    CompletionStage<KubeResponse> unused =
        send("/api/v1/nodes/n").whenComplete((response, failure) -> seen.complete(failure));
    assertThat(seen).isCompletedWithValue(server.failure);
  }

  @Test
  void leasesNeverWait() {
    for (int i = 0; i < 20; i++) {
      CompletionStage<KubeResponse> unused = send("/api/v1/nodes/n");
    }
    CompletionStage<KubeResponse> lease =
        send("/apis/coordination.k8s.io/v1/namespaces/n/leases/l");
    assertThat(lease.toCompletableFuture()).isDone();
  }

  @Test
  void watchesTakeTheirTurnAndCanBeClosedBeforeIt() {
    for (int i = 0; i < 5; i++) {
      CompletionStage<KubeResponse> unused = send("/api/v1/nodes/n");
    }
    Heard closedEarly = new Heard();
    Heard kept = new Heard();
    limited.watch(KubeRequest.get("/api/v1/pods?watch=true").build(), closedEarly).close();
    KubeWatch watch = limited.watch(KubeRequest.get("/api/v1/nodes?watch=true").build(), kept);
    assertThat(server.watches).isEmpty();
    scheduler.advance(Duration.ofSeconds(1));
    assertThat(server.watches).hasSize(1);
    server.watches.get(0).onEvent(new byte[1]);
    assertThat(kept.calls).containsExactly("event");
    watch.close();
    assertThat(server.watches).isEmpty();
    assertThat(closedEarly.calls).isEmpty();
  }

  @Test
  void closeRefusesWhatWaits() {
    List<CompletionStage<KubeResponse>> stages = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      stages.add(send("/api/v1/nodes/n"));
    }
    Heard heard = new Heard();
    limited.watch(KubeRequest.get("/api/v1/nodes?watch=true").build(), heard);
    limited.close();
    assertThat(stages.get(5))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            KubeTransportException.class, e -> assertThat(e.effect()).isEqualTo(Effect.NONE));
    assertThat(heard.calls).containsExactly("end");
    assertThat(send("/api/v1/nodes/late")).failsWithin(Duration.ZERO);
    assertThat(server.closed).isTrue();
    assertThat(scheduler.pendingCount()).as("timers left behind").isZero();
  }

  @Test
  void refusesLimitsThatAreNone() {
    assertThatThrownBy(() -> RateLimitedTransport.of(server, scheduler, 0, 5))
        .hasMessageContaining("got 0.0 and 5");
    assertThatThrownBy(() -> RateLimitedTransport.of(server, scheduler, Double.NaN, 5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RateLimitedTransport.of(server, scheduler, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Answers at once. */
  private final class Server implements KubeTransport {
    final List<String> log = new ArrayList<>();
    final Deque<KubeResponse> answers = new ArrayDeque<>();
    final List<KubeWatch.Listener> watches = new ArrayList<>();
    @Nullable KubeTransportException failure;
    boolean closed;

    @Override
    public CompletionStage<KubeResponse> exchange(KubeRequest request) {
      Duration after = Duration.between(start, scheduler.now());
      log.add(after + " " + request);
      if (failure != null) {
        return CompletableFuture.failedFuture(failure);
      }
      return CompletableFuture.completedFuture(
          answers.isEmpty() ? KubeResponse.of(200, Map.of(), new byte[0]) : answers.remove());
    }

    @Override
    public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
      watches.add(listener);
      return () -> watches.remove(listener);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static final class Heard implements KubeWatch.Listener {
    final List<String> calls = new ArrayList<>();

    @Override
    public void onEvent(byte[] event) {
      calls.add("event");
    }

    @Override
    public void onRejected(KubeResponse response) {
      calls.add("rejected");
    }

    @Override
    public void onEnd(@Nullable Throwable cause) {
      calls.add("end");
    }
  }
}

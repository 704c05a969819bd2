package sh.kaito.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.RequestMatch;
import sh.kaito.testkit.internal.json.Json;

/** A client sees the same faults over HTTP and in process. */
class RequestFaultsTest {
  private static final RequestMatch CREATE = RequestMatch.of("create", "configmaps");

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void anErrorIsAnsweredAndNothingIsDone(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      Fault fault =
          wire.server.faults().requests(CREATE).nth(2).answer(500, "InternalError", "etcd is gone");
      assertThat(wire.create("a").status()).isEqualTo(201);
      KubeResponse second = wire.create("b");
      assertThat(second.status()).isEqualTo(500);
      assertThat(Json.text(Json.parse(second.body()), "reason")).isEqualTo("InternalError");
      assertThat(wire.exists("b")).as("the request that was answered by the fault").isFalse();
      assertThat(wire.create("c").status()).isEqualTo(201);
      assertThat(fault.matched()).isEqualTo(3);
      assertThat(fault.struck()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void throttlingSaysWhenToComeBack(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      wire.server.faults().requests(CREATE).first(2).throttle(Duration.ofMillis(1500));
      for (int i = 0; i < 2; i++) {
        KubeResponse answer = wire.create("a");
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.header("Retry-After")).as("whole seconds, rounded up").contains("2");
      }
      assertThat(wire.create("a").status()).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void aResetBeforeTheEffectLeavesNothing(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      wire.server.faults().requests(CREATE).nth(1).resetBefore();
      assertThat(wire.broken(wire.client.exchange(create("a"))).effect())
          .isEqualTo(KubeTransportException.Effect.UNKNOWN);
      assertThat(wire.exists("a")).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void aResetAfterTheEffectLosesTheAnswerAlone(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      wire.server.faults().requests(CREATE).nth(1).resetAfter();
      assertThat(wire.broken(wire.client.exchange(create("a"))).effect())
          .isEqualTo(KubeTransportException.Effect.UNKNOWN);
      assertThat(wire.exists("a")).as("the write took effect").isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void aWriteMayTakeEffectLongAfterItsClientGaveUp(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      Wire.Events events = wire.watch("resourceVersion=" + wire.listVersion());
      wire.server.faults().requests(CREATE).nth(1).applyLate(Duration.ofMillis(300));
      KubeTransportException failure = wire.broken(wire.client.exchange(create("a")));
      assertThat(failure.effect()).isEqualTo(KubeTransportException.Effect.UNKNOWN);
      assertThat(wire.exists("a")).as("right after the reset").isFalse();
      wire.until("the write took effect", () -> seen(events, "a"));
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void aDelayHoldsTheEffectAndADelayedAnswerDoesNot(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      Wire.Events events = wire.watch("resourceVersion=" + wire.listVersion());
      wire.server.faults().requests(CREATE).nth(1).delay(Duration.ofMillis(200));
      wire.server.faults().requests(CREATE).nth(2).delayAnswer(Duration.ofMillis(200));
      Instant begun = wire.scheduler().clock().instant();
      assertThat(wire.create("slow").status()).isEqualTo(201);
      assertThat(Duration.between(begun, wire.scheduler().clock().instant()))
          .isGreaterThanOrEqualTo(Duration.ofMillis(190));

      CompletionStage<KubeResponse> second = wire.client.exchange(create("early"));
      wire.until("the effect of the second", () -> seen(events, "early"));
      assertThat(wire.await(second).status()).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void aStaleListShowsThePastUnderItsOwnVersion(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      wire.create("a");
      String before = wire.listVersion();
      wire.create("b");
      wire.create("c");
      wire.server.faults().requests(RequestMatch.of("list", "configmaps")).nth(1).stale(2);
      Object stale = Json.parse(wire.send(KubeRequest.get(Wire.CONFIG_MAPS + "?limit=500")).body());
      assertThat(Json.list(stale, "items")).hasSize(1);
      assertThat(Json.text(stale, "metadata", "resourceVersion")).isEqualTo(before);
      Wire.Events events = wire.watch("resourceVersion=" + before);
      wire.until("the watch from there shows the rest", () -> events.seen.size() == 2);
      assertThat(events.seen).containsExactly("ADDED b", "ADDED c");
    }
  }

  @Test
  void anObserverEnumeratesWhatCanBeStruck() {
    try (Wire wire = new Wire(Wire.Kind.IN_PROCESS)) {
      Fault observed =
          wire.server.faults().requests(RequestMatch.builder().userAgent("test").build()).observe();
      KubeTransport other = wire.server.connect("other");
      wire.await(other.exchange(create("theirs")));
      wire.create("a");
      wire.exists("a");
      assertThat(observed.seen())
          .as("requests of the client test alone")
          .containsExactly("create configmaps default/", "get configmaps default/a");
    }
  }

  @Test
  void aProcessMayDieBetweenEffectAndAnswer() {
    try (Wire wire = new Wire(Wire.Kind.IN_PROCESS)) {
      KubeTransport process = wire.server.connect("process");
      AtomicBoolean died = new AtomicBoolean();
      wire.server
          .faults()
          .requests(RequestMatch.builder().userAgent("process").build())
          .nth(1)
          .then(
              () -> {
                process.close();
                died.set(true);
              })
          .resetAfter();
      wire.broken(process.exchange(create("a")));
      assertThat(died).isTrue();
      assertThat(wire.exists("a")).isTrue();
    }
  }

  @Test
  void aRemovedFaultNoLongerStrikes() {
    try (Wire wire = new Wire(Wire.Kind.IN_PROCESS)) {
      Fault fault = wire.server.faults().requests(CREATE).answer(503, "ServiceUnavailable", "no");
      assertThat(wire.create("a").status()).isEqualTo(503);
      fault.remove();
      assertThat(wire.create("a").status()).isEqualTo(201);
      assertThat(fault.struck()).isEqualTo(1);
    }
  }

  @Test
  void aMatchThatNothingCanSatisfyIsRefused() {
    assertThatThrownBy(() -> RequestMatch.of("creates", "pods"))
        .hasMessageContaining("creates")
        .hasMessageContaining("create")
        .hasMessageContaining("deletecollection");
  }

  @Test
  void resourcesAreReadAsRbacReadsThem() {
    KubeRequest status =
        KubeRequest.get("/apis/kaito.sh/v1beta1/namespaces/a/workspaces/b/status").build();
    KubeRequest whole = KubeRequest.get("/apis/kaito.sh/v1beta1/namespaces/a/workspaces/b").build();
    assertThat(RequestMatch.of("get", "workspaces").matches(whole)).isTrue();
    assertThat(RequestMatch.of("get", "workspaces").matches(status)).isFalse();
    assertThat(RequestMatch.of("get", "workspaces.kaito.sh/status").matches(status)).isTrue();
    assertThat(RequestMatch.of("get", "workspaces.example.org").matches(whole)).isFalse();
    assertThat(RequestMatch.of("get", "workspaces/*").matches(status)).isTrue();
    assertThat(RequestMatch.of("get", "workspaces/*").matches(whole)).isTrue();
    assertThat(RequestMatch.any().matches(KubeRequest.get("/version").build())).isTrue();
  }

  /** Whether a watch that was opened before shows the object. */
  private static boolean seen(Wire.Events events, String name) {
    return events.seen.contains("ADDED " + name);
  }

  private static KubeRequest create(String name) {
    return KubeRequest.post(
            Wire.CONFIG_MAPS,
            ("{\"metadata\":{\"name\":\"" + name + "\"}}")
                .getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .build();
  }
}

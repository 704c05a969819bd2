package sh.kaito.testkit.behaviour.leaderelection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.engine.LeaderElection;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.LogLines;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.behaviour.Valve;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** Of several replicas one works, and never two: by a Lease, as client-go's leader election. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class LeaderElectionTest {
  private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
  private static final Duration SOON = Duration.ofMinutes(1);

  private final Story story =
      Story.without(cluster -> cluster.nodes(nodes -> nodes.launchDelay(Duration.ofMinutes(2))));

  @AfterEach
  void close() {
    story.close();
  }

  private KaitoController.Builder replica(String identity, KubeTransport transport) {
    return replica(identity, transport, story.time);
  }

  private KaitoController.Builder replica(
      String identity, KubeTransport transport, Scheduler scheduler) {
    return KaitoController.builder(transport)
        .provisioner(ClaimProvisioner::gpuProvisioner)
        .scheduler(scheduler)
        .leaderElection(
            LeaderElection.builder().namespace("default").name("kaito").identity(identity).build());
  }

  private KaitoController leader(String identity) {
    KaitoController controller = replica(identity, story.cluster.transport()).build().start();
    story.time.advanceUntil(identity + " leads", controller::isLeading, SOON);
    return controller;
  }

  private JsonNode lease() {
    return json(KubeRequest.get(LEASES + "/kaito").build()).path("spec");
  }

  private JsonNode json(KubeRequest request) {
    try {
      return new ObjectMapper()
          .readTree(story.time.await(story.cluster.transport().exchange(request), SOON).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theLeaseSaysWhatClientGoWouldWrite() {
    try (KaitoController first = leader("first")) {
      JsonNode lease = lease();
      assertThat(lease.path("holderIdentity").asText()).isEqualTo("first");
      assertThat(lease.path("leaseDurationSeconds").asInt()).isEqualTo(15);
      assertThat(lease.path("leaseTransitions").asInt()).isZero();
      assertThat(lease.path("acquireTime").asText())
          .as("metav1.MicroTime has six digits")
          .matches("2026-11-22T12:\\d\\d:\\d\\d\\.\\d{6}Z");
      story.time.advance(Duration.ofMinutes(1));
      assertThat(Instant.parse(lease().path("renewTime").asText()))
          .as("renewed every two seconds and a bit")
          .isAfter(story.time.now().minusSeconds(4));
      assertThat(lease().path("acquireTime").asText())
          .as("acquired once")
          .isEqualTo(lease.path("acquireTime").asText());
      assertThat(first.isReady()).isTrue();
    }
  }

  @Test
  void aMissingNamespaceIsSaidOnceWithTheRemedyAndOnceWhenItIsThere() {
    try (LogLines log = LogLines.listen();
        KaitoController controller =
            KaitoController.builder(story.cluster.transport())
                .provisioner(ClaimProvisioner::gpuProvisioner)
                .scheduler(story.time)
                .leaderElection("kaito-system", "kaito")
                .build()
                .start()) {
      story.time.advance(Duration.ofMinutes(5));
      assertThat(log.with("LeaseElector"))
          .as("log lines of five minutes without the namespace")
          .singleElement()
          .asString()
          .startsWith("WARN LeaseElector: lease kaito-system/kaito cannot be created")
          .contains("namespace \"kaito-system\" does not exist")
          .contains("kubectl create namespace kaito-system");
      assertThat(controller.readiness().ok()).as("/readyz").isFalse();
      assertThat(controller.readiness().message())
          .startsWith("lease kaito-system/kaito cannot be created")
          .contains("kubectl create namespace kaito-system");

      json(
          KubeRequest.post(
                  "/api/v1/namespaces",
                  "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"kaito-system\"}}"
                      .getBytes(StandardCharsets.UTF_8))
              .build());
      story.time.advanceUntil("it leads", controller::isLeading, SOON);
      story.time.advance(Duration.ofMinutes(5));
      assertThat(log.with("LeaseElector"))
          .as("log lines once the namespace is there")
          .hasSize(3)
          .anyMatch(
              line -> line.equals("INFO LeaseElector: lease kaito-system/kaito can be used now"))
          .anyMatch(line -> line.contains("leads: acquired lease"));
      assertThat(controller.readiness().ok()).as("/readyz").isTrue();
    }
  }

  @Test
  void theSecondStandsByIsReadyAndTakesOverWhenTheFirstIsClosed() {
    KaitoController first = leader("first");
    try (KaitoController second = replica("second", story.cluster.transport()).build().start()) {
      story.time.advance(Duration.ofMinutes(1));
      assertThat(second.isLeading()).as("second leads beside the first").isFalse();
      assertThat(second.readiness().ok()).as(second.readiness().message()).isTrue();
      assertThat(second.readiness().message()).contains("first leads");

      Instant closed = story.time.now();
      first.close();
      story.time.advanceUntil("second leads", second::isLeading, SOON);
      assertThat(Duration.between(closed, story.time.now()))
          .as("a lease that was given back is taken at the next look")
          .isLessThan(Duration.ofSeconds(4));
      assertThat(lease().path("leaseTransitions").asInt()).isEqualTo(1);
    }
  }

  @Test
  void aLeaderThatDiesIsReplacedWhenItsLeaseIsOverAndNothingIsBoughtTwice() {
    Valve wire = new Valve(story.cluster.transport());
    KaitoController first = replica("first", wire).build().start();
    story.time.advanceUntil(first::isLeading, SOON);
    WorkspaceKey key = story.apply(Seeds.phi3());
    story.time.advanceUntil("a claim was sent", () -> wire.writes().size() >= 2, SOON);
    wire.fallSilent();
    Instant silent = story.time.now();
    try (KaitoController second = replica("second", story.cluster.transport()).build().start()) {
      story.time.advanceUntil("second leads", second::isLeading, SOON);
      assertThat(Duration.between(silent, story.time.now()))
          .isBetween(Duration.ofSeconds(11), Duration.ofSeconds(20));
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).as("nodes bought").isEqualTo(1);
    } finally {
      first.close();
    }
  }

  @Test
  void aLeaderThatWasPausedWritesNothingWhenItWakes() {
    for (int millis = 0; millis <= 400; millis += 25) {
      try (Story apart = Story.without(settings -> settings)) {
        PausableScheduler process = new PausableScheduler(apart.time);
        Valve wire = new Valve(apart.cluster.transport());
        KaitoController first = replica("first", process.connection(wire), process).build().start();
        apart.time.advanceUntil(first::isLeading, SOON);
        WorkspaceKey key = apart.apply(Seeds.phi3());
        apart.time.advance(Duration.ofMillis(millis));
        process.pause();
        try (KaitoController second =
            replica("second", apart.cluster.transport(), apart.time).build().start()) {
          apart.time.advanceUntil("second leads", second::isLeading, SOON);
          int before = wire.writes().size();
          process.resume();
          apart.time.advance(Duration.ofSeconds(5));
          assertThat(wire.writes())
              .as("writes of the leader that slept through its lease, paused at %s ms", millis)
              .hasSize(before);
          assertThat(first.isLeading()).isFalse();
          apart.awaitReady(key);
          assertThat(apart.cluster.nodes().bill().bought()).as("nodes bought").isEqualTo(1);
        } finally {
          first.close();
        }
      }
    }
  }

  @Test
  void aLeaderThatCannotRenewStopsBeforeAnotherMayBegin() {
    Valve wire = new Valve(story.cluster.transport());
    KaitoController first = replica("first", wire).build().start();
    story.time.advanceUntil(first::isLeading, SOON);
    wire.cut();
    story.time.advanceUntil("first gave up", () -> !first.isLeading(), Duration.ofSeconds(11));
    assertThat(first.liveness().ok()).as("it competes again, so it is alive").isTrue();
    wire.mend();
    story.time.advanceUntil("first leads again", first::isLeading, SOON);
    first.close();
  }

  @Test
  void withOneProvisionerForGoodALostLeaseEndsTheController() {
    Valve wire = new Valve(story.cluster.transport());
    KaitoController first =
        replica("first", wire).provisioner(ClaimProvisioner.gpuProvisioner()).build().start();
    story.time.advanceUntil(first::isLeading, SOON);
    wire.cut();
    assertThatThrownBy(() -> story.time.await(first.terminated(), SOON))
        .hasMessageContaining("lost its lease")
        .hasMessageContaining("Supplier of provisioners");
    assertThat(first.liveness().ok()).as("a probe should restart it").isFalse();
    first.close();
  }

  @Test
  void aLeaseOfClientGoIsRespectedUntilItsOwnDurationIsOver() {
    String text =
        """
        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"kaito"},
         "spec":{"holderIdentity":"go_1","leaseDurationSeconds":30,
         "acquireTime":"2026-11-22T11:00:00.000000Z","renewTime":"2026-11-22T11:00:00.000000Z",
         "leaseTransitions":4}}
        """;
    json(KubeRequest.post(LEASES, text.getBytes(StandardCharsets.UTF_8)).build());
    Instant begun = story.time.now();
    try (KaitoController first = leader("first")) {
      assertThat(Duration.between(begun, story.time.now()))
          .as("an old renewTime proves nothing: it is another machine's clock")
          .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(34));
      assertThat(lease().path("leaseTransitions").asInt()).isEqualTo(5);
      assertThat(first.isReady()).isTrue();
    }
  }

  @Test
  void timesThatCannotWorkAreRefused() {
    assertThatThrownBy(
            () ->
                LeaderElection.builder()
                    .namespace("default")
                    .name("kaito")
                    .leaseDuration(Duration.ofSeconds(10))
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("renewDeadline: found PT10S")
        .hasMessageContaining("less than leaseDuration");
  }
}

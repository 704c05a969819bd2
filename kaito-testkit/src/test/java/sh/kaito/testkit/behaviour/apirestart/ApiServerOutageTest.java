package sh.kaito.testkit.behaviour.apirestart;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.KaitoCrd;
import sh.kaito.api.model.KaitoCrds;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.behaviour.Valve;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** The API server goes away, forgets its history, or does not know Workspaces: it goes on. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class ApiServerOutageTest {
  private static final Duration SOON = Duration.ofMinutes(1);

  private Story story = Story.without(settings -> settings);

  @AfterEach
  void close() {
    story.close();
  }

  private KaitoController controller(Valve wire) {
    return KaitoController.builder(wire)
        .provisioner(ClaimProvisioner::gpuProvisioner)
        .scheduler(story.time)
        .build()
        .start();
  }

  @Test
  void outagesAtEveryStageDelayAndBuyNothingTwice() {
    for (int second = 0; second < 240; second += 15) {
      try (Story apart = Story.without(settings -> settings)) {
        Valve wire = new Valve(apart.cluster.transport());
        try (KaitoController controller =
            KaitoController.builder(wire)
                .provisioner(ClaimProvisioner::gpuProvisioner)
                .scheduler(apart.time)
                .build()
                .start()) {
          apart.time.advanceUntil("caches are synced", controller::isReady, SOON);
          WorkspaceKey key = apart.apply(Seeds.phi3());
          apart.time.advance(Duration.ofSeconds(second));
          wire.cut();
          apart.time.advance(Duration.ofMinutes(7));
          wire.mend();
          apart.awaitReady(key);
          assertThat(apart.cluster.nodes().bill().bought())
              .as("nodes bought with an outage after %s s", second)
              .isEqualTo(1);
        }
      }
    }
  }

  @Test
  void whatFailedIsTriedAgainAsSoonAsTheServerIsBack() {
    Valve wire = new Valve(story.cluster.transport());
    try (KaitoController controller = controller(wire)) {
      story.time.advanceUntil("caches are synced", controller::isReady, SOON);
      wire.cut();
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.time.advance(Duration.ofHours(2));
      assertThat(story.cluster.nodes().bill().bought()).as("nodes bought in the dark").isZero();
      wire.mend();
      story.time.advanceUntil(
          "the Workspace is worked on",
          () -> story.cluster.nodes().bill().bought() == 1,
          // The watches come back within their longest back-off, a minute with its jitter.
          Duration.ofSeconds(61));
      story.awaitReady(key);
    }
  }

  @Test
  void aForgottenHistoryIsReadAnew() {
    Valve wire = new Valve(story.cluster.transport());
    try (KaitoController controller = controller(wire)) {
      story.time.advanceUntil("caches are synced", controller::isReady, SOON);
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.time.advance(Duration.ofSeconds(5));
      wire.cut();
      story.cluster.simulated().server().compact();
      wire.mend();
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
    }
  }

  @Test
  void withoutTheDefinitionItWaitsSaysSoAndBeginsWhenItIsThere() {
    story.close();
    KaitoCrd claims =
        new KaitoCrd(
            "nodeclaims.karpenter.sh",
            new String(resource("nodeclaims.karpenter.sh"), StandardCharsets.UTF_8));
    story = Story.without(settings -> settings.crds(List.of(claims)));
    try (KaitoController controller = controller(new Valve(story.cluster.transport()))) {
      story.time.advance(Duration.ofMinutes(10));
      assertThat(controller.isReady()).isFalse();
      assertThat(controller.readiness().message())
          .contains("Workspace API (kaito.sh) is not served");
      assertThat(controller.liveness().ok()).as("to wait is to live").isTrue();
      install();
      story.time.advanceUntil("caches are synced", controller::isReady, SOON);
      story.awaitReady(story.apply(Seeds.phi3()));
    }
  }

  @Test
  void aDefinitionThatIsDeletedAndComesBackIsWatchedAgain() {
    try (KaitoController controller = controller(new Valve(story.cluster.transport()))) {
      story.time.advanceUntil("caches are synced", controller::isReady, SOON);
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      send(KubeRequest.delete(KaitoCrds.workspaces().path()).build());
      story.time.advance(Duration.ofMinutes(10));
      assertThat(story.cluster.nodes().bill().running())
          .as("its Workspaces go with a definition, and their nodes with them")
          .isZero();
      install();
      story.time.advance(Duration.ofMinutes(2));
      story.awaitReady(story.apply(Seeds.phi3()));
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
    }
  }

  private static byte[] resource(String crd) {
    try (var in =
        sh.kaito.testkit.SimulatedCluster.class.getResourceAsStream("crds/" + crd + ".yaml")) {
      return java.util.Objects.requireNonNull(in, crd).readAllBytes();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void install() {
    send(
        KubeRequest.patch(
                KaitoCrds.workspaces().path() + "?fieldManager=test",
                PatchType.APPLY,
                KaitoCrds.workspaces().yaml().getBytes(StandardCharsets.UTF_8))
            .build());
  }

  private void send(KubeRequest request) {
    var answer = story.time.await(story.cluster.transport().exchange(request), SOON);
    assertThat(answer.isSuccess()).as(request + ": " + answer.bodyText()).isTrue();
  }
}

package sh.kaito.testkit.behaviour.namespaces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.kube.CountingTransport;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** A controller works on its share of the cluster alone: by namespaces, or by labels. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class NamespacesTest {
  private static final Duration SOON = Duration.ofMinutes(1);

  private final Story story = Story.without(settings -> settings);
  private final CountingTransport wire = CountingTransport.of(story.cluster.transport());

  @AfterEach
  void close() {
    story.close();
  }

  private KaitoController controller(UnaryOperator<KaitoController.Builder> settings) {
    KaitoController controller =
        settings
            .apply(
                KaitoController.builder(wire)
                    .provisioner(ClaimProvisioner::gpuProvisioner)
                    .scheduler(story.time))
            .build()
            .start();
    story.time.advanceUntil("caches are synced", controller::isReady, SOON);
    return controller;
  }

  private void namespace(String name) {
    send(
        KubeRequest.post(
                "/api/v1/namespaces",
                ("{\"metadata\":{\"name\":\"" + name + "\"}}").getBytes(StandardCharsets.UTF_8))
            .build());
  }

  private void send(KubeRequest request) {
    var answer = story.time.await(story.cluster.transport().exchange(request), SOON);
    assertThat(answer.isSuccess()).as(request + ": " + answer.bodyText()).isTrue();
  }

  private static Workspace workspace(String namespace, String labels) {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1alpha1
        kind: Workspace
        metadata:
          name: phi
          namespace: %s
          labels: {%s}
        resource:
          instanceType: Standard_NC6s_v3
          labelSelector:
            matchLabels:
              apps: phi
        inference:
          preset:
            name: phi-3-mini-4k-instruct
        """
            .formatted(namespace, labels));
  }

  @Test
  void onlyTheNamespacesThatItWasGivenAreReadAndWrittenTo() {
    List.of("one", "two", "three").forEach(this::namespace);
    try (KaitoController controller = controller(it -> it.namespaces(List.of("one", "two")))) {
      WorkspaceKey one = story.await(story.kaito.applyAsync(workspace("one", ""))).key();
      WorkspaceKey two = story.await(story.kaito.applyAsync(workspace("two", ""))).key();
      WorkspaceKey three = story.await(story.kaito.applyAsync(workspace("three", ""))).key();
      story.awaitReady(one);
      story.awaitReady(two);
      story.time.advance(Duration.ofMinutes(30));
      assertThat(story.status(three))
          .as("a Workspace of somebody else")
          .doesNotContain("finalizers");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
      assertThat(wire.counts().count("list", "pods"))
          .as("one list of pods per namespace:%n%s", wire.counts())
          .isEqualTo(2);
      story.delete(one);
      assertThat(story.cluster.nodes().bill().running()).isEqualTo(1);
      assertThat(controller.isReady()).isTrue();
    }
  }

  @Test
  void aWorkspaceChangesHandsWithItsLabelAndKeepsItsNode() {
    try (KaitoController gold = controller(it -> it.selector("tier=gold"));
        KaitoController rest = controller(it -> it.selector("tier!=gold"))) {
      WorkspaceKey key =
          story.await(story.kaito.applyAsync(workspace("default", "tier: gold"))).key();
      story.awaitReady(key);
      send(
          KubeRequest.patch(
                  "/apis/kaito.sh/v1beta1/namespaces/default/workspaces/phi",
                  PatchType.MERGE,
                  "{\"metadata\":{\"labels\":{\"tier\":\"tin\"}}}".getBytes(StandardCharsets.UTF_8))
              .build());
      story.time.advance(Duration.ofMinutes(10));
      assertThat(story.cluster.nodes().bill().bought()).as("nodes bought").isEqualTo(1);
      assertThat(story.cluster.nodes().bill().running()).as("nodes running").isEqualTo(1);
      gold.close();
      story.delete(key);
      assertThat(story.cluster.nodes().bill().running()).as("the other one releases it").isZero();
      assertThat(rest.isReady()).isTrue();
    }
  }

  @Test
  void noNamespaceAtAllIsAMistake() {
    assertThatThrownBy(() -> KaitoController.builder(wire).namespaces(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("leave the call out to work on all");
  }
}

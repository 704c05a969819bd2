package sh.kaito.testkit.behaviour.twooperators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.AdoptionPolicy;
import sh.kaito.core.engine.ControllerStoppedException;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.LogLines;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** Where the Go operator works, this one does not, unless it is told to. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class TwoOperatorsTest {
  private static final Duration SOON = Duration.ofMinutes(1);

  private final Story story = Story.without(settings -> settings);

  @AfterEach
  void close() {
    story.close();
  }

  private KaitoController.Builder controller() {
    return KaitoController.builder(story.cluster.transport())
        .provisioner(ClaimProvisioner.gpuProvisioner())
        .scheduler(story.time);
  }

  private void send(KubeRequest request) {
    var answer = story.time.await(story.cluster.transport().exchange(request), SOON);
    assertThat(answer.isSuccess()).as(request + ": " + answer.bodyText()).isTrue();
  }

  private void post(String path, String json) {
    send(KubeRequest.post(path, json.getBytes(StandardCharsets.UTF_8)).build());
  }

  private void webhook() {
    post(
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        """
        {"metadata":{"name":"validation.workspace.kaito.sh"},
         "webhooks":[{"name":"validation.workspace.kaito.sh","sideEffects":"None",
           "admissionReviewVersions":["v1"],"failurePolicy":"Ignore",
           "clientConfig":{"service":{"namespace":"default","name":"kaito","port":9443}}}]}
        """);
  }

  private void endpoints(String subsets) {
    post(
        "/api/v1/namespaces/default/endpoints",
        "{\"metadata\":{\"name\":\"kaito\"},\"subsets\":" + subsets + "}");
  }

  private void foreignStatus(WorkspaceKey key) {
    send(
        KubeRequest.patch(
                "/apis/kaito.sh/v1beta1/namespaces/default/workspaces/"
                    + key.name()
                    + "/status?fieldManager=kaito-workspace-controller",
                PatchType.MERGE,
                "{\"status\":{\"workerNodes\":[\"a\"]}}".getBytes(StandardCharsets.UTF_8))
            .build());
  }

  @Test
  void aWebhookWithEndpointsIsTheGoOperatorAndTheMessageSaysWhatToDo() {
    webhook();
    endpoints("[{\"addresses\":[{\"ip\":\"10.1.2.3\"}],\"ports\":[{\"port\":9443}]}]");
    try (KaitoController controller = controller().build().start()) {
      assertThatThrownBy(() -> story.time.await(controller.terminated(), SOON))
          .hasCauseInstanceOf(ControllerStoppedException.class)
          .hasMessageContaining("Service default/kaito has endpoints")
          .hasMessageContaining("scale its Deployment to 0")
          .hasMessageContaining("alongsideGoOperator()");
      assertThat(controller.liveness().ok()).isFalse();
      assertThat(controller.liveness().message()).contains("has endpoints");
    }
  }

  @Test
  void oneThatComesLaterEndsPurchasesAndLeavesAloneWhatRuns() {
    try (LogLines log = LogLines.listen();
        KaitoController controller = controller().build().start()) {
      story.time.advanceUntil("it works", controller::isReady, SOON);
      WorkspaceKey first = story.apply(Seeds.phi3());
      story.awaitReady(first);
      webhook();
      endpoints("[{\"addresses\":[{\"ip\":\"10.1.2.3\"}],\"ports\":[{\"port\":9443}]}]");
      story.time.advance(Duration.ofMinutes(6));
      WorkspaceKey second = story.apply(Seeds.onA100("chat", "phi-4"));
      story.time.advance(Duration.ofMinutes(30));
      assertThat(story.cluster.nodes().bill().bought()).as("nodes bought").isEqualTo(1);
      assertThat(story.status(second))
          .contains("\"reason\":\"AnotherOperator\"")
          .contains("Service default/kaito has endpoints");
      assertThat(log.with("no more nodes are bought"))
          .as("log lines about the other operator")
          .singleElement()
          .asString()
          .startsWith("ERROR KaitoController");
      assertThat(controller.readiness().ok()).isTrue();
      assertThat(controller.readiness().message()).contains("has endpoints");
      story.awaitReady(first);

      send(KubeRequest.delete("/api/v1/namespaces/default/endpoints/kaito").build());
      story.time.advance(Duration.ofMinutes(11));
      story.awaitReady(second);
      assertThat(log.with("nodes are bought again")).hasSize(1);
      assertThat(controller.readiness().message()).isEqualTo("working");
    }
  }

  @Test
  void whoLosesItsNodeMeanwhileSaysWhyItGetsNoOther() {
    try (KaitoController controller = controller().build().start()) {
      story.time.advanceUntil("it works", controller::isReady, SOON);
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      webhook();
      endpoints("[{\"addresses\":[{\"ip\":\"10.1.2.3\"}],\"ports\":[{\"port\":9443}]}]");
      story.time.advance(Duration.ofMinutes(6));
      String claim = story.cluster.nodes().bill().purchases().get(0).claim();
      send(KubeRequest.delete("/apis/karpenter.sh/v1/nodeclaims/" + claim).build());
      story.time.advance(Duration.ofMinutes(30));
      assertThat(story.status(key)).contains("\"reason\":\"AnotherOperator\"");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
      send(KubeRequest.delete("/api/v1/namespaces/default/endpoints/kaito").build());
      story.time.advance(Duration.ofMinutes(30));
      assertThat(story.status(key))
          .contains("\"state\":\"Ready\"")
          .doesNotContain("AnotherOperator");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
    }
  }

  @Test
  void asLongAsItRunsNothingIsTakenOverFromIt() {
    try (KaitoController controller =
        controller().adoptionPolicy(AdoptionPolicy.ALL).build().start()) {
      story.time.advanceUntil("it works", controller::isReady, SOON);
      webhook();
      endpoints("[{\"addresses\":[{\"ip\":\"10.1.2.3\"}],\"ports\":[{\"port\":9443}]}]");
      story.time.advance(Duration.ofMinutes(6));
      // The Go operator marks a Workspace before it buys.
      WorkspaceKey key =
          story.apply(
              Seeds.phi3().toBuilder()
                  .metadata(
                      Seeds.phi3().metadata().putAnnotationsItem("workspace.kaito.io/hash", "abc"))
                  .build());
      story.time.advance(Duration.ofSeconds(20));
      assertThat(story.status(key))
          .contains("\"reason\":\"AdoptionRefused\"")
          .contains("Service default/kaito has endpoints")
          .doesNotContain("\"java.kaito.sh/nodes\":");
      post(
          "/apis/karpenter.sh/v1/nodeclaims",
          """
          {"apiVersion":"karpenter.sh/v1","kind":"NodeClaim",
           "metadata":{"name":"ws123456789",
             "labels":{"apps":"phi-3","karpenter.sh/nodepool":"kaito",
               "kaito.sh/workspace":"%s","kaito.sh/workspacenamespace":"%s"}},
           "spec":{"expireAfter":"Never",
             "nodeClassRef":{"group":"kaito.sh","kind":"KaitoNodeClass","name":"default"},
             "requirements":[
               {"key":"karpenter.sh/nodepool","operator":"In","values":["kaito"]},
               {"key":"node.kubernetes.io/instance-type","operator":"In",
                "values":["Standard_NC6s_v3"]},
               {"key":"kubernetes.io/os","operator":"In","values":["linux"]}],
             "resources":{"requests":{"storage":"100Gi"}},
             "taints":[{"key":"sku","value":"gpu","effect":"NoSchedule"}]}}
          """
              .formatted(key.name(), key.namespace()));
      story.time.advance(Duration.ofMinutes(30));
      assertThat(story.cluster.nodes().bill().bought()).as("nodes bought, by it").isEqualTo(1);

      send(KubeRequest.delete("/api/v1/namespaces/default/endpoints/kaito").build());
      story.time.advance(Duration.ofMinutes(11));
      assertThat(story.status(key)).as("taken over when it is gone").contains("ws123456789");
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).as("nodes bought in all").isEqualTo(1);
      story.delete(key);
      assertThat(story.cluster.nodes().bill().running()).isZero();
    }
  }

  @Test
  void aWebhookWithoutEndpointsIsOneThatWasScaledDown() {
    webhook();
    endpoints("[]");
    foreignStatus(story.apply(Seeds.phi3()));
    try (KaitoController controller = controller().build().start()) {
      story.time.advanceUntil("it works", controller::isReady, SOON);
    }
  }

  @Test
  void withoutWebhookRecentStatusWritesAreTheSign() {
    WorkspaceKey key = story.apply(Seeds.phi3());
    foreignStatus(key);
    try (KaitoController controller = controller().build().start()) {
      assertThatThrownBy(() -> story.time.await(controller.terminated(), SOON))
          .hasMessageContaining("\"kaito-workspace-controller\" wrote the status of default/")
          .hasMessageContaining("start again after 2026-11-22T12:05:");
    }
    story.time.advance(Duration.ofMinutes(6));
    try (KaitoController later = controller().build().start()) {
      story.time.advanceUntil("it works", later::isReady, SOON);
      story.awaitReady(key);
    }
  }

  @Test
  void whoeverSaysSoStartsBesideIt() {
    webhook();
    endpoints("[{\"addresses\":[{\"ip\":\"10.1.2.3\"}],\"ports\":[{\"port\":9443}]}]");
    try (KaitoController controller = controller().alongsideGoOperator().build().start()) {
      story.time.advanceUntil("it works", controller::isReady, SOON);
    }
  }

  @Test
  void ourOwnStatusWritesAreNoSign() {
    try (KaitoController first = controller().build().start()) {
      story.time.advanceUntil("it works", first::isReady, SOON);
      story.awaitReady(story.apply(Seeds.phi3()));
    }
    try (KaitoController second = controller().build().start()) {
      story.time.advanceUntil("it works", second::isReady, SOON);
    }
  }
}

package sh.kaito.testkit.behaviour.adoption;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.AdoptionPolicy;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** A Workspace is handed over to the Go operator with its nodes and its model. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class HandBackTest {
  private static final String OURS = "java.kaito.sh/";

  private static void handBack(Story story, WorkspaceKey key) {
    story.await(story.kaito.handBackAsync(key));
    story.time.advance(Duration.ofMinutes(5));
  }

  /** Metadata without the label that asked for it, and without the history of writers. */
  private static String marks(JsonNode object) {
    com.fasterxml.jackson.databind.node.ObjectNode metadata =
        (com.fasterxml.jackson.databind.node.ObjectNode) object.path("metadata").deepCopy();
    metadata.remove("managedFields");
    return metadata.toString().replace("\"java.kaito.sh/operator\":\"go\"", "");
  }

  @Test
  void whatWasTakenOverIsAsTheGoOperatorKnowsIt() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      WorkspaceKey key = go.make();
      JsonNode workspace = go.get(go.workspacePath());
      JsonNode workload = go.get(go.workloadPath());
      Set<String> pods = go.pods();
      Set<String> claims = go.claims();
      try (KaitoController controller = AdoptionTest.controller(story)) {
        AdoptionTest.adopt(story, key);
        story.awaitReady(key);
        handBack(story, key);
        JsonNode after = go.get(go.workspacePath());
        assertThat(marks(after)).as("the Workspace").doesNotContain(OURS);
        assertThat(after.path("metadata").path("finalizers"))
            .isEqualTo(workspace.path("metadata").path("finalizers"));
        for (String annotation :
            new String[] {"workspace.kaito.io/hash", "workspace.kaito.io/revision"}) {
          assertThat(after.path("metadata").path("annotations").path(annotation))
              .as(annotation)
              .isEqualTo(workspace.path("metadata").path("annotations").path(annotation));
        }
        JsonNode theirs = go.get(go.workloadPath());
        assertThat(theirs.path("spec")).isEqualTo(workload.path("spec"));
        assertThat(theirs.path("metadata").path("annotations"))
            .as("the revision by which the Go operator sees that nothing is to be done")
            .isEqualTo(workload.path("metadata").path("annotations"));
        for (String claim : claims) {
          assertThat(marks(go.get(AdoptionTest.CLAIMS + "/" + claim)))
              .as("claim %s", claim)
              .doesNotContain(OURS)
              .contains("kaito.sh/workspacenamespace");
        }
        assertThat(story.send(KubeRequest.get("/api/v1/nodes").build()).bodyText())
            .as("what is left on a Node is what pods select it by")
            .contains("\"java.kaito.sh/owner-uid\":")
            .doesNotContain("\"java.kaito.sh/slot\":");
        String version = after.path("metadata").path("resourceVersion").asText();
        story.time.advance(Duration.ofHours(2));
        assertThat(go.get(go.workspacePath()).path("metadata").path("resourceVersion").asText())
            .as("it is not touched any more, nor are its nodes collected")
            .isEqualTo(version);
        assertThat(go.pods()).isEqualTo(pods);
        assertThat(go.claims()).isEqualTo(claims);
        assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
      }
    }
  }

  @Test
  void oneOfOursGetsWhatTheGoOperatorNeeds() {
    try (Story story = AdoptionTest.story()) {
      GoMade unused = GoMade.of(story, "v0.3.1-phi-3-mini");
      WorkspaceKey key = story.apply(Seeds.phi3());
      try (KaitoController controller = AdoptionTest.controller(story)) {
        story.awaitReady(key);
        Set<String> pods = unused.pods();
        handBack(story, key);
        JsonNode workspace = unused.get(unused.workspacePath());
        JsonNode annotations = workspace.path("metadata").path("annotations");
        assertThat(annotations.path("workspace.kaito.io/hash").asText())
            .as("the hash that the Go operator v0.3.1 was recorded to write for this Workspace")
            .isEqualTo("f4521baab9fb1f4073345a5fe80a1eadc957888df0757f85456763ff9f9712cd");
        assertThat(annotations.path("workspace.kaito.io/revision").asText()).isEqualTo("1");
        assertThat(annotations.has("java.kaito.sh/nodes")).isFalse();
        assertThat(
                unused
                    .get(unused.workloadPath())
                    .at("/metadata/annotations/workspace.kaito.io~1revision")
                    .asText())
            .isEqualTo("1");
        assertThat(unused.pods()).isEqualTo(pods);
        assertThat(story.cluster.nodes().bill().running()).isEqualTo(1);
      }
    }
  }

  @Test
  void aPodThatIsReplacedFindsItsNode() {
    try (Story story = AdoptionTest.story()) {
      GoMade cluster = GoMade.of(story, "v0.3.1-phi-3-mini");
      WorkspaceKey key = story.apply(Seeds.phi3());
      try (KaitoController controller = AdoptionTest.controller(story)) {
        story.awaitReady(key);
        handBack(story, key);
        JsonNode before = onlyPod(cluster);
        story.send(
            KubeRequest.delete(
                    "/api/v1/namespaces/default/pods/"
                        + before.path("metadata").path("name").asText())
                .build());
        story.time.advance(Duration.ofMinutes(90));
        JsonNode after = onlyPod(cluster);
        assertThat(after.path("metadata").path("uid")).isNotEqualTo(before.at("/metadata/uid"));
        assertThat(after.path("spec").path("nodeName"))
            .as("the Node of the pod that came in its place: %s", after.path("status"))
            .isEqualTo(before.path("spec").path("nodeName"));
      }
    }
  }

  private static JsonNode onlyPod(GoMade cluster) {
    JsonNode pods = cluster.get("/api/v1/namespaces/default/pods").path("items");
    assertThat(pods).as("pods").hasSize(1);
    return pods.get(0);
  }

  /** Held requests reach the cluster when they are let go. */
  private static final class Held {
    private final List<Runnable> requests = new ArrayList<>();
    private boolean holds = true;

    CompletionStage<KubeResponse> exchange(KubeRequest request, KubeTransport cluster) {
      if (!holds
          || !request.method().equals("POST")
          || !request.path().startsWith(AdoptionTest.CLAIMS)) {
        return cluster.exchange(request);
      }
      CompletableFuture<KubeResponse> answer = new CompletableFuture<>();
      requests.add(
          () -> {
            var unused =
                cluster
                    .exchange(request)
                    .whenComplete(
                        (response, error) -> {
                          if (error == null) {
                            answer.complete(response);
                          } else {
                            answer.completeExceptionally(error);
                          }
                        });
          });
      return answer;
    }

    void letGo() {
      holds = false;
      requests.forEach(Runnable::run);
    }
  }

  private static KaitoController controller(
      Story story, BiFunction<KubeRequest, KubeTransport, CompletionStage<KubeResponse>> way) {
    return KaitoController.builder(new Wire(story.cluster.transport(), way))
        .provisioner(ClaimProvisioner.gpuProvisioner())
        .scheduler(story.time)
        .alongsideGoOperator()
        .build()
        .start();
  }

  private static void checkHandedBackWithOneNode(Story story, GoMade cluster, WorkspaceKey key) {
    assertThat(story.status(key))
        .as("it is handed over in the end")
        .doesNotContain("\"java.kaito.sh/nodes\":")
        .contains("workspace.kaito.io/revision");
    assertThat(cluster.claims()).as("claims").hasSize(1);
    assertThat(story.send(KubeRequest.get(AdoptionTest.CLAIMS).build()).bodyText())
        .as("no claim has marks that nobody looks for")
        .doesNotContain("\"java.kaito.sh/owner-uid\":\"");
    assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
  }

  @Test
  void notBeforeAPurchaseThatIsUnderWayIsSettled() {
    try (Story story = AdoptionTest.story()) {
      GoMade cluster = GoMade.of(story, "v0.3.1-phi-3-mini").onNodeClaims();
      Held held = new Held();
      try (KaitoController controller = controller(story, held::exchange)) {
        WorkspaceKey key = story.apply(Seeds.phi3());
        story.time.advance(Duration.ofSeconds(2));
        assertThat(held.requests).as("purchases that are held").hasSize(1);
        story.await(story.kaito.handBackAsync(key));
        story.time.advance(Duration.ofMinutes(10));
        assertThat(story.status(key))
            .as("the ledger stays as long as the claim may come")
            .contains("\"java.kaito.sh/nodes\":");
        held.letGo();
        story.time.advance(Duration.ofMinutes(10));
        checkHandedBackWithOneNode(story, cluster, key);
      }
    }
  }

  @Test
  void notBeforeAPurchaseWithoutAnswerCanArriveNoMore() {
    try (Story story = AdoptionTest.story()) {
      GoMade cluster = GoMade.of(story, "v0.3.1-phi-3-mini").onNodeClaims();
      List<KubeRequest> onTheWay = new ArrayList<>();
      List<CompletableFuture<KubeResponse>> answers = new ArrayList<>();
      BiFunction<KubeRequest, KubeTransport, CompletionStage<KubeResponse>> way =
          (request, next) -> {
            if (!request.method().equals("POST")
                || !request.path().startsWith(AdoptionTest.CLAIMS)) {
              return next.exchange(request);
            }
            onTheWay.add(request);
            answers.add(new CompletableFuture<>());
            return answers.get(answers.size() - 1);
          };
      try (KaitoController controller = controller(story, way)) {
        WorkspaceKey key = story.apply(Seeds.phi3());
        story.time.advance(Duration.ofSeconds(2));
        story.await(story.kaito.handBackAsync(key));
        story.time.advance(Duration.ofMinutes(1));
        answers
            .get(0)
            .completeExceptionally(
                new KubeTransportException(
                    KubeTransportException.Effect.UNKNOWN, "no answer within 60 s", null));
        story.time.advance(Duration.ofSeconds(90));
        assertThat(story.status(key))
            .as("two minutes and a half after the label, one and a half after the request ended")
            .contains("\"java.kaito.sh/nodes\":");
        story.send(onTheWay.get(0));
        story.time.advance(Duration.ofMinutes(10));
        assertThat(onTheWay).as("purchases that were sent").hasSize(1);
        checkHandedBackWithOneNode(story, cluster, key);
      }
    }
  }

  @Test
  void whatTheServerRefusesIsToldAndNotTriedWithoutPause() {
    try (Story story = AdoptionTest.story()) {
      List<KubeRequest> refused = new ArrayList<>();
      boolean[] refuses = {true};
      BiFunction<KubeRequest, KubeTransport, CompletionStage<KubeResponse>> way =
          (request, next) -> {
            boolean last =
                request.method().equals("PATCH")
                    && request.path().contains("/workspaces/")
                    && new String(request.body(), StandardCharsets.UTF_8)
                        .contains("\"java.kaito.sh/nodes\":null");
            if (!last || !refuses[0]) {
              return next.exchange(request);
            }
            refused.add(request);
            return CompletableFuture.completedFuture(
                KubeResponse.of(
                    422,
                    Map.of("content-type", List.of("application/json")),
                    ("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
                            + "\"reason\":\"Invalid\",\"code\":422,"
                            + "\"message\":\"the policy of this house forbids it\"}")
                        .getBytes(StandardCharsets.UTF_8)));
          };
      try (KaitoController controller = controller(story, way)) {
        WorkspaceKey key = story.apply(Seeds.phi3());
        story.awaitReady(key);
        story.await(story.kaito.handBackAsync(key));
        story.time.advance(Duration.ofHours(1));
        assertThat(story.status(key))
            .contains("HandoverIncomplete")
            .contains("the policy of this house forbids it");
        assertThat(refused).as("tries within an hour").hasSizeBetween(2, 60);
        refuses[0] = false;
        story.time.advance(Duration.ofHours(1));
        assertThat(story.status(key)).doesNotContain("\"java.kaito.sh/nodes\":");
      }
    }
  }

  @Test
  void andTakenOverAgain() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-llama-70b");
      WorkspaceKey key = go.make();
      Set<String> pods = go.pods();
      Set<String> claims = go.claims();
      try (KaitoController controller =
          AdoptionTest.controller(story, builder -> builder.adoptionPolicy(AdoptionPolicy.ALL))) {
        for (int round = 0; round < 3; round++) {
          AdoptionTest.adopt(story, key);
          story.awaitReady(key);
          assertThat(story.status(key)).contains("\"java.kaito.sh/nodes\":");
          handBack(story, key);
          assertThat(story.status(key)).doesNotContain("\"java.kaito.sh/nodes\":");
        }
        AdoptionTest.adopt(story, key);
        assertThat(go.pods()).isEqualTo(pods);
        assertThat(go.claims()).isEqualTo(claims);
        assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
        story.delete(key);
        assertThat(go.claims()).isEmpty();
        assertThat(story.cluster.nodes().bill().running()).isZero();
      }
    }
  }

  @Test
  void ourOwnPurchasesComeBackAsWhatTheyWere() {
    try (Story story = AdoptionTest.story()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      try (KaitoController controller = AdoptionTest.controller(story)) {
        story.awaitReady(key);
        handBack(story, key);
        AdoptionTest.adopt(story, key);
        story.awaitReady(key);
        assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
        story.delete(key);
        assertThat(story.cluster.nodes().bill().running()).isZero();
      }
    }
  }

  @Test
  void onceBegunItIsEndedWhateverTheLabelSays() {
    try (Story story = AdoptionTest.story()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      // Its node does not come at once, so the hand-over waits for what may be on its way.
      try (KaitoController controller = AdoptionTest.controller(story)) {
        story.time.advance(Duration.ofSeconds(1));
        story.await(story.kaito.handBackAsync(key));
        story.time.advance(Duration.ofSeconds(5));
        story.await(story.kaito.adoptAsync(key));
        story.time.advance(Duration.ofMinutes(10));
        story.awaitReady(key);
        assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
        story.delete(key);
        assertThat(story.cluster.nodes().bill().running()).isZero();
      }
    }
  }

  @Test
  void aWorkspaceThatIsTheGoOperatorsFromTheBeginningIsNotTouched() {
    try (Story story = AdoptionTest.story()) {
      try (KaitoController controller = AdoptionTest.controller(story)) {
        WorkspaceKey key =
            story.apply(
                Seeds.phi3().toBuilder()
                    .metadata(Seeds.phi3().metadata().putLabelsItem("java.kaito.sh/operator", "go"))
                    .build());
        story.time.advance(Duration.ofHours(1));
        assertThat(story.status(key)).doesNotContain("finalizers").doesNotContain("conditions");
        assertThat(story.cluster.nodes().bill().bought()).isZero();
      }
    }
  }

  @Test
  void withoutItsJobAFinishedTrainingStays() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-tuning");
      WorkspaceKey key = go.make();
      try (KaitoController controller = AdoptionTest.controller(story)) {
        AdoptionTest.adopt(story, key);
        story.time.advance(Duration.ofHours(2));
        story.send(KubeRequest.delete(go.workloadPath()).build());
        story.time.advance(Duration.ofMinutes(1));
        handBack(story, key);
        assertThat(story.status(key))
            .contains("HandBackRefused")
            .contains("would train again")
            .contains("\"java.kaito.sh/nodes\":");
      }
    }
  }
}

package sh.kaito.testkit.behaviour.adoption;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.KaitoFinalizers;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.engine.UpgradePolicy;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** What was taken over is lived with as with our own. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class AfterAdoptionTest {

  private static List<String> names(JsonNode list) {
    List<String> names = new ArrayList<>();
    list.forEach(item -> names.add(item.path("name").asText()));
    return names;
  }

  @Test
  void anUpgradeTakesAwayWhatOnlyTheGoOperatorWanted() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      ObjectNode pod = (ObjectNode) go.workload().at("/spec/template/spec");
      pod.withArray("/containers").addObject().put("name", "left-over").put("image", "busybox:1");
      ((ObjectNode) pod.at("/containers/0"))
          .withArray("/env")
          .addObject()
          .put("name", "LEFT_OVER")
          .put("value", "1");
      pod.put("hostname", "left-over");
      WorkspaceKey key = go.make();
      try (KaitoController controller = AdoptionTest.controller(story)) {
        AdoptionTest.adopt(story, key);
        story.awaitReady(key);
        assertThat(go.get(go.workloadPath()).toString()).contains("left-over");
        assertThat(managers(go))
            .as("who owns fields of it")
            .doesNotContain("kaito-workspace Update");
      }
      try (KaitoController controller =
          AdoptionTest.controller(story, builder -> builder.upgradePolicy(UpgradePolicy.ROLL))) {
        story.time.advance(Duration.ofMinutes(30));
        story.awaitReady(key);
        JsonNode workload = go.get(go.workloadPath());
        JsonNode containers = workload.at("/spec/template/spec/containers");
        assertThat(names(containers))
            .as("containers after the upgrade")
            .doesNotContain("left-over");
        assertThat(names(containers.path(0).path("env"))).doesNotContain("LEFT_OVER");
        assertThat(workload.at("/spec/template/spec").toString())
            .as("the pod's specification after the upgrade")
            .doesNotContain("left-over")
            .doesNotContain("benchmark_entrypoint");
        assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
      }
    }
  }

  private static List<String> managers(GoMade go) {
    List<String> managers = new ArrayList<>();
    for (JsonNode entry : go.get(go.workloadPath()).at("/metadata/managedFields")) {
      managers.add(entry.path("manager").asText() + " " + entry.path("operation").asText());
    }
    return managers;
  }

  @Test
  void aLostNodeIsReplacedUnderANameOfOurs() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      WorkspaceKey key = go.make();
      try (KaitoController controller = AdoptionTest.controller(story)) {
        AdoptionTest.adopt(story, key);
        story.awaitReady(key);
        story.send(KubeRequest.delete(AdoptionTest.CLAIMS + "/ws374d3c430").build());
        story.time.advance(Duration.ofMinutes(20));
        story.awaitReady(key);
        assertThat(go.claims()).hasSize(1).doesNotContain("ws374d3c430");
        assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
        story.delete(key);
        assertThat(go.claims()).isEmpty();
      }
    }
  }

  @Test
  void aNodeThatIsLostWhileNoControllerRunsIsCountedAsLost() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      WorkspaceKey key = go.make();
      try (KaitoController controller = AdoptionTest.controller(story)) {
        AdoptionTest.adopt(story, key);
        story.awaitReady(key);
      }
      story.send(KubeRequest.delete(AdoptionTest.CLAIMS + "/ws374d3c430").build());
      story.time.advance(Duration.ofMinutes(5));
      try (KaitoController controller = AdoptionTest.controller(story)) {
        story.time.advance(Duration.ofMinutes(20));
        story.awaitReady(key);
        assertThat(story.status(key)).contains("\\\"epochs\\\":{\\\"0\\\":2}");
        assertThat(story.cluster.nodes().bill().bought()).isEqualTo(2);
      }
    }
  }

  @Test
  void oneThatIsBeingDeletedIsTakenOverWithItsNodesAndGoes() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-llama-70b");
      go.workspace().withObject("/resource").put("instanceType", "Standard_NC24ads_A100_v4");
      WorkspaceKey key = go.make();
      story.await(story.kaito.deleteAsync(key));
      try (KaitoController controller = AdoptionTest.controller(story)) {
        AdoptionTest.adopt(story, key);
        story.await(story.kaito.awaitDeletedAsync(key, Story.LIMIT, progress -> {}));
        assertThat(go.claims()).isEmpty();
        assertThat(story.cluster.nodes().bill().running()).isZero();
      }
    }
  }

  @Test
  void theNodesOfOneThatVanishedByForceAreCollected() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini");
      WorkspaceKey key = go.make();
      try (KaitoController controller = AdoptionTest.controller(story)) {
        AdoptionTest.adopt(story, key);
        story.awaitReady(key);
      }
      patchWorkspace(story, go, "{\"metadata\":{\"finalizers\":null}}");
      story.await(story.kaito.deleteAsync(key));
      try (KaitoController controller = AdoptionTest.controller(story)) {
        story.apply(Seeds.onA100("another", "phi-4-mini-instruct"));
        story.time.advance(Duration.ofMinutes(30));
        assertThat(go.claims()).as("claims of the one that is gone").doesNotContain("ws374d3c430");
      }
    }
  }

  private static void patchWorkspace(Story story, GoMade go, String patch) {
    var answer =
        story.send(
            KubeRequest.patch(
                    go.workspacePath(), PatchType.MERGE, patch.getBytes(StandardCharsets.UTF_8))
                .build());
    assertThat(answer.isSuccess()).as(answer.bodyText()).isTrue();
  }

  @Test
  void bothFinalizersHoldItUntilItsNodesAreGone() {
    try (Story story = AdoptionTest.story()) {
      GoMade go = GoMade.of(story, "v0.3.1-phi-3-mini");
      WorkspaceKey key = story.apply(Seeds.phi3());
      try (KaitoController controller = AdoptionTest.controller(story)) {
        story.awaitReady(key);
        patchWorkspace(
            story,
            go,
            "{\"metadata\":{\"finalizers\":[\"example.org/theirs\",\""
                + KaitoFinalizers.NODES
                + "\",\""
                + KaitoFinalizers.WORKSPACE
                + "\"]}}");
        story.await(story.kaito.deleteAsync(key));
        // The Go operator takes its own off without waiting for the nodes.
        patchWorkspace(
            story,
            go,
            "{\"metadata\":{\"finalizers\":[\"example.org/theirs\",\""
                + KaitoFinalizers.NODES
                + "\"]}}");
        story.time.advanceUntil(
            "its node is gone", () -> story.cluster.nodes().bill().running() == 0, Story.LIMIT);
        story.time.advance(Duration.ofMinutes(1));
        assertThat(go.get(go.workspacePath()).at("/metadata/finalizers").toString())
            .isEqualTo("[\"example.org/theirs\"]");
        patchWorkspace(story, go, "{\"metadata\":{\"finalizers\":null}}");
      }
    }
  }

  @Test
  void whileANodeIsThereOurOwnFinalizerAloneHoldsIt() {
    try (Story story =
        Story.without(
            settings ->
                settings
                    .nodes(nodes -> nodes.terminationDelay(Duration.ofMinutes(8)))
                    .workloads(workloads -> workloads.sockets(false)))) {
      GoMade go = GoMade.of(story, "v0.3.1-phi-3-mini");
      WorkspaceKey key = story.apply(Seeds.phi3());
      try (KaitoController controller = AdoptionTest.controller(story)) {
        story.awaitReady(key);
        patchWorkspace(
            story,
            go,
            "{\"metadata\":{\"finalizers\":[\""
                + KaitoFinalizers.WORKSPACE
                + "\",\""
                + KaitoFinalizers.NODES
                + "\"]}}");
        story.await(story.kaito.deleteAsync(key));
        patchWorkspace(
            story, go, "{\"metadata\":{\"finalizers\":[\"" + KaitoFinalizers.NODES + "\"]}}");
        story.time.advance(Duration.ofMinutes(7));
        assertThat(story.status(key)).contains(KaitoFinalizers.NODES).contains("deletionTimestamp");
        story.await(story.kaito.awaitDeletedAsync(key, Story.LIMIT, progress -> {}));
        assertThat(Set.of(story.cluster.nodes().bill().running())).containsExactly(0);
      }
    }
  }
}

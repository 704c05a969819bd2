package sh.kaito.testkit.behaviour.podfailures;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.PodBehavior;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;

/**
 * What keeps a pod from being ready stands in the Workspace with the watch event that shows it: the
 * status follows within the second, not at some deadline.
 */
class PodFailureTest {

  private static Story with(PodBehavior behavior) {
    return Story.begin(
        settings ->
            settings.workloads(
                workloads ->
                    workloads
                        .sockets(false)
                        .weightsDelay(Duration.ofMinutes(2))
                        .behavior(pod -> behavior)));
  }

  /** Passes time until a pod shows something, and says what the Workspace tells a second later. */
  private static String whenPodShows(Story story, WorkspaceKey key, String text) {
    KubeRequest pods = KubeRequest.get("/api/v1/namespaces/default/pods").build();
    for (int seconds = 0; !story.send(pods).bodyText().contains(text); seconds++) {
      assertThat(seconds).as("seconds until a pod shows %s", text).isLessThan(7200);
      story.time.advance(Duration.ofSeconds(1));
    }
    story.time.advance(Duration.ofSeconds(1));
    return told(story, key);
  }

  @Test
  void anImageThatCannotBePulled() {
    try (Story story = with(PodBehavior.imagePullBackOff())) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      assertThat(whenPodShows(story, key, "\"reason\":\"ImagePullBackOff\""))
          .contains("\"reason\":\"ImagePullError\"")
          .contains("manifest unknown");
    }
  }

  @Test
  void aContainerThatIsKilledForLackOfMemory() {
    try (Story story = with(PodBehavior.outOfMemory(Duration.ofSeconds(40)))) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      assertThat(whenPodShows(story, key, "OOMKilled"))
          .contains("\"reason\":\"ContainerOOMKilled\"");
    }
  }

  @Test
  void aContainerThatCrashesAgainAndAgain() {
    try (Story story =
        with(
            PodBehavior.crashLoop(
                Duration.ofSeconds(5), "CUDA error: no device\n12:00 INFO forged"))) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      assertThat(whenPodShows(story, key, "CrashLoopBackOff"))
          .contains("\"reason\":\"ContainerCrashLoopBackOff\"")
          .contains("exit code 1")
          .contains("CUDA error: no device; 12:00 INFO forged");
    }
  }

  @Test
  void aPodThatIsEvicted() {
    try (Story story = healthy()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.cluster.workloads().evict("default", onlyPod(story), "The node was low on resource");
      story.time.advance(Duration.ofSeconds(1));
      assertThat(told(story, key))
          .as("ready is lost with the event that takes the pod away")
          .contains("\"state\":\"NotReady\"");
      story.awaitReady(key);
      assertThat(story.cluster.nodes().bill().bought()).as("an eviction buys nothing").isEqualTo(1);
    }
  }

  @Test
  void aModelThatStopsAnswering() {
    try (Story story = healthy()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.cluster.workloads().setHealthy("default", onlyPod(story), false);
      assertThat(whenPodShows(story, key, "\"reason\":\"ContainersNotReady\""))
          .contains("\"state\":\"NotReady\"");
      story.cluster.workloads().setHealthy("default", onlyPod(story), true);
      story.awaitReady(key);
    }
  }

  @Test
  void aNodeThatGoesAwayBelowThePod() {
    try (Story story = healthy()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      String claim = story.cluster.nodes().bill().purchases().get(0).claim();
      story.cluster.nodes().setReady(claim, false);
      story.time.advance(Duration.ofSeconds(1));
      assertThat(told(story, key))
          .contains("\"state\":\"NotReady\"")
          .contains("\"reason\":\"NodeNotReady\"");
      story.cluster.nodes().setReady(claim, true);
      story.awaitReady(key);
    }
  }

  /** The status block alone. */
  private static String told(Story story, WorkspaceKey key) {
    String workspace = story.status(key);
    return workspace.substring(workspace.indexOf("\"status\":{"));
  }

  private static Story healthy() {
    return Story.begin(
        settings ->
            settings.workloads(
                workloads -> workloads.sockets(false).weightsDelay(Duration.ofMinutes(2))));
  }

  private static String onlyPod(Story story) {
    return firstName(story.table("/api/v1/namespaces/default/pods"));
  }

  private static String firstName(String table) {
    String line = table.split("\n", -1)[1];
    return line.substring(0, line.indexOf(' '));
  }
}

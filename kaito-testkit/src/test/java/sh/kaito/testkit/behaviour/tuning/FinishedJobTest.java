package sh.kaito.testkit.behaviour.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.PodBehavior;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.behaviour.StoryObjects;
import sh.kaito.testkit.junit.Needs;

/** A finished Job is final, whether or not it still exists. */
@Needs(ClusterFeature.VIRTUAL_TIME)
class FinishedJobTest {
  private static final String JOB = "/apis/batch/v1/namespaces/default/jobs/tune";

  private static Workspace workspace(String claim) {
    return Workspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata:
          name: tune
        resource:
          instanceType: Standard_NC24ads_A100_v4
          labelSelector:
            matchLabels: {app: tune}
        tuning:
          preset: {name: phi-3-mini-128k-instruct}
          method: lora
          input:
            volumeSource: {persistentVolumeClaim: {claimName: data}}
          output:
            volumeSource: {persistentVolumeClaim: {claimName: %s}}
        """
            .formatted(claim));
  }

  private static Story story(int exitCode) {
    return Story.begin(
        settings ->
            settings.workloads(
                workloads ->
                    workloads
                        .workTime(Duration.ofHours(1))
                        .behavior(pod -> PodBehavior.exits(exitCode))));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void theTimeToLiveOfAJobEndsTheJobAndNothingElse(int exitCode) {
    try (Story story = story(exitCode)) {
      StoryObjects objects = new StoryObjects(story);
      WorkspaceKey key = story.apply(workspace("results"));
      story.time.advance(Duration.ofMinutes(30));
      objects.patch(JOB, "{\"spec\":{\"ttlSecondsAfterFinished\":600}}");
      story.time.advance(Duration.ofMinutes(35));
      assertThat(objects.exists(JOB)).as("its time is not over").isTrue();
      String state = exitCode == 0 ? "\"state\":\"Succeeded\"" : "\"state\":\"Failed\"";
      assertThat(story.status(key)).contains(state);
      String told = story.status(key).replaceAll("(?s).*\"status\":\\{", "");

      story.time.advance(Duration.ofHours(5));
      assertThat(objects.exists(JOB)).as("the TTL controller has removed it").isFalse();
      assertThat(story.status(key)).contains(state);
      assertThat(story.status(key).replaceAll("(?s).*\"status\":\\{", "")).isEqualTo(told);

      story.stopController();
      story.startController();
      story.time.advance(Duration.ofHours(1));
      assertThat(objects.exists(JOB)).isFalse();
      assertThat(story.status(key)).contains(state);

      story.apply(workspace("other-results"));
      story.time.advance(Duration.ofMinutes(30));
      assertThat(objects.exists(JOB)).as("another wish is another Job").isTrue();
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
    }
  }
}

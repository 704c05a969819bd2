package sh.kaito.testkit.behaviour.changes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.plan.ChangeEffect;
import sh.kaito.core.plan.PlanDiff;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.behaviour.StoryObjects;
import sh.kaito.testkit.junit.Needs;

/** What {@link PlanDiff} says of a change is what the engine does. */
@Needs(ClusterFeature.VIRTUAL_TIME)
class ClassifiedChangesTest {
  private static final String YAML =
      """
      apiVersion: kaito.sh/v1beta1
      kind: Workspace
      metadata:
        name: chat
        labels: {team: search}
        annotations: {kaito.sh/enablelb: "False"}
      resource:
        instanceType: Standard_NC24ads_A100_v4
        labelSelector:
          matchLabels: {apps: chat}
      inference:
        preset: {name: phi-3-mini-128k-instruct}
        adapters:
          - source: {name: law, image: "registry.example.com/law:1.0"}
      """;

  /** A change, and what becomes of it. */
  enum Change {
    LABEL(ChangeEffect.NONE, yaml -> yaml.replace("team: search", "team: chat")),
    LOAD_BALANCER(ChangeEffect.LIVE, yaml -> yaml.replace("\"False\"", "\"True\"")),
    SPELLING(ChangeEffect.NONE, yaml -> yaml.replace("{name: law,", "{\"name\": 'law',")),
    IMAGE(ChangeEffect.ROLLING_RESTART, yaml -> yaml.replace("law:1.0", "law:1.1")),
    ADAPTER(
        ChangeEffect.ROLLING_RESTART,
        yaml -> yaml + "    - source: {name: tax, image: \"registry.example.com/tax:1.0\"}\n"),
    RUNTIME(
        ChangeEffect.ROLLING_RESTART,
        yaml -> yaml.replace("annotations: {", "annotations: {kaito.sh/runtime: transformers, ")),
    PRESET(
        ChangeEffect.REFUSED,
        yaml -> yaml.replace("phi-3-mini-128k-instruct", "phi-3-mini-4k-instruct"));

    final ChangeEffect effect;

    @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
    final UnaryOperator<String> edit;

    Change(ChangeEffect effect, UnaryOperator<String> edit) {
      this.effect = effect;
      this.edit = edit;
    }
  }

  @ParameterizedTest
  @EnumSource(names = "PRESET", mode = EnumSource.Mode.EXCLUDE)
  void theEngineDoesWhatThePlanSays(Change change) {
    Workspace before = Workspaces.read(YAML);
    Workspace after = Workspaces.read(change.edit.apply(YAML));
    assertThat(PlanDiff.of(before, after).effect()).isEqualTo(change.effect);
    try (Story story = Story.begin()) {
      StoryObjects objects = new StoryObjects(story);
      WorkspaceKey key = story.apply(before);
      story.awaitReady(key);
      List<String> pods = objects.podUids(key);
      story.apply(after);
      assertThat(objects.mostPods(key, Duration.ofMinutes(15))).isEqualTo(1);
      story.awaitReady(key);
      if (change.effect == ChangeEffect.ROLLING_RESTART) {
        assertThat(objects.podUids(key)).hasSize(1).doesNotContainAnyElementsOf(pods);
      } else {
        assertThat(objects.podUids(key)).isEqualTo(pods);
      }
      assertThat(objects.get("/api/v1/namespaces/default/services/chat").at("/spec/type").asText())
          .isEqualTo(change == Change.LOAD_BALANCER ? "LoadBalancer" : "ClusterIP");
      assertThat(story.cluster.nodes().bill().bought()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "PRESET")
  void whatIsRefusedChangesNothing(Change change) {
    Workspace before = Workspaces.read(YAML);
    Workspace after = Workspaces.read(change.edit.apply(YAML));
    assertThat(PlanDiff.of(before, after).effect()).isEqualTo(change.effect);
  }
}

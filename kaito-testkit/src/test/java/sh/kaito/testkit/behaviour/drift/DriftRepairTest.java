package sh.kaito.testkit.behaviour.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.kube.RequestCounts;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;

/** What somebody changes of the objects of a Workspace is brought back; what is theirs stays. */
class DriftRepairTest {
  private static final String DEPLOYMENT =
      "/apis/apps/v1/namespaces/default/deployments/workspace-phi-3-mini";
  private static final String SERVICE = "/api/v1/namespaces/default/services/workspace-phi-3-mini";

  @Test
  void anEditedImageComesBack() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      String image = imageOf(story);
      edit(
          story,
          DEPLOYMENT,
          PatchType.STRATEGIC_MERGE,
          "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"workspace-phi-3-mini\","
              + "\"image\":\"example.org/other:1\"}]}}}}");
      story.until("the image", Duration.ofMinutes(30), () -> imageOf(story).equals(image));
      story.awaitReady(key);
    }
  }

  @Test
  void aWorkloadScaledToNothingComesBack() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      edit(story, DEPLOYMENT + "/scale", PatchType.MERGE, "{\"spec\":{\"replicas\":0}}");
      story.until(
          "a replica",
          Duration.ofMinutes(30),
          () -> story.table("/apis/apps/v1/namespaces/default/deployments").contains("1/1"));
      story.awaitReady(key);
    }
  }

  @Test
  void aDeletedServiceComesBack() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      KubeResponse answer = story.send(KubeRequest.delete(SERVICE).build());
      assertThat(answer.isSuccess()).as(answer.bodyText()).isTrue();
      story.until(
          "the Service", Duration.ofMinutes(1), () -> get(story, SERVICE).contains("\"port\":80"));
    }
  }

  @Test
  void whatOthersAddIsTheirs() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      edit(
          story,
          DEPLOYMENT,
          PatchType.MERGE,
          "{\"metadata\":{\"labels\":{\"team\":\"vision\"}},\"spec\":{\"revisionHistoryLimit\":3}}");
      RequestCounts before = story.requests();
      story.pass(Duration.ofHours(1));
      assertThat(story.requests().since(before).count("patch", "deployments"))
          .as("requests:%n%s", story.requests())
          .isZero();
      assertThat(get(story, DEPLOYMENT)).contains("vision").contains("\"revisionHistoryLimit\":3");
    }
  }

  @Test
  void aRestartFindsNoDriftInWhatItMadeItself() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      WorkspaceKey vllm = story.apply(Seeds.onA100("chat", "phi-4"));
      story.awaitReady(key);
      story.awaitReady(vllm);
      story.stopController();
      story.startController();
      story.pass(Duration.ofHours(1));
      assertThat(story.requests().writes()).as("requests:%n%s", story.requests()).isZero();
    }
  }

  private static void edit(Story story, String path, PatchType type, String patch) {
    KubeResponse answer =
        story.send(KubeRequest.patch(path, type, patch.getBytes(StandardCharsets.UTF_8)).build());
    assertThat(answer.isSuccess()).as(answer.bodyText()).isTrue();
  }

  private static String imageOf(Story story) {
    String object = get(story, DEPLOYMENT);
    int at = object.indexOf("\"image\":\"");
    return object.substring(at, object.indexOf(',', at));
  }

  private static String get(Story story, String path) {
    return story.send(KubeRequest.get(path).build()).bodyText();
  }
}

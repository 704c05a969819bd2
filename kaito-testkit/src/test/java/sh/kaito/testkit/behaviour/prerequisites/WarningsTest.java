package sh.kaito.testkit.behaviour.prerequisites;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.kube.RequestCounts;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.RequestMatch;
import sh.kaito.testkit.behaviour.LogLines;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.Needs;

/** What will keep a model's pods from running is said with the purchase, not after its deadline. */
@Needs(ClusterFeature.VIRTUAL_TIME)
class WarningsTest {
  private static final String EVENTS = "/api/v1/namespaces/default/events";

  private static Story story() {
    return Story.begin(cluster -> cluster.nodes(nodes -> nodes.launchDelay(Duration.ofMinutes(5))));
  }

  private static void post(Story story, String path, String json) {
    var answer = story.send(KubeRequest.post(path, json.getBytes(StandardCharsets.UTF_8)).build());
    assertThat(answer.isSuccess()).as(answer.bodyText()).isTrue();
  }

  @Test
  void aQuotaThatLeavesNoPodIsInTheEventOfThePurchaseAndInTheCondition() {
    try (Story story = story()) {
      post(
          story,
          "/api/v1/namespaces/default/resourcequotas",
          """
          {"metadata":{"name":"small"},"spec":{"hard":{"requests.nvidia.com/gpu":"0"}}}
          """);
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.pass(Duration.ofMinutes(1));
      assertThat(story.cluster.nodes().bill().bought()).as("it warns and buys").isEqualTo(0);
      assertThat(story.status(key))
          .contains("waiting for 1 x Standard_NC6s_v3; BUT namespace default: ResourceQuota small")
          .contains("leaves no requests.nvidia.com/gpu");
      assertThat(story.table(EVENTS))
          .containsPattern("Warning +NodesRequested")
          .contains("BUT namespace default: ResourceQuota small leaves no");
      story.awaitReady(key);
      assertThat(story.status(key)).as("once it is ready").doesNotContain("BUT");
      RequestCounts before = story.requests();
      story.pass(Duration.ofHours(2));
      RequestCounts hours = story.requests().since(before);
      assertThat(hours.total() - hours.count("watch"))
          .as("requests of settled hours besides watches:%n%s", hours)
          .isZero();
    }
  }

  @Test
  void withoutADevicePluginItIsSaidBeforeTheNodeIsThere() {
    try (Story story = story()) {
      story.send(
          KubeRequest.delete(
                  "/apis/apps/v1/namespaces/kube-system/daemonsets/nvidia-device-plugin-daemonset")
              .build());
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.pass(Duration.ofMinutes(1));
      assertThat(story.status(key))
          .contains("BUT device plugin: no DaemonSet of an NVIDIA device plugin is there");
      story.awaitReady(key);

      WorkspaceKey next = story.apply(Seeds.onA100("chat", "phi-4"));
      story.pass(Duration.ofMinutes(11));
      WorkspaceKey later = story.apply(Seeds.onA100("later", "phi-4"));
      story.pass(Duration.ofMinutes(1));
      assertThat(story.status(later))
          .as("a Node offers GPUs now, so there is a device plugin by whichever name")
          .contains("waiting for 1 x")
          .doesNotContain("BUT");
      story.awaitReady(next);
    }
  }

  @Test
  void whatMayNotBeReadIsLeftOutAndSaidOnce() {
    try (LogLines log = LogLines.listen();
        Story story = story()) {
      for (String kind :
          List.of("resourcequotas", "limitranges", "namespaces", "daemonsets.apps")) {
        story
            .cluster
            .faults()
            .requests(RequestMatch.of("list", kind))
            .every()
            .answer(403, "Forbidden", "no");
      }
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.pass(Duration.ofMinutes(11));
      WorkspaceKey other = story.apply(Seeds.onA100("chat", "phi-4"));
      story.awaitReady(other);
      assertThat(log.with("resourcequotas cannot be looked at"))
          .as("log lines about a right that is missing")
          .hasSize(1);
      assertThat(story.table(EVENTS)).contains("NodesRequested").doesNotContain("BUT");
    }
  }
}

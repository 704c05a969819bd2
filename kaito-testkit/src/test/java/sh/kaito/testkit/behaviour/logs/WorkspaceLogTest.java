package sh.kaito.testkit.behaviour.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.testkit.behaviour.Seeds.onA100;
import static sh.kaito.testkit.behaviour.Seeds.phi3;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.testkit.behaviour.LogLines;
import sh.kaito.testkit.behaviour.Story;

/** The log tells the story of each Workspace in a line per chapter, and nothing per reconcile. */
class WorkspaceLogTest {
  private final LogLines log = LogLines.listen();
  private final Story story = Story.begin();

  @AfterEach
  void close() {
    story.close();
    log.close();
  }

  @Test
  void aLifeWithoutTroubleIsFourLines() {
    WorkspaceKey key = story.apply(phi3());
    story.awaitReady(key);
    story.settle();
    story.delete(key);
    story.time.advanceUntil(
        "the end is told", () -> !log.with(key + ": is gone").isEmpty(), Story.LIMIT);
    assertThat(log.about(key.toString()))
        .as("lines of a Workspace that lived and went without trouble")
        // A cluster of somebody else may have no device plugin, which is a warning.
        .filteredOn(line -> line.startsWith("INFO"))
        .satisfiesExactly(
            line -> assertThat(line).contains(key + ": requesting a node of Standard_NC6s_v3"),
            line -> assertThat(line).isEqualTo("INFO WorkspaceEngine: " + key + ": is ready"),
            line -> assertThat(line).contains(key + ": deleting NodeClaim"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "INFO WorkspaceEngine: " + key + ": is gone, and its nodes are released"));
  }

  @Test
  void aRefusalIsOneLineWithTheReason() {
    Workspace misspelt = story.own(onA100("misspelt", "phi-3-mini-4k-instuct"));
    story.send(
        KubeRequest.post(
                "/apis/kaito.sh/v1beta1/namespaces/default/workspaces",
                Workspaces.toJson(misspelt).getBytes(StandardCharsets.UTF_8))
            .build());
    story.time.advanceUntil(
        "the refusal is told", () -> !log.with("cannot go on by itself").isEmpty(), Story.LIMIT);
    story.settle();
    assertThat(log.about(misspelt.key().toString()))
        .as("lines of a Workspace that is refused")
        .singleElement()
        .asString()
        .startsWith("WARN WorkspaceEngine: " + misspelt.key() + ": cannot go on by itself")
        .contains("WorkspaceInvalid", "did you mean \"phi-3-mini-4k-instruct\"?")
        .contains("docs/reference/catalog.md lists all")
        .hasSizeLessThan(700);
  }

  @Test
  void theControllerSaysThatItIsReadyUnderItsOwnName() {
    story.settle();
    assertThat(log.with("caches are synced"))
        .singleElement()
        .asString()
        .contains("KaitoController");
  }
}

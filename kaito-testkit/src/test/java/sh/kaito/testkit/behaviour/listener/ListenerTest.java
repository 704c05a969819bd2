package sh.kaito.testkit.behaviour.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.EngineEvent;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;

/** A host hears what happened, once each, in order. */
@KaitoCluster
class ListenerTest {
  private final Story story = Story.without(settings -> settings);
  private final List<EngineEvent> heard = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    story.close();
  }

  private KaitoController controller() {
    KaitoController controller =
        story
            .own(KaitoController.builder(story.cluster.transport()))
            .provisioner(ClaimProvisioner::gpuProvisioner)
            .listener(heard::add)
            .listener(
                event -> {
                  throw new IllegalStateException("a listener that is broken");
                })
            .build()
            .start();
    story.time.advanceUntil(controller::isReady, Duration.ofMinutes(1));
    return controller;
  }

  @Test
  void aLifeInFiveEvents() {
    try (KaitoController controller = controller()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      story.pass(Duration.ofHours(1));
      story.delete(key);
      story.until(
          "the end", Duration.ofMinutes(1), () -> heard.contains(new EngineEvent.Deleted(key)));
      assertThat(heard)
          .containsExactly(
              new EngineEvent.NodesRequested(key, "Standard_NC6s_v3", 1),
              new EngineEvent.NodesReady(key),
              new EngineEvent.Ready(key),
              new EngineEvent.Deleting(key),
              new EngineEvent.Deleted(key));
      assertThat(controller.isReady()).isTrue();
    }
  }

  @Test
  void aControllerThatJustStartedTellsNothingOfTheTimeBefore() {
    WorkspaceKey key;
    try (KaitoController first = controller()) {
      key = story.apply(Seeds.phi3());
      story.awaitReady(key);
      assertThat(first.isReady()).isTrue();
    }
    heard.clear();
    try (KaitoController second = controller()) {
      story.pass(Duration.ofMinutes(10));
      assertThat(heard).as("events about a Workspace that was ready all the time").isEmpty();
      story.delete(key);
      story.until(
          "the end", Duration.ofMinutes(1), () -> heard.contains(new EngineEvent.Deleted(key)));
      assertThat(heard)
          .containsExactly(new EngineEvent.Deleting(key), new EngineEvent.Deleted(key));
      assertThat(second.isReady()).isTrue();
    }
  }
}

package sh.kaito.testkit.behaviour.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.EngineEvent;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** A host hears what happened, once each, in order. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class ListenerTest {
  private final Story story = Story.without(settings -> settings);
  private final List<EngineEvent> heard = new ArrayList<>();

  @AfterEach
  void close() {
    story.close();
  }

  private KaitoController controller() {
    KaitoController controller =
        KaitoController.builder(story.cluster.transport())
            .provisioner(ClaimProvisioner::gpuProvisioner)
            .scheduler(story.time)
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
      story.time.advance(Duration.ofHours(1));
      story.delete(key);
      story.time.advance(Duration.ofMinutes(1));
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
      story.time.advance(Duration.ofMinutes(10));
      assertThat(heard).as("events about a Workspace that was ready all the time").isEmpty();
      story.delete(key);
      story.time.advance(Duration.ofMinutes(1));
      assertThat(heard)
          .containsExactly(new EngineEvent.Deleting(key), new EngineEvent.Deleted(key));
      assertThat(second.isReady()).isTrue();
    }
  }
}

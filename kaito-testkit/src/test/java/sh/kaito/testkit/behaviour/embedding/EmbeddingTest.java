package sh.kaito.testkit.behaviour.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.EngineEvent;
import sh.kaito.core.engine.ReconcileResult;
import sh.kaito.core.engine.WorkspaceEngine;
import sh.kaito.core.kube.CountingTransport;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;

/** The engine in somebody else's loop: woken, never polled. */
@KaitoCluster
class EmbeddingTest {
  private final Story story = Story.without(settings -> settings);
  private final CountingTransport transport = CountingTransport.of(story.cluster.transport());

  @AfterEach
  void close() {
    story.close();
  }

  // docs/embedding.md shows what stands between the marks.
  // begin loop
  /** A host's own loop: keys that were woken, one after the other. */
  static final class PlainLoop {
    private final Queue<WorkspaceKey> due = new ArrayDeque<>();
    private final Set<WorkspaceKey> queued = new LinkedHashSet<>();

    void requeue(WorkspaceKey key) { // any thread
      synchronized (due) {
        if (queued.add(key)) {
          due.add(key);
        }
      }
    }

    /** One turn of the loop; the host calls it when it likes. */
    int turn(WorkspaceEngine engine) {
      WorkspaceKey key;
      synchronized (due) {
        key = due.poll();
        queued.remove(key);
      }
      if (key == null) {
        return 0;
      }
      engine.reconcile(key).thenAccept(result -> lookAgain(key, result));
      return 1;
    }

    // end loop

    private final Story story;

    PlainLoop(Story story) {
      this.story = story;
    }

    private void lookAgain(WorkspaceKey key, ReconcileResult result) {
      result.nextLook().ifPresent(delay -> story.time.schedule(delay, () -> requeue(key)));
    }
  }

  @Test
  void aLoopThatOnlyTurnsWhenWokenServesAndDeletes() {
    PlainLoop loop = new PlainLoop(story);
    int[] turns = new int[1];
    List<EngineEvent> heard = new CopyOnWriteArrayList<>();
    // begin engine
    try (WorkspaceEngine engine =
        WorkspaceEngine.builder(transport)
            .provisioner(ClaimProvisioner.gpuProvisioner())
            .scheduler(story.time) // without this line: the wall clock and two threads of its own
            .onWake(loop::requeue)
            .listener(heard::add)
            .start()) {
      // end engine
      WorkspaceKey key = story.apply(Seeds.phi3());
      story.time.advanceUntil(
          "it is ready",
          () -> {
            turns[0] += loop.turn(engine);
            return heard.contains(new EngineEvent.Ready(key));
          },
          Duration.ofHours(1));
      if (story.cluster.has(ClusterFeature.VIRTUAL_TIME)) {
        // On a real cluster changes come one by one that come together here.
        assertThat(turns[0]).as("reconciles from apply to ready").isLessThan(60);
      }

      int before = turns[0];
      var requests = transport.counts();
      story.pass(Duration.ofHours(1));
      while (loop.turn(engine) > 0) {
        turns[0]++;
        story.pass(Duration.ofSeconds(1));
      }
      var idle = transport.counts().since(requests);
      assertThat(turns[0] - before).as("reconciles of a settled hour").isLessThan(3);
      assertThat(idle.total() - idle.count("watch"))
          .as("requests of a settled hour besides watches:%n%s", idle)
          .isZero();

      story.await(story.kaito.deleteAsync(key));
      story.time.advanceUntil(
          "its nodes are gone",
          () -> {
            loop.turn(engine);
            return story.cluster.nodes().bill().running() == 0;
          },
          Duration.ofHours(1));
    }
  }

  @Test
  void thePageShowsTheCodeOfThisTest() throws IOException {
    String page = Files.readString(Path.of("../docs/embedding.md"));
    String code =
        Files.readString(
            Path.of("src/test/java/sh/kaito/testkit/behaviour/embedding/EmbeddingTest.java"));
    for (String part : new String[] {"loop", "engine"}) {
      String shown =
          code.substring(
                  code.indexOf("// begin " + part) + ("// begin " + part).length(),
                  code.indexOf("// end " + part))
              .stripIndent()
              .strip();
      for (String line : shown.lines().map(String::strip).toList()) {
        assertThat(page).as("docs/embedding.md").contains(line);
      }
    }
    String sample =
        Files.readString(
            Path.of(
                "../samples/operator-sdk/src/main/java/sh/kaito/samples/operatorsdk/"
                    + "WorkspaceReconciler.java"));
    int from = page.indexOf("```java\n// WorkspaceReconciler");
    for (String line :
        page.substring(from, page.indexOf("\n```\n", from)).lines().skip(2).toList()) {
      if (!line.strip().equals("// ...")) {
        assertThat(sample).as("the sample that docs/embedding.md shows").contains(line.strip());
      }
    }
  }
}

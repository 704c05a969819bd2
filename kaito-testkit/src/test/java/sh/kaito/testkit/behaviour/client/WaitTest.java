package sh.kaito.testkit.behaviour.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.client.WorkspaceEndpoint;
import sh.kaito.core.client.WorkspaceException;
import sh.kaito.core.client.WorkspaceException.Kind;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.junit.KaitoCluster;

/** A wait always ends, and says why. */
@KaitoCluster
class WaitTest {

  @Test
  void whatTheProgressCallbackThrowsEndsTheWait() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      IllegalStateException bug = new IllegalStateException("disk full");
      CompletableFuture<WorkspaceEndpoint> wait =
          story
              .kaito
              .awaitReadyAsync(
                  key,
                  Story.LIMIT,
                  progress -> {
                    throw bug;
                  })
              .toCompletableFuture();
      WorkspaceException ended = failureOf(story, wait);
      assertThat(ended.kind()).isEqualTo(Kind.CALLBACK);
      assertThat(ended).hasCause(bug).hasMessageContaining("disk full");
    }
  }

  @Test
  void closingTheClientEndsItsWaits() {
    try (Story story = Story.without(settings -> settings)) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      CompletableFuture<WorkspaceEndpoint> ready =
          story.kaito.awaitReadyAsync(key, Story.LIMIT, progress -> {}).toCompletableFuture();
      CompletableFuture<Boolean> gone =
          story.kaito.awaitDeletedAsync(key, Story.LIMIT, progress -> {}).toCompletableFuture();
      story.pass(Story.LIMIT.dividedBy(2));
      assertThat(ready).as("nobody makes it ready").isNotDone();
      story.kaito.close();
      CompletableFuture<WorkspaceEndpoint> late =
          story.kaito.awaitReadyAsync(key, Story.LIMIT, progress -> {}).toCompletableFuture();
      for (CompletableFuture<?> wait : new CompletableFuture<?>[] {ready, gone, late}) {
        assertThat(wait).as("without time passing").isCompletedExceptionally();
        WorkspaceException ended = failureOf(story, wait);
        assertThat(ended.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(ended).hasMessage("the client was closed");
      }
    }
  }

  @Test
  void anApiServerThatIsDownForAMomentDoesNotEndAWait() {
    try (Story story = Story.begin()) {
      WorkspaceKey key = story.apply(Seeds.phi3());
      AtomicInteger asked = new AtomicInteger();
      FlakyStart flaky = new FlakyStart(story.cluster.transport(), asked);
      try (WorkspaceClient kaito = WorkspaceClient.create(flaky, story.time)) {
        story.await(kaito.awaitReadyAsync(key, Story.LIMIT, progress -> {}));
      }
      assertThat(asked.get()).as("requests, of which the first three failed").isGreaterThan(3);
    }
  }

  private static WorkspaceException failureOf(Story story, CompletableFuture<?> wait) {
    return (WorkspaceException) Story.causeOf(() -> story.await(wait));
  }
}

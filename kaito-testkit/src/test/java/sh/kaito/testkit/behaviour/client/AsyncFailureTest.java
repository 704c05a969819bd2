package sh.kaito.testkit.behaviour.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.client.WorkspaceException;
import sh.kaito.core.client.WorkspaceException.Kind;
import sh.kaito.testkit.VirtualScheduler;
import sh.kaito.testkit.behaviour.Seeds;

/** Stages fail with the exception that is documented, not with what a transport throws. */
class AsyncFailureTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @Test
  void everyAsyncMethodFailsWithAWorkspaceException() {
    VirtualScheduler time = VirtualScheduler.seeded(7);
    WorkspaceKey key = WorkspaceKey.of("phi");
    try (WorkspaceClient kaito = WorkspaceClient.create(FakeTransport.broken(), time)) {
      List<CompletionStage<?>> stages =
          List.of(
              kaito.applyAsync(Seeds.phi3()),
              kaito.deleteAsync(key),
              kaito.endpoint(key).chatAsync("hi"));
      for (CompletionStage<?> stage : stages) {
        Throwable failure = failureOf(stage);
        assertThat(failure).isInstanceOf(WorkspaceException.class);
        assertThat(((WorkspaceException) failure).kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(failure)
            .hasMessageContaining("connection refused")
            .hasCauseInstanceOf(KubeTransportException.class);
      }
      List<CompletionStage<?>> waits =
          List.of(
              kaito.awaitReadyAsync(key, LIMIT, progress -> {}),
              kaito.awaitDeletedAsync(key, LIMIT, progress -> {}));
      time.advance(LIMIT);
      for (CompletionStage<?> wait : waits) {
        Throwable failure = failureOf(wait);
        assertThat(failure).isInstanceOf(WorkspaceException.class);
        assertThat(((WorkspaceException) failure).kind()).isEqualTo(Kind.TIMEOUT);
        assertThat(failure).hasMessageContaining("connection refused");
      }
    }
  }

  /** What a dependent of the stage itself is given. */
  private static Throwable failureOf(CompletionStage<?> stage) {
    AtomicReference<Throwable> seen = new AtomicReference<>();
    var unused = stage.whenComplete((value, error) -> seen.set(error));
    Throwable failure = seen.get();
    if (failure == null) {
      throw new AssertionError("the stage is not complete, or did not fail");
    }
    return failure;
  }
}

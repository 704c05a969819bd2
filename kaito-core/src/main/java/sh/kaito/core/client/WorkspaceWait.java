package sh.kaito.core.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceProgress.Stage;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;

/** Waits for one Workspace by watching it. */
final class WorkspaceWait {
  /** Reason of InferenceReady while nothing is wrong. */
  private static final String STARTING = "WorkspaceInferenceStatusPending";

  /** Between attempts at discovery while the API server does not answer. */
  private static final Duration DISCOVERY_PAUSE = Duration.ofSeconds(2);

  private final KubeTransport transport;
  private final ServedApi served;
  private final Scheduler scheduler;
  private final WorkspaceKey key;
  private final Duration limit;
  private final Consumer<WorkspaceProgress> progress;
  private final boolean untilGone;
  private final Instant begun;
  private final CompletableFuture<Boolean> done = new CompletableFuture<>();
  private volatile @Nullable Reflector<Seen> reflector;
  private volatile String last = "nothing was heard of it";
  private volatile String trouble = "";

  /** What decides, read from the object. */
  private record Seen(
      boolean deleting, boolean ready, String stalled, Stage stage, String message) {}

  /** A wait that has not begun. */
  WorkspaceWait(
      KubeTransport transport,
      ServedApi served,
      Scheduler scheduler,
      WorkspaceKey key,
      Duration limit,
      Consumer<WorkspaceProgress> progress,
      boolean untilGone) {
    this.transport = transport;
    this.served = served;
    this.scheduler = scheduler;
    this.key = key;
    this.limit = limit;
    this.progress = progress;
    this.untilGone = untilGone;
    this.begun = scheduler.clock().instant();
  }

  /**
   * Begins. Called once.
   *
   * @return completes with true; fails with {@link WorkspaceException}
   */
  CompletionStage<Boolean> start() {
    Scheduler.Timer timer;
    try {
      timer = scheduler.schedule(limit, this::timeOut);
    } catch (RejectedExecutionException e) {
      fail(Await.failure(e));
      return done;
    }
    CompletionStage<Boolean> ended =
        done.whenComplete(
            (result, error) -> {
              timer.cancel();
              Reflector<Seen> watching = reflector;
              if (watching != null) {
                watching.stop();
              }
            });
    discover();
    return ended;
  }

  /** Ends the wait where it has not ended yet. */
  void fail(WorkspaceException reason) {
    done.completeExceptionally(reason);
  }

  private void discover() {
    if (done.isDone()) {
      return;
    }
    var unused =
        served
            .lookup()
            .whenComplete(
                (type, error) -> {
                  if (error != null) {
                    undiscovered(Await.failure(error));
                  } else if (type.isEmpty()) {
                    fail(ServedApi.notServed());
                  } else {
                    watch(type.get());
                  }
                });
  }

  /** An API server that is down for a moment does not end a wait of half an hour. */
  private void undiscovered(WorkspaceException error) {
    if (error.kind() != WorkspaceException.Kind.UNREACHABLE) {
      fail(error);
      return;
    }
    trouble = String.valueOf(error.getMessage());
    try {
      scheduler.schedule(DISCOVERY_PAUSE, this::discover);
    } catch (RejectedExecutionException e) {
      fail(error);
    }
  }

  private void watch(ResourceType type) {
    Reflector<Seen> watching =
        Reflector.builder(transport, scheduler, type, WorkspaceWait::decode)
            .select(ListOptions.in(key.namespace()).fieldSelector("metadata.name=" + key.name()))
            .onChange(change -> changed(change.after() == null ? null : change.after().value()))
            .build();
    var unused =
        watching
            .synced()
            .thenRun(
                () -> {
                  boolean there =
                      watching
                          .snapshot()
                          .get(ObjectKey.of(key.namespace(), key.name()))
                          .isPresent();
                  if (!there) {
                    absent();
                  }
                });
    reflector = watching;
    // Who ended the wait before this point saw no reflector to stop.
    if (!done.isDone()) {
      watching.start();
    }
  }

  private void absent() {
    if (untilGone) {
      done.complete(true);
    } else {
      done.completeExceptionally(
          new WorkspaceException(
              WorkspaceException.Kind.NOT_FOUND,
              "there is no workspace " + key + "; apply it first, or check the namespace"));
    }
  }

  private void changed(@Nullable Seen seen) {
    if (done.isDone()) {
      return;
    }
    if (seen == null) {
      if (untilGone) {
        done.complete(true);
      } else {
        done.completeExceptionally(
            new WorkspaceException(
                WorkspaceException.Kind.DELETED,
                "workspace " + key + " was deleted while it was waited for"));
      }
      return;
    }
    String line = seen.stage() + " " + seen.message();
    if (!line.equals(last)) {
      last = line;
      tell(seen);
    }
    if (untilGone || done.isDone()) {
      return;
    }
    if (seen.ready()) {
      done.complete(true);
    } else if (!seen.stalled().isEmpty()) {
      done.completeExceptionally(
          new WorkspaceException(
              WorkspaceException.Kind.STALLED,
              "workspace " + key + " cannot become ready: " + seen.stalled()));
    }
  }

  /** What the callback throws is the caller's to see: it ends the wait. */
  private void tell(Seen seen) {
    try {
      progress.accept(
          new WorkspaceProgress(
              key,
              Duration.between(begun, scheduler.clock().instant()),
              seen.stage(),
              seen.message()));
    } catch (RuntimeException | Error e) {
      fail(
          new WorkspaceException(
              WorkspaceException.Kind.CALLBACK,
              "the progress callback threw at " + seen.stage() + " of workspace " + key + ": " + e,
              e));
    }
  }

  private void timeOut() {
    Reflector<Seen> watching = reflector;
    String why = watching == null ? trouble : watching.health().lastError();
    fail(
        new WorkspaceException(
            WorkspaceException.Kind.TIMEOUT,
            "workspace "
                + key
                + " was not "
                + (untilGone ? "gone" : "ready")
                + " after "
                + limit.toSeconds()
                + " s; last seen: "
                + last
                + (why.isEmpty() ? "" : "; the watch has trouble: " + why)));
  }

  private static Seen decode(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    JsonNode conditions = object.path("status").path("conditions");
    long generation = metadata.path("generation").asLong();
    JsonNode stalled = condition(conditions, "Stalled");
    boolean deleting = metadata.hasNonNull("deletionTimestamp");
    JsonNode succeeded = condition(conditions, "WorkspaceSucceeded");
    boolean current = succeeded.path("observedGeneration").asLong() >= generation;
    boolean ready = !deleting && current && isTrue(succeeded);
    JsonNode resource = condition(conditions, "ResourceReady");
    Stage stage;
    String message;
    if (deleting) {
      stage = Stage.DELETING;
      message = condition(conditions, "WorkspaceDeleting").path("message").asText("deletion asked");
    } else if (ready) {
      stage = Stage.READY;
      message =
          object.path("tuning").isObject()
              ? "the training is done"
              : "serves on " + nodes(object.path("status"));
    } else if (conditions.isEmpty()) {
      stage = Stage.ACCEPTED;
      message = "the operator has not reported yet";
    } else if (!isTrue(resource)) {
      stage = Stage.NODES;
      message = resource.path("message").asText();
    } else {
      stage = Stage.MODEL;
      JsonNode inference =
          condition(conditions, object.path("tuning").isObject() ? "JobStarted" : "InferenceReady");
      message =
          inference.path("reason").asText().equals(STARTING)
              ? "nodes are ready ("
                  + nodes(object.path("status"))
                  + "); the model server is starting"
              : inference.path("message").asText();
    }
    return new Seen(
        deleting,
        ready,
        isTrue(stalled) && stalled.path("observedGeneration").asLong() >= generation
            ? stalled.path("message").asText()
            : "",
        stage,
        message);
  }

  private static String nodes(JsonNode status) {
    List<String> names = new ArrayList<>();
    status.path("workerNodes").forEach(name -> names.add(name.asText()));
    return String.join(", ", names);
  }

  private static JsonNode condition(JsonNode conditions, String type) {
    for (JsonNode condition : conditions) {
      if (condition.path("type").asText().equals(type)) {
        return condition;
      }
    }
    return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
  }

  private static boolean isTrue(JsonNode condition) {
    return condition.path("status").asText().equals("True");
  }
}

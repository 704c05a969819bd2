package sh.kaito.core.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceProgress.Stage;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ReflectorListener;
import sh.kaito.core.internal.kube.ResourceType;

/** Waits for one Workspace by watching it. */
final class WorkspaceWait {
  /** Reason of InferenceReady while nothing is wrong. */
  private static final String STARTING = "WorkspaceInferenceStatusPending";

  private final WorkspaceKey key;
  private final Scheduler scheduler;
  private final Consumer<WorkspaceProgress> progress;
  private final boolean untilGone;
  private final Instant begun;
  private final CompletableFuture<Boolean> done = new CompletableFuture<>();
  private String last = "nothing was heard of it";

  /** What decides, read from the object. */
  private record Seen(
      boolean deleting, boolean ready, String stalled, Stage stage, String message) {}

  private WorkspaceWait(
      WorkspaceKey key,
      Scheduler scheduler,
      Consumer<WorkspaceProgress> progress,
      boolean untilGone) {
    this.key = key;
    this.scheduler = scheduler;
    this.progress = progress;
    this.untilGone = untilGone;
    this.begun = scheduler.clock().instant();
  }

  static CompletionStage<Boolean> untilReady(
      KubeTransport transport,
      Scheduler scheduler,
      WorkspaceKey key,
      Duration limit,
      Consumer<WorkspaceProgress> progress) {
    return new WorkspaceWait(key, scheduler, progress, false).start(transport, limit);
  }

  static CompletionStage<Boolean> untilGone(
      KubeTransport transport,
      Scheduler scheduler,
      WorkspaceKey key,
      Duration limit,
      Consumer<WorkspaceProgress> progress) {
    return new WorkspaceWait(key, scheduler, progress, true).start(transport, limit);
  }

  private CompletionStage<Boolean> start(KubeTransport transport, Duration limit) {
    Reflector<Seen> reflector =
        Reflector.builder(
                transport, scheduler, ResourceType.WORKSPACES_V1BETA1, WorkspaceWait::decode)
            .select(ListOptions.in(key.namespace()).fieldSelector("metadata.name=" + key.name()))
            .listener(
                new ReflectorListener<>() {
                  @Override
                  public void onChange(Change<Seen> change) {
                    changed(change.after() == null ? null : change.after().value());
                  }
                })
            .build();
    var unused =
        reflector
            .synced()
            .thenRun(
                () -> {
                  boolean there =
                      reflector
                          .snapshot()
                          .get(ObjectKey.of(key.namespace(), key.name()))
                          .isPresent();
                  if (!there) {
                    absent();
                  }
                });
    Scheduler.Timer timer = scheduler.schedule(limit, () -> timeOut(limit, reflector));
    reflector.start();
    return done.whenComplete(
        (result, error) -> {
          timer.cancel();
          reflector.stop();
        });
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
      progress.accept(
          new WorkspaceProgress(
              key,
              Duration.between(begun, scheduler.clock().instant()),
              seen.stage(),
              seen.message()));
    }
    if (untilGone) {
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

  private void timeOut(Duration limit, Reflector<Seen> reflector) {
    String trouble = reflector.health().lastError();
    done.completeExceptionally(
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
                + (trouble.isEmpty() ? "" : "; the watch has trouble: " + trouble)));
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
      message = "serves on " + nodes(object.path("status"));
    } else if (conditions.isEmpty()) {
      stage = Stage.ACCEPTED;
      message = "the operator has not reported yet";
    } else if (!isTrue(resource)) {
      stage = Stage.NODES;
      message = resource.path("message").asText();
    } else {
      stage = Stage.MODEL;
      JsonNode inference = condition(conditions, "InferenceReady");
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

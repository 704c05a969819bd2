package sh.kaito.testkit.exploration;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoFinalizers;
import sh.kaito.api.model.KaitoLabels;

/**
 * What one controller process has of the network. It can be cut, which is what the death of the
 * process looks like from outside: nothing is sent any more, and no answer comes.
 */
final class Leash implements KubeTransport {
  /** Header by which faults of the server find the controller's requests. */
  static final String AGENT = "explored-controller";

  /** What happens to the requests of all processes of a run, one after the other. */
  interface Plan {
    /**
     * What happens to the next request.
     *
     * @param number from 1, over all processes of the run
     */
    Accident next(int number, KubeRequest request);
  }

  /** What happens to one request. */
  enum Accident {
    NONE,
    /** The process dies and the request was never sent. */
    CRASH_BEFORE,
    /** The request takes effect, and the process dies before it has the answer. */
    CRASH_AFTER,
    /** The process dies; the request arrives half a minute later, when another leads. */
    CRASH_AND_ARRIVE_LATE,
    /** The request takes effect and the answer is lost. */
    LOSE_ANSWER,
    /** The answer is lost, and the effect comes 50 seconds later. */
    ARRIVE_LATE,
    /** Never sent: the connection is refused. */
    REFUSE,
    /** Answered 500 without effect. */
    ERROR,
    /** Answered 429 with {@code Retry-After: 7}. */
    THROTTLE,
    /** Answered 409 without effect. */
    CONFLICT
  }

  private static final Duration LATE_AFTER_CRASH = Duration.ofSeconds(30);
  private static final Duration LATE = Duration.ofSeconds(50);

  private final KubeTransport server;
  private final Scheduler scheduler;
  private final Count count;
  private final Runnable died;
  private final List<KubeWatch> watches = new ArrayList<>();
  private boolean cut;

  /** Counts over all processes of a run. */
  static final class Count {
    private final Plan plan;
    private final List<String> requests = new ArrayList<>();
    private int writes;
    private @Nullable String uncovered;

    Count(Plan plan) {
      this.plan = plan;
    }

    /** All requests so far, as method and path. */
    List<String> requests() {
      return requests;
    }

    int writes() {
      return writes;
    }

    /** The first purchase that was sent before what must be written before it. */
    Optional<String> uncovered() {
      return Optional.ofNullable(uncovered);
    }
  }

  Leash(KubeTransport server, Scheduler scheduler, Count count, Runnable died) {
    this.server = server;
    this.scheduler = scheduler;
    this.count = count;
    this.died = died;
  }

  /** The process is dead from here on. */
  void cut() {
    cut = true;
    watches.forEach(KubeWatch::close);
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    if (cut) {
      return new CompletableFuture<>();
    }
    KubeRequest marked = request.toBuilder().header("User-Agent", AGENT).build();
    count.requests.add(request.method() + " " + request.path());
    count.writes += request.method().equals("GET") ? 0 : 1;
    if (request.method().equals("POST") && request.path().endsWith("/nodeclaims")) {
      checkCover(Json.tree(request.body()).path("metadata"));
    }
    return happen(count.plan.next(count.requests.size(), request), marked);
  }

  /**
   * Before a purchase the finalizer and the epoch that it is made under must be on its owner: a
   * process that dies now leaves to the next one what it needs to know.
   */
  private void checkCover(JsonNode claim) {
    var unused =
        server
            .exchange(KubeRequest.get("/apis/kaito.sh/v1beta1/workspaces").build())
            .thenAccept(
                answer -> {
                  if (count.uncovered == null && !isCovered(claim, Json.tree(answer.body()))) {
                    count.uncovered =
                        "claim "
                            + claim.path("name").asText()
                            + " was bought before finalizer and epoch were on its Workspace";
                  }
                });
  }

  private static boolean isCovered(JsonNode claim, JsonNode workspaces) {
    JsonNode labels = claim.path("labels");
    for (JsonNode workspace : workspaces.path("items")) {
      JsonNode metadata = workspace.path("metadata");
      String ledger = metadata.path("annotations").path(KaitoAnnotations.NODES).asText();
      if (metadata.path("uid").equals(labels.path(KaitoLabels.OWNER_UID)) && !ledger.isEmpty()) {
        int epoch =
            Json.tree(ledger.getBytes(StandardCharsets.UTF_8))
                .path("epochs")
                .path(labels.path(KaitoLabels.SLOT).asText())
                .asInt(1);
        return metadata.path("finalizers").toString().contains(KaitoFinalizers.WORKSPACE)
            && labels.path(KaitoLabels.EPOCH).asInt() <= epoch;
      }
    }
    return false;
  }

  private CompletionStage<KubeResponse> happen(Accident accident, KubeRequest request) {
    return switch (accident) {
      case NONE -> alive(server.exchange(request));
      case CRASH_BEFORE -> die();
      case CRASH_AFTER -> {
        var unused = server.exchange(request);
        yield die();
      }
      case CRASH_AND_ARRIVE_LATE -> {
        scheduler.schedule(LATE_AFTER_CRASH, () -> send(request));
        yield die();
      }
      case LOSE_ANSWER ->
          server
              .exchange(request)
              .thenCompose(answer -> failed(KubeTransportException.Effect.UNKNOWN));
      case ARRIVE_LATE -> {
        scheduler.schedule(LATE, () -> send(request));
        yield failed(KubeTransportException.Effect.UNKNOWN);
      }
      case REFUSE -> failed(KubeTransportException.Effect.NONE);
      case ERROR -> answered(500, "InternalError", "");
      case THROTTLE -> answered(429, "TooManyRequests", "7");
      case CONFLICT -> answered(409, "Conflict", "");
    };
  }

  private void send(KubeRequest request) {
    var unused = server.exchange(request);
  }

  /** Answers that arrive after the death reach nobody. */
  private CompletionStage<KubeResponse> alive(CompletionStage<KubeResponse> answer) {
    CompletableFuture<KubeResponse> future = new CompletableFuture<>();
    var unused =
        answer.handle(
            (response, error) -> {
              if (!cut && response != null) {
                future.complete(response);
              } else if (!cut && error != null) {
                future.completeExceptionally(error);
              }
              return null;
            });
    return future;
  }

  private CompletionStage<KubeResponse> die() {
    cut();
    died.run();
    return new CompletableFuture<>();
  }

  private static CompletionStage<KubeResponse> failed(KubeTransportException.Effect effect) {
    return CompletableFuture.failedFuture(
        new KubeTransportException(effect, "the connection broke, on purpose", null));
  }

  private static CompletionStage<KubeResponse> answered(
      int status, String reason, String retryAfter) {
    String body =
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\""
            + reason
            + "\",\"message\":\"on purpose\",\"code\":"
            + status
            + "}";
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.put("Content-Type", List.of("application/json"));
    if (!retryAfter.isEmpty()) {
      headers.put("Retry-After", List.of(retryAfter));
    }
    return CompletableFuture.completedFuture(
        KubeResponse.of(status, headers, body.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    if (cut) {
      return () -> {};
    }
    KubeWatch watch =
        server.watch(request.toBuilder().header("User-Agent", AGENT).build(), listener);
    watches.add(watch);
    return watch;
  }

  /** The server is not this process's to close. */
  @Override
  public void close() {}
}

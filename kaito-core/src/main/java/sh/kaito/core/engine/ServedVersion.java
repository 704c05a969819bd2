package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.kube.Backoff;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stages;

/**
 * Finds out in which version Workspaces are served: by asking for the resource, not for the group,
 * where another kind may stand in an older version alone. Upstream's definition v0.3.1 knows
 * v1alpha1 only. A definition may be replaced while a controller runs, so it is asked again when
 * the version that was chosen is gone.
 */
final class ServedVersion {
  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceEngine.class);

  private static final Backoff RETRY = new Backoff(Duration.ofMillis(2500), Duration.ofSeconds(15));

  private static final List<ResourceType> CANDIDATES =
      List.of(ResourceType.WORKSPACES_V1BETA1, ResourceType.WORKSPACES_V1ALPHA1);

  private final KubeClient client;
  private final Scheduler scheduler;
  private final Consumer<ResourceType> chosen;
  private int failures;
  private volatile boolean closed;

  /** Why it is not known yet how Workspaces are served; empty once it is. */
  private volatile String complaint = "";

  /**
   * Not started.
   *
   * @param chosen told the version, at the first choice and at every other one
   */
  ServedVersion(KubeClient client, Scheduler scheduler, Consumer<ResourceType> chosen) {
    this.client = client;
    this.scheduler = scheduler;
    this.chosen = chosen;
  }

  /** Asks until a version is served. */
  void choose() {
    choose(CANDIDATES);
  }

  String complaint() {
    return complaint;
  }

  void close() {
    closed = true;
  }

  private void choose(List<ResourceType> candidates) {
    if (closed) {
      return;
    }
    if (candidates.isEmpty()) {
      complain("the Workspace API (kaito.sh) is not served yet: its definition is not installed");
      return;
    }
    ResourceType candidate = candidates.get(0);
    var unused =
        ask(candidate)
            .handle(
                (result, error) -> {
                  if (result != null && serves(result, candidate)) {
                    found(candidate);
                  } else if (result != null && (result.isSuccess() || result.isNotFound())) {
                    choose(candidates.subList(1, candidates.size()));
                  } else {
                    complain(
                        "the API server does not say what it serves: "
                            + (error != null
                                ? Stages.cause(error).getMessage()
                                : String.valueOf(result)));
                  }
                  return null;
                });
  }

  private void found(ResourceType served) {
    if (!complaint.isEmpty()) {
      LOG.info("the Workspace API is served now, as {}", served.apiVersion());
      complaint = "";
    }
    failures = 0;
    chosen.accept(served);
  }

  /**
   * The server seems to know the chosen version no more: takes another that it serves, if there is
   * one and the chosen one is really gone. Asks once; whoever calls goes on to look for the chosen
   * one, with growing pauses, and calls again.
   */
  void isGone(ResourceType version) {
    if (closed) {
      return;
    }
    var unused =
        ask(version)
            .thenAccept(
                result -> {
                  boolean gone =
                      result.isNotFound() || (result.isSuccess() && !serves(result, version));
                  if (gone) {
                    CANDIDATES.stream()
                        .filter(other -> !other.equals(version))
                        .forEach(other -> takeIfServed(other, version));
                  }
                });
  }

  private void takeIfServed(ResourceType other, ResourceType before) {
    var unused =
        ask(other)
            .thenAccept(
                result -> {
                  if (serves(result, other) && !closed) {
                    LOG.warn(
                        "Workspaces are served as {} now, and no more as {}; lists them anew",
                        other.apiVersion(),
                        before.apiVersion());
                    chosen.accept(other);
                  }
                });
  }

  private CompletionStage<KubeResult> ask(ResourceType version) {
    return client.send(
        KubeRequest.get("/apis/" + version.apiVersion())
            .header("Accept", "application/json")
            .build());
  }

  /** Says it once, however often it is found, and asks again later. */
  private void complain(String what) {
    if (!what.equals(complaint)) {
      complaint = what;
      LOG.warn("{}; asks again until it is", what);
    }
    failures++;
    scheduler.schedule(RETRY.delay(failures, scheduler.random()), this::choose);
  }

  private static boolean serves(KubeResult resources, ResourceType type) {
    for (JsonNode resource : resources.body().path("resources")) {
      if (resource.path("name").asText().equals(type.plural())) {
        return resources.isSuccess();
      }
    }
    return false;
  }
}

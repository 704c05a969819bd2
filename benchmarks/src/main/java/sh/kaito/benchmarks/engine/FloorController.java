package sh.kaito.benchmarks.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.Decoder;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stored;

/**
 * The least that a controller can do to bring a Workspace up: seven writes with the same bodies,
 * driven by the same nine watches, over the same HTTP client. It plans nothing, checks nothing,
 * replaces nothing, deletes nothing; its bodies are texts with blanks to fill in. What the real
 * controller takes beyond it is the price of the rest.
 */
final class FloorController implements AutoCloseable {
  private static final String PARTIAL =
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

  private final KubeTransport transport;
  private final Scheduler scheduler;
  private final List<Reflector<?>> watches = new ArrayList<>();
  private final Map<String, Work> byUid = new ConcurrentHashMap<>();
  private final Map<ObjectKey, Work> byKey = new ConcurrentHashMap<>();
  private final Map<String, String> bodies = new ConcurrentHashMap<>();

  /** How far one Workspace is: how many of its three turns have begun. */
  private static final class Work {
    final ObjectKey key;
    final String uid;
    boolean nodesReady;
    boolean served;
    CompletionStage<?> last = CompletableFuture.completedFuture(null);

    Work(ObjectKey key, String uid) {
      this.key = key;
      this.uid = uid;
    }
  }

  private FloorController(KubeTransport transport, Scheduler scheduler) {
    this.transport = transport;
    this.scheduler = scheduler;
  }

  static FloorController start(KubeTransport transport, Scheduler scheduler) {
    FloorController floor = new FloorController(transport, scheduler);
    floor.watch(ResourceType.WORKSPACES_V1BETA1, "", object -> true, floor::workspace);
    floor.watch(ResourceType.NODES, "", FloorController::readyOwner, floor::node);
    floor.watch(ResourceType.DEPLOYMENTS, "", FloorController::isServed, floor::deployment);
    floor.watch(ResourceType.NODECLAIMS, "kaito.sh/workspace", object -> true, change -> {});
    floor.watch(ResourceType.PODS, "kaito.sh/workspace", object -> true, change -> {});
    for (ResourceType type :
        List.of(
            ResourceType.SERVICES,
            ResourceType.STATEFULSETS,
            ResourceType.JOBS,
            ResourceType.CONFIGMAPS)) {
      floor.watch(type, "", object -> true, change -> {});
    }
    floor.watches.forEach(Reflector::start);
    return floor;
  }

  private <T> void watch(
      ResourceType type,
      String label,
      Decoder<T> decoder,
      java.util.function.Consumer<Change<T>> listener) {
    ListOptions all = ListOptions.all();
    watches.add(
        Reflector.builder(transport, scheduler, type, decoder)
            .select(label.isEmpty() ? all : all.labelSelector(label))
            .onChange(listener)
            .build());
  }

  boolean isSynced() {
    return watches.stream().allMatch(watch -> watch.snapshot().isSynced());
  }

  /** Uid of the owner of a Node that is ready with GPUs; empty otherwise. */
  private static String readyOwner(JsonNode node) {
    boolean ready = false;
    for (JsonNode condition : node.path("status").path("conditions")) {
      ready |=
          condition.path("type").asText().equals("Ready")
              && condition.path("status").asText().equals("True");
    }
    return ready && node.path("status").path("allocatable").has("nvidia.com/gpu")
        ? node.path("metadata").path("labels").path("java.kaito.sh/owner-uid").asText()
        : "";
  }

  private static boolean isServed(JsonNode deployment) {
    return deployment.path("status").path("readyReplicas").asInt() > 0;
  }

  // ---- the three turns

  private void workspace(Change<Boolean> change) {
    Stored<Boolean> after = change.after();
    if (after == null || !change.isCreation()) {
      return;
    }
    Work work = new Work(change.key(), after.uid());
    byUid.put(work.uid, work);
    byKey.put(work.key, work);
    String path = ResourceType.WORKSPACES_V1BETA1.path(work.key);
    then(work, KubeRequest.patch(path, PatchType.MERGE, body("finalizer", work)));
    then(work, KubeRequest.post(ResourceType.NODECLAIMS.path(), body("claim", work)));
    then(work, KubeRequest.patch(path + "/status", PatchType.MERGE, body("status-waiting", work)));
  }

  private void node(Change<String> change) {
    Stored<String> after = change.after();
    Work work = after == null ? null : byUid.get(after.value());
    if (work == null || work.nodesReady) {
      return;
    }
    work.nodesReady = true;
    apply(work, ResourceType.SERVICES, "service");
    apply(work, ResourceType.DEPLOYMENTS, "deployment");
    status(work, "status-nodes-ready");
  }

  private void deployment(Change<Boolean> change) {
    Stored<Boolean> after = change.after();
    Work work = after != null && after.value() ? byKey.get(change.key()) : null;
    if (work != null && !work.served) {
      work.served = true;
      status(work, "status-ready");
    }
  }

  private void apply(Work work, ResourceType type, String name) {
    then(work, KubeRequest.patch(type.path(work.key), PatchType.APPLY, body(name, work)));
  }

  private void status(Work work, String name) {
    String path = ResourceType.WORKSPACES_V1BETA1.path(work.key) + "/status";
    then(work, KubeRequest.patch(path, PatchType.MERGE, body(name, work)));
  }

  /** One write of a Workspace after the other. */
  private void then(Work work, KubeRequest.Builder request) {
    KubeRequest built =
        request.setQuery("fieldManager", "kaito-floor").header("Accept", PARTIAL).build();
    synchronized (work) {
      work.last =
          work.last
              .thenCompose(before -> transport.exchange(built))
              .thenApply(FloorController::read)
              .whenComplete(
                  (answer, failure) -> {
                    if (failure != null) {
                      System.err.println("floor: " + built + ": " + failure);
                    }
                  });
    }
  }

  /** As any client does; a failure ends the Workspace's chain and is seen by the one who waits. */
  private static @Nullable JsonNode read(KubeResponse response) {
    if (!response.isSuccess()) {
      throw new IllegalStateException(response.status() + ": " + response.bodyText());
    }
    try {
      return KubeJson.read(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] body(String name, Work work) {
    String time = scheduler.clock().instant().truncatedTo(ChronoUnit.SECONDS).toString();
    return bodies
        .computeIfAbsent(name, FloorController::template)
        .replace("@NAMESPACE@", work.key.namespace())
        .replace("@NAME@", work.key.name())
        .replace("@UID@", work.uid)
        .replace("@TIME@", time)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String template(String name) {
    try (InputStream json = FloorController.class.getResourceAsStream(name + ".json")) {
      if (json == null) {
        throw new IllegalStateException(name + ".json is not on the class path");
      }
      // Compact, as the real bodies are.
      return KubeJson.read(json.readAllBytes()).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(name + ".json cannot be read", e);
    }
  }

  @Override
  public void close() {
    watches.forEach(Reflector::stop);
  }
}

package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.provision.NodeView;
import sh.kaito.core.engine.Decoders.CachedChild;
import sh.kaito.core.engine.Decoders.CachedPod;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedPod;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.Index;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stored;

/** Everything the engine watches, and who is to be woken by what. */
final class Caches implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Caches.class);

  private static final Duration DISCOVERY_RETRY = Duration.ofSeconds(5);

  private static final Index<CachedPod> BY_WORKSPACE =
      Index.of("workspace", pod -> List.of(pod.workspace().toString()));
  private static final Index<NodeView.NodeInfo> BY_OWNER =
      Index.of(
          "owner-uid",
          node ->
              node.labels().containsKey(KaitoLabels.OWNER_UID)
                  ? List.of(String.valueOf(node.labels().get(KaitoLabels.OWNER_UID)))
                  : List.of());

  private final KubeTransport transport;
  private final Scheduler scheduler;
  private final KubeClient client;
  private final Consumer<WorkspaceKey> wake;
  private final Reflector<NodeView.NodeInfo> nodes;
  private final Reflector<CachedPod> pods;
  private final Map<ResourceType, Reflector<CachedChild>> children = new HashMap<>();
  private final Map<String, WorkspaceKey> keysByUid = new ConcurrentHashMap<>();
  private final List<Consumer<NodeView.NodeInfo>> nodeListeners = new CopyOnWriteArrayList<>();
  private volatile @Nullable Reflector<CachedWorkspace> workspaces;
  private volatile ResourceType workspaceType = ResourceType.WORKSPACES_V1BETA1;
  private volatile boolean closed;

  /**
   * A Workspace in the cache.
   *
   * @param model null when the object could not be read as a Workspace; the problem says why
   */
  record CachedWorkspace(ObservedWorkspace observed, @Nullable Workspace model, String problem) {}

  Caches(
      KubeTransport transport,
      Scheduler scheduler,
      KubeClient client,
      Consumer<WorkspaceKey> wake) {
    this.transport = transport;
    this.scheduler = scheduler;
    this.client = client;
    this.wake = wake;
    this.nodes =
        Reflector.builder(transport, scheduler, ResourceType.NODES, Decoders::node)
            .index(BY_OWNER)
            .onChange(this::nodeChanged)
            .build();
    this.pods =
        Reflector.builder(transport, scheduler, ResourceType.PODS, Decoders::pod)
            .select(ListOptions.all().labelSelector(KaitoLabels.WORKSPACE))
            .index(BY_WORKSPACE)
            .onChange(change -> wake(change, CachedPod::workspace))
            .build();
    for (ResourceType type :
        List.of(ResourceType.SERVICES, ResourceType.DEPLOYMENTS, ResourceType.STATEFULSETS)) {
      children.put(
          type,
          Reflector.builder(transport, scheduler, type, Decoders::child)
              .onChange(this::childChanged)
              .build());
    }
  }

  void start() {
    start(nodes);
    start(pods);
    children.values().forEach(this::start);
    chooseVersion();
  }

  private void start(Reflector<?> reflector) {
    var unused = reflector.synced().thenRun(this::wakeAllWhenSynced);
    reflector.start();
  }

  /** What came in before the last cache was complete could not be decided on. */
  private void wakeAllWhenSynced() {
    if (isSynced()) {
      keysByUid.values().forEach(wake);
    }
  }

  /**
   * Asks which version of the Workspace API is served: of the resource, not of the group, where
   * another kind may stand in an older version alone. Upstream's CRD v0.3.1 knows v1alpha1 only.
   */
  private void chooseVersion() {
    chooseVersion(List.of(ResourceType.WORKSPACES_V1BETA1, ResourceType.WORKSPACES_V1ALPHA1));
  }

  private void chooseVersion(List<ResourceType> candidates) {
    if (closed) {
      return;
    }
    if (candidates.isEmpty()) {
      LOG.info(
          "the Workspace API (kaito.sh) is not served yet, asking again in {} s",
          DISCOVERY_RETRY.toSeconds());
      scheduler.schedule(DISCOVERY_RETRY, this::chooseVersion);
      return;
    }
    ResourceType candidate = candidates.get(0);
    var unused =
        client
            .send(
                KubeRequest.get("/apis/" + candidate.apiVersion())
                    .header("Accept", "application/json")
                    .build())
            .handle(
                (result, error) -> {
                  if (result != null && result.isSuccess() && serves(result, candidate)) {
                    watchWorkspaces(candidate);
                  } else if (result != null && (result.isSuccess() || result.isNotFound())) {
                    chooseVersion(candidates.subList(1, candidates.size()));
                  } else {
                    LOG.warn(
                        "the API server does not say what it serves: {}",
                        error != null ? error.getMessage() : "HTTP " + result.status());
                    scheduler.schedule(DISCOVERY_RETRY, this::chooseVersion);
                  }
                  return null;
                });
  }

  private static boolean serves(KubeResult resources, ResourceType type) {
    for (JsonNode resource : resources.body().path("resources")) {
      if (resource.path("name").asText().equals(type.plural())) {
        return true;
      }
    }
    return false;
  }

  private void watchWorkspaces(ResourceType served) {
    workspaceType = served;
    Reflector<CachedWorkspace> reflector =
        Reflector.builder(transport, scheduler, workspaceType, this::workspace)
            .onChange(this::workspaceChanged)
            .build();
    synchronized (this) {
      if (closed) {
        return;
      }
      workspaces = reflector;
    }
    start(reflector);
  }

  private CachedWorkspace workspace(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    WorkspaceKey key =
        new WorkspaceKey(metadata.path("namespace").asText(), metadata.path("name").asText());
    Workspace model = null;
    String problem = "";
    try {
      model = Workspaces.fromJson(KubeJson.write(object));
    } catch (RuntimeException e) {
      problem = "the Workspace cannot be read: " + e.getMessage();
    }
    return new CachedWorkspace(
        new ObservedWorkspace(
            key,
            workspaceType.apiVersion(),
            metadata.path("uid").asText(),
            metadata.path("resourceVersion").asText(),
            metadata.path("generation").asLong(),
            metadata.hasNonNull("deletionTimestamp"),
            Decoders.list(metadata.path("finalizers")),
            Decoders.strings(metadata.path("annotations")),
            object.path("status").deepCopy()),
        model,
        problem);
  }

  private void workspaceChanged(Change<CachedWorkspace> change) {
    Stored<CachedWorkspace> before = change.before();
    Stored<CachedWorkspace> after = change.after();
    if (before != null && (after == null || !after.uid().equals(before.uid()))) {
      keysByUid.remove(before.uid());
    }
    if (after != null) {
      keysByUid.put(after.uid(), after.value().observed().key());
    }
    wake(change, workspace -> workspace.observed().key());
  }

  private void nodeChanged(Change<NodeView.NodeInfo> change) {
    Stored<NodeView.NodeInfo> newest = change.after() != null ? change.after() : change.before();
    if (newest != null) {
      nodeListeners.forEach(listener -> listener.accept(newest.value()));
    }
    for (Stored<NodeView.NodeInfo> version : versions(change)) {
      String uid = version.value().labels().get(KaitoLabels.OWNER_UID);
      WorkspaceKey key = uid == null ? null : keysByUid.get(uid);
      if (key != null) {
        wake.accept(key);
      }
    }
  }

  private void childChanged(Change<CachedChild> change) {
    // Of all Services of the cluster only those of a Workspace's name can be its child.
    for (Stored<CachedChild> version : versions(change)) {
      if (keysByUid.containsKey(version.value().child().ownerUid())
          || workspace(version.value().key()).isPresent()) {
        wake.accept(version.value().key());
        return;
      }
    }
  }

  private <T> void wake(Change<T> change, java.util.function.Function<T, WorkspaceKey> key) {
    for (Stored<T> version : versions(change)) {
      wake.accept(key.apply(version.value()));
    }
  }

  private static <T> List<Stored<T>> versions(Change<T> change) {
    List<Stored<T>> versions = new ArrayList<>(2);
    Stored<T> after = change.after();
    Stored<T> before = change.before();
    if (after != null) {
      versions.add(after);
    }
    if (before != null && (after == null || !after.value().equals(before.value()))) {
      versions.add(before);
    }
    return versions;
  }

  boolean isSynced() {
    Reflector<CachedWorkspace> now = workspaces;
    return now != null
        && now.snapshot().isSynced()
        && nodes.snapshot().isSynced()
        && pods.snapshot().isSynced()
        && children.values().stream().allMatch(child -> child.snapshot().isSynced());
  }

  ResourceType workspaceType() {
    return workspaceType;
  }

  Optional<CachedWorkspace> workspace(WorkspaceKey key) {
    Reflector<CachedWorkspace> now = workspaces;
    return now == null ? Optional.empty() : now.snapshot().get(objectKey(key));
  }

  Map<ResourceType, ObservedChild> children(WorkspaceKey key) {
    Map<ResourceType, ObservedChild> found = new HashMap<>();
    children.forEach(
        (type, reflector) ->
            reflector
                .snapshot()
                .get(objectKey(key))
                .ifPresent(child -> found.put(type, child.child())));
    return found;
  }

  List<ObservedPod> pods(WorkspaceKey key) {
    return pods.snapshot().find(BY_WORKSPACE, key.toString()).stream()
        .map(pod -> pod.value().pod())
        .toList();
  }

  /**
   * Whether the cache of this type has reached a resourceVersion that a write was answered with.
   */
  boolean includes(ResourceType type, String resourceVersion) {
    Reflector<CachedWorkspace> now = workspaces;
    if (type.equals(workspaceType)) {
      return now != null && now.snapshot().includes(resourceVersion);
    }
    Reflector<CachedChild> child = children.get(type);
    return child == null || child.snapshot().includes(resourceVersion);
  }

  NodeView nodes() {
    return new NodeView() {
      @Override
      public boolean isSynced() {
        return nodes.snapshot().isSynced();
      }

      @Override
      public Optional<NodeInfo> byName(String name) {
        return nodes.snapshot().get(ObjectKey.clusterScoped(name));
      }

      @Override
      public Collection<NodeInfo> byLabel(String key, String value) {
        if (key.equals(KaitoLabels.OWNER_UID)) {
          return nodes.snapshot().find(BY_OWNER, value).stream().map(Stored::value).toList();
        }
        return nodes.snapshot().entries().stream()
            .map(Stored::value)
            .filter(node -> value.equals(node.labels().get(key)))
            .toList();
      }

      @Override
      public Collection<NodeInfo> all() {
        return nodes.snapshot().entries().stream().map(Stored::value).toList();
      }

      @Override
      public void onChange(Consumer<NodeInfo> listener) {
        nodeListeners.add(listener);
      }
    };
  }

  private static ObjectKey objectKey(WorkspaceKey key) {
    return ObjectKey.of(key.namespace(), key.name());
  }

  @Override
  public void close() {
    Reflector<CachedWorkspace> now;
    synchronized (this) {
      closed = true;
      now = workspaces;
    }
    if (now != null) {
      now.stop();
    }
    nodes.stop();
    pods.stop();
    children.values().forEach(Reflector::stop);
  }
}

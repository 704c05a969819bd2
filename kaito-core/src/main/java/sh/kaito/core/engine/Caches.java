package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.provision.NodeView;
import sh.kaito.core.engine.Decoders.CachedChild;
import sh.kaito.core.engine.Decoders.CachedConfig;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedPod;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.engine.Pods.CachedPod;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.Index;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.NodeDecoder;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ReflectorHealth;
import sh.kaito.core.internal.kube.ReflectorListener;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stored;
import sh.kaito.core.manifest.Manifests;

/** Everything the engine watches, and who is to be woken by what. */
final class Caches implements AutoCloseable {
  private static final Index<CachedPod> BY_WORKSPACE =
      Index.of("workspace", pod -> List.of(pod.workspace().toString()));
  private static final Index<CachedChild> BY_CONTROLLER =
      Index.of("controller-uid", child -> uids(child.child()));
  private static final Index<CachedConfig> CONFIG_BY_CONTROLLER =
      Index.of("controller-uid", config -> uids(config.object().child()));
  private static final Index<CachedWorkspace> BY_CONFIG =
      Index.of("config", CachedWorkspace::configs);
  private static final Index<NodeView.NodeInfo> BY_OWNER =
      Index.of("owner-uid", node -> label(node, KaitoLabels.OWNER_UID));
  private static final Index<NodeView.NodeInfo> BY_ASSIGNMENT =
      Index.of("assigned-uid", node -> label(node, KaitoLabels.ASSIGNED_UID));

  private final KubeTransport transport;
  private final Scheduler scheduler;
  private final ServedVersion version;
  private final Consumer<WorkspaceKey> wake;
  private final Reflector<NodeView.NodeInfo> nodes;
  private final Scope scope;
  private final ScopedCache<CachedPod> pods;
  private final Map<ResourceType, ScopedCache<CachedChild>> children = new HashMap<>();
  private final ScopedCache<CachedConfig> configs;
  private final StatusPool statuses = new StatusPool();
  private final Map<String, WorkspaceKey> keysByUid = new ConcurrentHashMap<>();
  private final List<Consumer<NodeView.NodeInfo>> nodeListeners = new CopyOnWriteArrayList<>();
  private volatile @Nullable ScopedCache<CachedWorkspace> workspaces;
  private volatile ResourceType workspaceType = ResourceType.WORKSPACES_V1BETA1;
  private volatile boolean closed;

  /**
   * A Workspace in the cache.
   *
   * @param model null when the object could not be read as a Workspace; the problem says why
   */
  record CachedWorkspace(
      ObservedWorkspace observed, @Nullable Workspace model, String problem, List<String> configs) {

    static CachedWorkspace of(
        ObservedWorkspace observed, @Nullable Workspace model, String problem) {
      return new CachedWorkspace(observed, model, problem, configs(observed, model));
    }

    private static List<String> configs(ObservedWorkspace observed, @Nullable Workspace model) {
      if (model == null) {
        return List.of();
      }
      return Manifests.configMaps(model).stream()
          .map(reference -> observed.key().namespace() + "/" + reference.name())
          .toList();
    }

    /** The same Workspace with another status, or finalizers, or with our own annotation. */
    CachedWorkspace now(ObservedWorkspace newer) {
      return new CachedWorkspace(newer, model, problem, configs);
    }
  }

  private static List<String> uids(ObservedChild child) {
    return child.ownerUid().isEmpty() ? List.of() : List.of(child.ownerUid());
  }

  Caches(
      KubeTransport transport,
      Scheduler scheduler,
      KubeClient client,
      Scope scope,
      Consumer<WorkspaceKey> wake) {
    this.scope = scope;
    this.transport = transport;
    this.scheduler = scheduler;
    this.version = new ServedVersion(client, scheduler, this::watchWorkspaces);
    this.wake = wake;
    this.nodes =
        Reflector.builder(transport, scheduler, ResourceType.NODES, NodeDecoder::decode)
            .index(BY_OWNER)
            .index(BY_ASSIGNMENT)
            .onChange(this::nodeChanged)
            .build();
    this.pods =
        ScopedCache.of(
            transport,
            scheduler,
            scope,
            ResourceType.PODS,
            Pods::decode,
            options -> options.labelSelector(KaitoLabels.WORKSPACE),
            reflector ->
                reflector
                    .index(BY_WORKSPACE)
                    .onChange(change -> wake(change, CachedPod::workspace)));
    for (ResourceType type :
        List.of(
            ResourceType.SERVICES,
            ResourceType.DEPLOYMENTS,
            ResourceType.STATEFULSETS,
            ResourceType.JOBS)) {
      children.put(
          type,
          ScopedCache.of(
              transport,
              scheduler,
              scope,
              type,
              object -> Decoders.child(type, object, known(type, object)),
              options -> options,
              reflector -> reflector.index(BY_CONTROLLER).onChange(this::childChanged)));
    }
    this.configs =
        ScopedCache.of(
            transport,
            scheduler,
            scope,
            ResourceType.CONFIGMAPS,
            Decoders::config,
            options -> options,
            reflector -> reflector.index(CONFIG_BY_CONTROLLER).onChange(this::configChanged));
  }

  void start() {
    var unused = nodes.synced().thenRun(this::wakeAllWhenSynced);
    nodes.start();
    pods.start(this::wakeAllWhenSynced);
    children.values().forEach(child -> child.start(this::wakeAllWhenSynced));
    configs.start(this::wakeAllWhenSynced);
    version.choose();
  }

  /** The version of an object that the cache has before it takes the next. */
  private Optional<CachedChild> known(ResourceType type, JsonNode object) {
    ScopedCache<CachedChild> cache = children.get(type);
    return cache == null ? Optional.empty() : cache.get(ObjectKey.of(object));
  }

  /** What came in before the last cache was complete could not be decided on. */
  private void wakeAllWhenSynced() {
    if (isSynced()) {
      keysByUid.values().forEach(wake);
    }
  }

  /** Watches Workspaces in a version that is served, instead of any other. */
  private void watchWorkspaces(ResourceType served) {
    ScopedCache<CachedWorkspace> cache =
        ScopedCache.of(
            transport,
            scheduler,
            scope,
            served,
            object -> workspace(served, object),
            options ->
                scope.selector().isEmpty() ? options : options.labelSelector(scope.selector()),
            reflector ->
                reflector
                    .index(BY_CONFIG)
                    .onChange(this::workspaceChanged)
                    .listener(whenGone(served)));
    ScopedCache<CachedWorkspace> before;
    synchronized (this) {
      if (closed || (workspaces != null && workspaceType.equals(served))) {
        return;
      }
      before = workspaces;
      workspaceType = served;
      workspaces = cache;
    }
    if (before != null) {
      before.stop();
    }
    // Whoever was there before and is not now is woken as well, by what keysByUid remembers.
    cache.start(this::wakeAllWhenSynced);
  }

  private ReflectorListener<CachedWorkspace> whenGone(ResourceType served) {
    return new ReflectorListener<>() {
      @Override
      public void onHealth(ReflectorHealth health) {
        if (health.isResourceMissing() && workspaceType.equals(served)) {
          version.isGone(served);
        }
      }
    };
  }

  private CachedWorkspace workspace(ResourceType served, JsonNode object) {
    JsonNode metadata = object.path("metadata");
    WorkspaceKey key =
        new WorkspaceKey(metadata.path("namespace").asText(), metadata.path("name").asText());
    ObservedWorkspace observed =
        new ObservedWorkspace(
            key,
            served.apiVersion(),
            metadata.path("uid").asText(),
            metadata.path("resourceVersion").asText(),
            metadata.path("generation").asLong(),
            metadata.hasNonNull("deletionTimestamp"),
            Decoders.list(metadata.path("finalizers")),
            Decoders.strings(metadata.path("labels")),
            Decoders.strings(metadata.path("annotations")),
            statuses.copy(object.path("status")));
    // Of the events of a Workspace most tell of a status that was written here.
    Optional<CachedWorkspace> before =
        workspace(key).filter(cached -> cached.observed().asksTheSameAs(observed));
    if (before.isPresent()) {
      return before.get().now(observed);
    }
    try {
      return CachedWorkspace.of(observed, Workspaces.fromJson(specification(object)), "");
    } catch (RuntimeException e) {
      return CachedWorkspace.of(observed, null, "the Workspace cannot be read: " + e.getMessage());
    }
  }

  /** Without what a plan does not read, which is the larger part. */
  private static byte[] specification(JsonNode object) {
    ObjectNode rest = KubeJson.object();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!field.getKey().equals("status")) {
        rest.set(field.getKey(), field.getValue());
      }
    }
    return KubeJson.write(rest);
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

  private static List<String> label(NodeView.NodeInfo node, String key) {
    String value = node.labels().get(key);
    return value == null ? List.of() : List.of(value);
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
    for (Stored<CachedChild> version : versions(change)) {
      wakeOwner(version.value());
    }
  }

  /** Of all objects of the cluster only those of a Workspace, or of its name, concern anybody. */
  private void wakeOwner(CachedChild child) {
    WorkspaceKey owner = keysByUid.get(child.child().ownerUid());
    if (owner != null) {
      wake.accept(owner);
    } else if (workspace(child.key()).isPresent()) {
      wake.accept(child.key());
    }
  }

  private void configChanged(Change<CachedConfig> change) {
    ScopedCache<CachedWorkspace> now = workspaces;
    for (Stored<CachedConfig> version : versions(change)) {
      wakeOwner(version.value().object());
      if (now != null) {
        WorkspaceKey config = version.value().object().key();
        now.find(BY_CONFIG, config.namespace(), config.toString())
            .forEach(workspace -> wake.accept(workspace.observed().key()));
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
    ScopedCache<CachedWorkspace> now = workspaces;
    return now != null
        && now.isSynced()
        && nodes.snapshot().isSynced()
        && pods.isSynced()
        && configs.isSynced()
        && children.values().stream().allMatch(ScopedCache::isSynced);
  }

  /**
   * Whether what a deletion needs is complete: a right that is missing for anything else must not
   * keep nodes that are to go.
   */
  boolean isReleaseSynced() {
    ScopedCache<CachedWorkspace> now = workspaces;
    return now != null && now.isSynced() && nodes.snapshot().isSynced();
  }

  /** What keeps the caches from following the server, for a person; empty while all is well. */
  Optional<String> problem() {
    ScopedCache<CachedWorkspace> now = workspaces;
    if (now == null) {
      return Optional.of(
          version.complaint().isEmpty()
              ? "the API server was not asked yet what it serves"
              : version.complaint());
    }
    Optional<String> node =
        nodes.snapshot().isSynced() && nodes.health().isHealthy()
            ? Optional.empty()
            : Optional.of(nodes + ": " + nodes.health().lastError());
    return Stream.concat(
            Stream.of(now.problem(), node, pods.problem(), configs.problem()),
            children.values().stream().map(ScopedCache::problem))
        .flatMap(Optional::stream)
        .findFirst();
  }

  ResourceType workspaceType() {
    return workspaceType;
  }

  Optional<CachedWorkspace> workspace(WorkspaceKey key) {
    ScopedCache<CachedWorkspace> now = workspaces;
    return now == null ? Optional.empty() : now.get(objectKey(key));
  }

  /** All Workspaces, in no order. */
  Stream<CachedWorkspace> workspaces() {
    ScopedCache<CachedWorkspace> now = workspaces;
    return now == null ? Stream.empty() : now.all();
  }

  /** What this owner controls, of every kind that is watched. */
  Map<ChildKey, ObservedChild> owned(String uid) {
    Map<ChildKey, ObservedChild> found = new HashMap<>();
    children.forEach(
        (type, cache) -> cache.find(BY_CONTROLLER, uid).forEach(child -> put(found, child)));
    configs.find(CONFIG_BY_CONTROLLER, uid).forEach(config -> put(found, config.object()));
    return found;
  }

  private static void put(Map<ChildKey, ObservedChild> found, CachedChild child) {
    found.put(child.child().key(), child.child());
  }

  /** The object of this kind and name, whoever owns it. */
  Optional<ObservedChild> child(String namespace, ChildKey key) {
    ObjectKey object = ObjectKey.of(namespace, key.name());
    ScopedCache<CachedChild> cache = children.get(key.type());
    return cache != null
        ? cache.get(object).map(CachedChild::child)
        : configs.get(object).map(config -> config.object().child());
  }

  Configs configs() {
    return (namespace, name) -> configs.get(ObjectKey.of(namespace, name)).map(CachedConfig::data);
  }

  List<ObservedPod> pods(WorkspaceKey key) {
    return pods.find(BY_WORKSPACE, key.namespace(), key.toString()).stream()
        .map(CachedPod::pod)
        .toList();
  }

  /**
   * Whether the cache of this type has reached a resourceVersion that a write was answered with.
   *
   * @param namespace of the object that was written
   */
  boolean includes(ResourceType type, String namespace, String resourceVersion) {
    ScopedCache<CachedWorkspace> now = workspaces;
    if (type.equals(workspaceType)) {
      return now != null && now.includes(namespace, resourceVersion);
    }
    if (type.equals(ResourceType.CONFIGMAPS)) {
      return configs.includes(namespace, resourceVersion);
    }
    ScopedCache<CachedChild> child = children.get(type);
    return child == null || child.includes(namespace, resourceVersion);
  }

  /** Whether a Node offers GPUs: then something plays the device plugin. */
  boolean areGpusOffered() {
    return nodes.snapshot().entries().stream()
        .flatMap(node -> node.value().allocatable().entrySet().stream())
        .anyMatch(entry -> entry.getKey().contains("gpu") && entry.getValue() > 0);
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
        if (key.equals(KaitoLabels.ASSIGNED_UID)) {
          return nodes.snapshot().find(BY_ASSIGNMENT, value).stream().map(Stored::value).toList();
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
    version.close();
    ScopedCache<CachedWorkspace> now;
    synchronized (this) {
      closed = true;
      now = workspaces;
    }
    if (now != null) {
      now.stop();
    }
    nodes.stop();
    pods.stop();
    configs.stop();
    children.values().forEach(ScopedCache::stop);
  }
}

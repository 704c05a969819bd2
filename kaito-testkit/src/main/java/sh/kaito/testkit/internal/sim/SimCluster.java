package sh.kaito.testkit.internal.sim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.RequestInfo;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ReflectorListener;
import sh.kaito.core.internal.kube.Strand;

/**
 * What one simulator sees of the cluster: a cache for each kind that it watches, kept by the watch
 * and by the answers to its own writes, and one strand on which all its code runs.
 */
public final class SimCluster implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SimCluster.class);

  private final KubeTransport transport;
  private final Scheduler scheduler;
  private final String manager;
  private final Strand strand;
  private final Map<Kind, ObjectCache> caches = new EnumMap<>(Kind.class);
  private final Map<Kind, Reflector<JsonNode>> reflectors = new EnumMap<>(Kind.class);
  private final List<Runnable> syncListeners = new ArrayList<>();
  private int kindsToSync;
  private volatile boolean synced;
  private volatile boolean closed;

  /**
   * A view that watches nothing yet.
   *
   * @param manager field manager and user agent of every write
   */
  public SimCluster(KubeTransport transport, Scheduler scheduler, String manager) {
    this.transport = transport;
    this.scheduler = scheduler;
    this.manager = manager;
    this.strand = new Strand(scheduler.executor());
  }

  /** Adds a kind; before {@link #start()}. */
  public ObjectCache watch(Kind kind) {
    return caches.computeIfAbsent(kind, k -> new ObjectCache());
  }

  /** Adds what runs on the strand once every kind has been listed; before {@link #start()}. */
  public void onSynced(Runnable listener) {
    syncListeners.add(listener);
  }

  /** Opens the watches. */
  public void start() {
    kindsToSync = caches.size();
    caches.forEach(
        (kind, cache) ->
            reflectors.put(
                kind,
                Reflector.builder(transport, scheduler, kind.type(), SimCluster::trimmed)
                    .on(strand)
                    .listener(new CacheFeed(cache))
                    .build()));
    reflectors.values().forEach(Reflector::start);
  }

  /** Managed fields are half of an object, and nobody here reads them. */
  private static JsonNode trimmed(JsonNode object) {
    if (object.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
    }
    return object;
  }

  private final class CacheFeed implements ReflectorListener<JsonNode> {
    private final ObjectCache cache;

    CacheFeed(ObjectCache cache) {
      this.cache = cache;
    }

    @Override
    public void onChange(Change<JsonNode> change) {
      if (change.after() != null) {
        cache.offer(change.after().value());
      } else if (change.before() != null) {
        cache.remove(change.before().value());
      }
    }

    @Override
    public void onSynced() {
      kindsToSync--;
      if (kindsToSync == 0) {
        synced = true;
        syncListeners.forEach(Runnable::run);
      }
    }
  }

  /** Whether every watched kind was listed once. */
  public boolean isSynced() {
    return synced;
  }

  public Instant now() {
    return scheduler.clock().instant();
  }

  /** Runs a task on the strand of this simulator. */
  public void execute(Runnable task) {
    strand.execute(
        () -> {
          if (!closed) {
            task.run();
          }
        });
  }

  /** Runs a task on the strand of this simulator at a time. */
  public Scheduler.Timer at(Instant time, Runnable task) {
    return scheduler.schedule(Duration.between(now(), time), () -> execute(task));
  }

  Scheduler scheduler() {
    return scheduler;
  }

  /** The end of one request. */
  interface Answer {
    /**
     * Takes the end.
     *
     * @param response null when there was none
     */
    void accept(@Nullable KubeResponse response, @Nullable Throwable failure);
  }

  /** Reads what no cache holds; the answer does not come on the strand. */
  public CompletionStage<KubeResponse> read(KubeRequest request) {
    return transport.exchange(request.toBuilder().header("User-Agent", manager).build());
  }

  /** Sends a write; the answer is taken into the cache of its kind and comes on the strand. */
  void send(Kind kind, KubeRequest request, Answer answer) {
    KubeRequest.Builder write = request.toBuilder().header("User-Agent", manager);
    if (request.method().equals("POST") || request.method().equals("PATCH")) {
      write.setQuery("fieldManager", manager);
    }
    var unused =
        transport
            .exchange(write.build())
            .whenComplete(
                (response, failure) ->
                    execute(
                        () -> {
                          take(kind, request, response);
                          answer.accept(response, failure);
                        }));
  }

  private void take(Kind kind, KubeRequest request, @Nullable KubeResponse response) {
    ObjectCache cache = caches.get(kind);
    if (cache == null || response == null) {
      return;
    }
    if (response.status() == 404 && !request.method().equals("POST")) {
      // Known from an own write alone, and gone before the watch told of it.
      RequestInfo info = request.info();
      String name = info.name().orElse("");
      JsonNode gone = cache.get(info.namespace().map(space -> space + "/" + name).orElse(name));
      if (gone != null) {
        cache.remove(gone);
      }
      return;
    }
    if (!response.isSuccess() || request.method().equals("DELETE")) {
      return;
    }
    try {
      JsonNode object = Objects.MAPPER.readTree(response.body());
      // A binding is answered with a Status.
      if (object.path("kind").asText().equals(kind.kindName())
          && !Objects.resourceVersion(object).isEmpty()) {
        cache.offer(trimmed(object));
      }
    } catch (IOException e) {
      LOG.warn("the answer to {} is not JSON", request, e);
    }
  }

  /** Ends the watches; what is still queued does nothing. Idempotent. */
  @Override
  public void close() {
    closed = true;
    reflectors.values().forEach(Reflector::stop);
  }
}

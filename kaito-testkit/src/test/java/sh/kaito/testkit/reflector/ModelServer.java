package sh.kaito.testkit.reflector;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeTransportException.Effect;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.testkit.VirtualScheduler;

/**
 * The list and watch of one resource as an API server does them, on virtual time, with switches for
 * what goes wrong. Objects are config maps of namespace {@code ns} with one data key {@code v}.
 */
final class ModelServer implements KubeTransport {
  record Event(long version, String type, ObjectNode object) {}

  private final VirtualScheduler scheduler;
  private final TreeMap<String, ObjectNode> objects = new TreeMap<>();
  private final List<Event> history = new ArrayList<>();
  private final Map<String, TreeMap<String, ObjectNode>> listSnapshots = new LinkedHashMap<>();
  private final List<OpenWatch> watches = new ArrayList<>();
  private final Deque<Supplier<CompletionStage<KubeResponse>>> listFaults = new ArrayDeque<>();
  private final Deque<KubeResponse> watchRejections = new ArrayDeque<>();
  final List<KubeRequest> requests = new ArrayList<>();
  final List<Duration> requestTimes = new ArrayList<>();
  private final Instant started;

  long version = 100;
  private long compactedTo;
  private int uids;

  /** Virtual time between a request and its answer, and between a change and its event. */
  Supplier<Duration> latency = () -> Duration.ofMillis(5);

  /** An outdated watch is told so by an ERROR event instead of HTTP status 410. */
  boolean expiredByEvent;

  /** The resource type does not exist. */
  boolean missing;

  /** Each event is sent twice. */
  boolean duplicates;

  ModelServer(VirtualScheduler scheduler) {
    this.scheduler = scheduler;
    this.started = scheduler.now();
  }

  // ---- the world changes

  void put(String name, String value) {
    ObjectNode before = objects.get(name);
    ObjectNode object = KubeJson.object();
    ObjectNode metadata = object.putObject("metadata");
    metadata.put("name", name).put("namespace", "ns");
    metadata.put(
        "uid", before == null ? "uid-" + ++uids : before.path("metadata").path("uid").asText());
    metadata.put("resourceVersion", Long.toString(++version));
    object.putObject("data").put("v", value);
    objects.put(name, object);
    record(new Event(version, before == null ? "ADDED" : "MODIFIED", object));
  }

  void delete(String name) {
    ObjectNode object = objects.remove(name).deepCopy();
    ((ObjectNode) object.get("metadata")).put("resourceVersion", Long.toString(++version));
    record(new Event(version, "DELETED", object));
  }

  private void record(Event event) {
    history.add(event);
    for (OpenWatch watch : List.copyOf(watches)) {
      watch.send(event);
    }
  }

  /** Forgets history: what is older than now can be neither resumed nor continued. */
  void compact() {
    compactedTo = version;
    history.clear();
    listSnapshots.clear();
  }

  Map<String, String> values() {
    Map<String, String> values = new TreeMap<>();
    objects.forEach((name, object) -> values.put(name, object.path("data").path("v").asText()));
    return values;
  }

  boolean has(String name) {
    return objects.containsKey(name);
  }

  // ---- faults

  /** The next list request gets this instead of an answer. */
  void nextList(Supplier<CompletionStage<KubeResponse>> fault) {
    listFaults.add(fault);
  }

  void nextList(KubeResponse response) {
    nextList(() -> later(response));
  }

  void nextListNeverAnswered() {
    nextList(CompletableFuture::new);
  }

  void nextListFails() {
    nextList(
        () ->
            CompletableFuture.failedFuture(
                new KubeTransportException(Effect.NONE, "connection refused", null)));
  }

  void nextWatch(KubeResponse rejection) {
    watchRejections.add(rejection);
  }

  /** From now on all goes well. */
  void heal() {
    missing = false;
    listFaults.clear();
    watchRejections.clear();
  }

  void breakWatches() {
    for (OpenWatch watch : List.copyOf(watches)) {
      watch.end(new KubeTransportException(Effect.UNKNOWN, "connection reset", null));
    }
  }

  void endWatches() {
    for (OpenWatch watch : List.copyOf(watches)) {
      watch.end(null);
    }
  }

  /** Watches stay open and go silent. */
  void silenceWatches() {
    watches.clear();
  }

  void bookmark() {
    ObjectNode object = KubeJson.object();
    object.putObject("metadata").put("resourceVersion", Long.toString(version));
    sendRaw(event("BOOKMARK", object));
  }

  /** Sends a line to all open watches. */
  void sendRaw(byte[] line) {
    for (OpenWatch watch : List.copyOf(watches)) {
      watch.enqueue(() -> watch.listener.onEvent(line));
    }
  }

  int openWatches() {
    return watches.size();
  }

  static byte[] event(String type, ObjectNode object) {
    ObjectNode event = KubeJson.object();
    event.put("type", type);
    event.set("object", object);
    return KubeJson.write(event);
  }

  static KubeResponse status(int code, String reason) {
    return status(code, reason, Map.of());
  }

  static KubeResponse status(int code, String reason, Map<String, List<String>> headers) {
    return KubeResponse.of(code, headers, KubeJson.write(statusObject(code, reason)));
  }

  static ObjectNode statusObject(int code, String reason) {
    return KubeJson.object()
        .put("kind", "Status")
        .put("status", "Failure")
        .put("reason", reason)
        .put("message", reason + " on purpose")
        .put("code", code);
  }

  // ---- the port

  private void note(KubeRequest request) {
    requests.add(request);
    requestTimes.add(Duration.between(started, scheduler.now()));
  }

  List<String> requestLines() {
    return requests.stream()
        .map(KubeRequest::toString)
        .map(line -> line.replaceFirst("timeoutSeconds=\\d+", "timeoutSeconds=N"))
        .toList();
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    note(request);
    if (!request.info().verb().equals("list")) {
      throw new AssertionError("A reflector only lists and watches: " + request);
    }
    if (!listFaults.isEmpty()) {
      return listFaults.remove().get();
    }
    if (missing) {
      return later(
          KubeResponse.of(404, Map.of(), "404 page not found".getBytes(StandardCharsets.UTF_8)));
    }
    return later(list(request));
  }

  private CompletionStage<KubeResponse> later(KubeResponse response) {
    CompletableFuture<KubeResponse> future = new CompletableFuture<>();
    scheduler.schedule(latency.get(), () -> future.complete(response));
    return future;
  }

  private KubeResponse list(KubeRequest request) {
    int limit = Integer.parseInt(request.query("limit").orElse("500"));
    String token = request.query("continue").orElse("");
    String listVersion = Long.toString(version);
    String after = "";
    TreeMap<String, ObjectNode> from = objects;
    if (!token.isEmpty()) {
      listVersion = token.substring(0, token.indexOf(':'));
      after = token.substring(token.indexOf(':') + 1);
      TreeMap<String, ObjectNode> kept = listSnapshots.get(listVersion);
      if (kept == null) {
        return status(410, "Expired");
      }
      from = kept;
    }
    ObjectNode list = KubeJson.object();
    ObjectNode metadata = list.putObject("metadata").put("resourceVersion", listVersion);
    ArrayNode items = list.putArray("items");
    for (Map.Entry<String, ObjectNode> entry : from.tailMap(after, false).entrySet()) {
      if (items.size() == limit) {
        listSnapshots.putIfAbsent(listVersion, new TreeMap<>(from));
        metadata.put(
            "continue",
            listVersion + ":" + items.get(limit - 1).path("metadata").path("name").asText());
        break;
      }
      items.add(entry.getValue());
    }
    return KubeResponse.of(200, Map.of(), KubeJson.write(list));
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    note(request);
    OpenWatch watch = new OpenWatch(listener);
    long from = Long.parseLong(request.query("resourceVersion").orElseThrow());
    if (!watchRejections.isEmpty()) {
      KubeResponse rejection = watchRejections.remove();
      watch.enqueue(() -> listener.onRejected(rejection));
    } else if (missing) {
      watch.enqueue(() -> listener.onRejected(status(404, "NotFound")));
    } else if (from < compactedTo && expiredByEvent) {
      watch.enqueue(() -> listener.onEvent(event("ERROR", statusObject(410, "Expired"))));
      watch.end(null);
    } else if (from < compactedTo) {
      watch.enqueue(() -> listener.onRejected(status(410, "Expired")));
    } else {
      watches.add(watch);
      history.stream().filter(event -> event.version > from).forEach(watch::send);
      long seconds = Long.parseLong(request.query("timeoutSeconds").orElseThrow());
      scheduler.schedule(
          Duration.ofSeconds(seconds),
          () -> {
            if (watches.contains(watch)) {
              watch.end(null);
            }
          });
    }
    return () -> {
      watch.closed = true;
      watches.remove(watch);
    };
  }

  @Override
  public void close() {
    breakWatches();
  }

  /** Delivers in order, each after a latency of its own. */
  private final class OpenWatch {
    private final KubeWatch.Listener listener;
    private final Deque<Runnable> queue = new ArrayDeque<>();
    private boolean closed;

    OpenWatch(KubeWatch.Listener listener) {
      this.listener = listener;
    }

    void send(Event event) {
      enqueue(() -> listener.onEvent(event(event.type, event.object)));
      if (duplicates) {
        enqueue(() -> listener.onEvent(event(event.type, event.object)));
      }
    }

    void end(@Nullable Throwable cause) {
      watches.remove(this);
      enqueue(() -> listener.onEnd(cause));
    }

    void enqueue(Runnable delivery) {
      queue.add(delivery);
      if (queue.size() == 1) {
        scheduler.schedule(latency.get(), this::deliver);
      }
    }

    private void deliver() {
      if (closed) {
        return;
      }
      queue.element().run();
      queue.remove();
      if (!queue.isEmpty()) {
        scheduler.schedule(latency.get(), this::deliver);
      }
    }
  }
}

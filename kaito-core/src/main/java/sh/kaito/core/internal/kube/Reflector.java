package sh.kaito.core.internal.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.kube.KubeJson.MalformedJsonException;
import sh.kaito.core.internal.kube.ReflectorHealth.Phase;

/**
 * Keeps a cache of the objects of one resource equal to what the server has: lists in pages,
 * watches from the list's resourceVersion, resumes a broken watch where it ended, lists anew when
 * that is too old (410), and waits with jitter between failures.
 *
 * <p>All state changes and listener calls happen one after the other on one {@link Strand}. {@link
 * #snapshot()} and {@link #health()} are for all threads.
 */
public final class Reflector<T> {
  private static final Logger LOG = LoggerFactory.getLogger(Reflector.class);

  /** A watch that stood so long was a good one: failures before it no longer count. */
  private static final Duration GOOD_WATCH = Duration.ofSeconds(10);

  /** A server that ends watches at once, in good order, must not be asked in a tight loop. */
  private static final Duration SHORT_WATCH = Duration.ofSeconds(1);

  /** How much later than asked for a server may end a watch before it counts as stalled. */
  private static final Duration STALL_GRACE = Duration.ofSeconds(30);

  /** After so many failed attempts to resume, the resourceVersion itself is under suspicion. */
  private static final int RESUMES_BEFORE_RELIST = 5;

  /** A list older than what was seen before is refused so often, then the server is believed. */
  private static final int REFUSALS_OF_OLDER_LISTS = 3;

  private final KubeTransport transport;
  private final KubeClient client;
  private final Scheduler scheduler;
  private final ResourceType type;
  private final ListOptions options;
  private final ReflectorTimings timings;
  private final Strand strand;
  private final Cache<T> cache;
  private final List<ReflectorListener<T>> listeners;
  private final CompletableFuture<Void> synced = new CompletableFuture<>();
  private final AtomicBoolean started = new AtomicBoolean();
  private final AtomicReference<KubeWatch> openWatch = new AtomicReference<>(() -> {});
  private volatile boolean stopped;
  private volatile ReflectorHealth health;

  // Confined to the strand.
  private int attempt;
  private int failures;
  private int olderLists;
  private Scheduler.Timer timer = () -> {};
  private Instant openedAt = Instant.EPOCH;
  private String openedFrom = "";
  private boolean sawEvent;

  Reflector(ReflectorBuilder<T> builder) {
    this.transport = builder.transport;
    this.client = KubeClient.of(builder.transport, "");
    this.scheduler = builder.scheduler;
    this.type = builder.type;
    this.options = builder.options;
    this.timings = builder.timings;
    this.strand =
        builder.strand != null ? builder.strand : new Strand(builder.scheduler.executor());
    this.listeners = List.copyOf(builder.listeners);
    this.cache =
        new Cache<>(
            type,
            builder.decoder,
            builder.indexes,
            change -> tell(listener -> listener.onChange(change)));
    this.health = new ReflectorHealth(Phase.NEW, false, "", scheduler.clock().instant(), 0, 0);
  }

  /** A reflector of all objects of a resource; narrow it with {@link ReflectorBuilder#select}. */
  public static <T> ReflectorBuilder<T> builder(
      KubeTransport transport, Scheduler scheduler, ResourceType type, Decoder<T> decoder) {
    return new ReflectorBuilder<>(transport, scheduler, type, decoder);
  }

  /** Begins. Returns at once; a second call does nothing. */
  public void start() {
    if (started.compareAndSet(false, true)) {
      strand.execute(
          () -> {
            if (!stopped) {
              list();
            }
          });
    }
  }

  /**
   * Ends for good: closes the watch and forgets answers that are still out. Nothing is told to
   * listeners afterwards; a call that the strand is making on another thread at that moment runs to
   * its end. Idempotent, returns at once, may be called from a listener.
   */
  public void stop() {
    stopped = true;
    openWatch.getAndSet(() -> {}).close();
    strand.execute(
        () -> {
          attempt++;
          timer.cancel();
          synced.completeExceptionally(new CancellationException(this + " was stopped"));
          if (health.phase() != Phase.STOPPED) {
            health =
                new ReflectorHealth(
                    Phase.STOPPED,
                    health.synced(),
                    health.lastError(),
                    scheduler.clock().instant(),
                    health.failures(),
                    health.undecodable());
          }
        });
  }

  /** What the cache holds now. */
  public Snapshot<T> snapshot() {
    return cache.snapshot();
  }

  /** How it fares. */
  public ReflectorHealth health() {
    return health;
  }

  /** Up to where the cache follows the server; empty before the first complete list. */
  public String lastResourceVersion() {
    return cache.snapshot().resourceVersion();
  }

  /**
   * Completes, on the strand, when the first complete list is in; with {@link
   * CancellationException} when it was stopped before.
   */
  public CompletionStage<Void> synced() {
    return synced;
  }

  /** How many versions of objects could not be decoded since the start. */
  public long decodeFailures() {
    return cache.decodeFailures();
  }

  /** What it reflects, for messages. */
  @Override
  public String toString() {
    return "Reflector of " + type + options;
  }

  // ---- list

  private void list() {
    if (health.phase() != Phase.RESOURCE_MISSING) {
      phase(Phase.LISTING);
    }
    page(cache.beginReplacement(), "");
  }

  private void page(Cache<T>.Replacement items, String token) {
    int mine = begin();
    Duration limit = timings.requestDeadline();
    arm(limit, () -> failed("the list got no answer within " + limit, this::list, Duration.ZERO));
    client
        .listPruned(type, options, token)
        .whenComplete((page, error) -> onStrand(mine, () -> onPage(items, token, page, error)));
  }

  private void onPage(
      Cache<T>.Replacement items,
      String token,
      @Nullable KubeResult page,
      @Nullable Throwable error) {
    timer.cancel();
    if (page == null) {
      failed("the list failed: " + describe(error), this::list, Duration.ZERO);
    } else if (page.isExpired() && !token.isEmpty()) {
      expired("the list expired half-way: " + page);
    } else if (!page.isSuccess()) {
      rejected("the list was refused: " + page, page, this::list);
    } else {
      page.body().path("items").forEach(items::add);
      String next = page.body().path("metadata").path("continue").asText("");
      if (next.isEmpty()) {
        listed(items, page.resourceVersion());
      } else {
        page(items, next);
      }
    }
  }

  private void listed(Cache<T>.Replacement items, String version) {
    String known = lastResourceVersion();
    if (ResourceVersions.isOlder(version, known)) {
      if (olderLists++ < REFUSALS_OF_OLDER_LISTS) {
        failed(
            "the server listed resourceVersion " + version + ", but had shown " + known,
            this::list,
            Duration.ZERO);
        return;
      }
      LOG.warn(
          "{}: resourceVersion went back from {} to {}; the server was restored from a backup",
          this,
          known,
          version);
    }
    olderLists = 0;
    items.commit(version);
    well(Phase.WATCHING);
    if (!stopped && !synced.isDone()) {
      tell(ReflectorListener::onSynced);
      synced.complete(null);
    }
    watch();
  }

  // ---- watch

  private void watch() {
    if (stopped) {
      return;
    }
    int mine = begin();
    long seconds =
        scheduler
            .random()
            .nextLong(timings.shortestWatch().toSeconds(), timings.longestWatch().toSeconds() + 1);
    openedAt = scheduler.clock().instant();
    openedFrom = lastResourceVersion();
    sawEvent = false;
    cache.beginWatch();
    KubeRequest request = options.watchRequest(type, openedFrom, seconds);
    Duration limit = Duration.ofSeconds(seconds).plus(STALL_GRACE);
    arm(limit, () -> failed("the watch stalled for " + limit, this::watch, Duration.ZERO));
    KubeWatch opened = transport.watch(request, new Listener(mine));
    openWatch.set(opened);
    if (stopped) {
      opened.close();
    }
  }

  private final class Listener implements KubeWatch.Listener {
    private final int mine;

    Listener(int mine) {
      this.mine = mine;
    }

    @Override
    public void onEvent(byte[] event) {
      onStrand(mine, () -> Reflector.this.onEvent(event));
    }

    @Override
    public void onRejected(KubeResponse response) {
      onStrand(mine, () -> Reflector.this.onRejected(response));
    }

    @Override
    public void onEnd(@Nullable Throwable cause) {
      onStrand(mine, () -> Reflector.this.onEnd(cause));
    }
  }

  private void onEvent(byte[] json) {
    JsonNode event;
    try {
      event = KubeJson.readPruned(json);
    } catch (MalformedJsonException e) {
      failed("the watch sent " + e.getMessage(), this::list, Duration.ZERO);
      return;
    }
    JsonNode object = event.path("object");
    String eventType = event.path("type").asText("");
    if (eventType.equals("ERROR")) {
      onErrorEvent(object);
      return;
    }
    String version = KubeJson.resourceVersion(object);
    if (version.isEmpty()) {
      failed("the watch sent an event without resourceVersion", this::list, Duration.ZERO);
      return;
    }
    if (ResourceVersions.isOlder(version, openedFrom)) {
      // Only a server whose storage was set back does this; what else it lost, a list will tell.
      failed(
          "the watch from resourceVersion " + openedFrom + " sent the older " + version,
          this::list,
          Duration.ZERO);
      return;
    }
    switch (eventType) {
      case "ADDED", "MODIFIED" -> cache.put(object);
      case "DELETED" -> cache.remove(object);
      case "BOOKMARK" -> cache.advance(version);
      default -> LOG.warn("{}: unknown watch event type \"{}\" skipped", this, eventType);
    }
    sawEvent = true;
    failures = 0;
    well(Phase.WATCHING);
  }

  private void onErrorEvent(JsonNode status) {
    String text =
        "the watch sent an error: "
            + status.path("reason").asText("")
            + ": "
            + status.path("message").asText("");
    if (status.path("code").asInt() == 410) {
      expired(text);
    } else {
      int seconds = status.path("details").path("retryAfterSeconds").asInt(0);
      failed(text, this::resume, Duration.ofSeconds(Math.max(0, seconds)));
    }
  }

  private void onRejected(KubeResponse response) {
    KubeResult result;
    try {
      result = KubeResult.of(response);
    } catch (MalformedJsonException e) {
      failed("the watch was answered with " + e.getMessage(), this::resume, Duration.ZERO);
      return;
    }
    String text = "the watch was refused: " + result;
    if (result.isExpired()) {
      expired(text);
    } else if (result.isTransient() || result.isUnauthorized() || result.isForbidden()) {
      rejected(text, result, this::resume);
    } else {
      rejected(text, result, this::list);
    }
  }

  private void onEnd(@Nullable Throwable cause) {
    Duration stood = Duration.between(openedAt, scheduler.clock().instant());
    if (stood.compareTo(GOOD_WATCH) >= 0) {
      failures = 0;
    }
    if (cause != null) {
      failed("the watch broke: " + describe(cause), this::resume, Duration.ZERO);
    } else if (!sawEvent && stood.compareTo(SHORT_WATCH) < 0) {
      failed("the server ended the watch after " + stood, this::resume, Duration.ZERO);
    } else {
      watch();
    }
  }

  private void resume() {
    if (failures > RESUMES_BEFORE_RELIST) {
      list();
    } else {
      watch();
    }
  }

  // ---- failures

  /** Too old a resourceVersion: lists anew, at once unless that has just happened. */
  private void expired(String text) {
    if (failures == 0) {
      LOG.info("{}: lists anew, {}", this, text);
      failures = 1;
      closeWatch();
      list();
    } else {
      failed(text, this::list, Duration.ZERO);
    }
  }

  private void rejected(String text, KubeResult result, Runnable next) {
    if (result.isNotFound()) {
      retry(Phase.RESOURCE_MISSING, "the server knows no " + type, this::list, Duration.ZERO);
    } else {
      failed(text, next, result.retryAfter().orElse(Duration.ZERO));
    }
  }

  private void failed(String text, Runnable next, Duration atLeast) {
    retry(Phase.BACKING_OFF, text, next, atLeast);
  }

  private void retry(Phase phase, String text, Runnable next, Duration atLeast) {
    closeWatch();
    failures++;
    Duration delay = timings.backoff().delay(failures, scheduler.random());
    if (delay.compareTo(atLeast) < 0) {
      delay = atLeast;
    }
    if (health.isHealthy()) {
      LOG.warn("{}: {}; tries again in {}", this, text, delay);
    } else {
      LOG.debug("{}: {}; tries again in {} (failure {})", this, text, delay, failures);
    }
    update(phase, text);
    begin();
    arm(delay, next);
  }

  private void well(Phase phase) {
    if (!health.isHealthy()) {
      LOG.info("{}: well again, was: {}", this, health.lastError());
    }
    update(phase, "");
  }

  private void phase(Phase phase) {
    update(phase, health.lastError());
  }

  private void update(Phase phase, String error) {
    ReflectorHealth before = health;
    boolean turned = before.isHealthy() != error.isEmpty();
    ReflectorHealth now =
        new ReflectorHealth(
            phase,
            cache.snapshot().isSynced(),
            error,
            turned ? scheduler.clock().instant() : before.since(),
            failures,
            cache.snapshot().undecodableCount());
    if (!now.equals(before)) {
      health = now;
      tell(listener -> listener.onHealth(now));
    }
  }

  // ---- strand

  /** A new step: answers, events and timers of the one before no longer count. */
  private int begin() {
    timer.cancel();
    return ++attempt;
  }

  private void arm(Duration delay, Runnable task) {
    int mine = attempt;
    timer = scheduler.schedule(delay, () -> onStrand(mine, task));
  }

  private void onStrand(int mine, Runnable task) {
    strand.execute(
        () -> {
          if (mine == attempt && !stopped) {
            task.run();
          }
        });
  }

  private void closeWatch() {
    openWatch.getAndSet(() -> {}).close();
  }

  private void tell(Consumer<ReflectorListener<T>> call) {
    for (ReflectorListener<T> listener : listeners) {
      if (stopped) {
        return;
      }
      try {
        call.accept(listener);
      } catch (RuntimeException | AssertionError e) {
        // The cache must stay right whatever a listener does; the executor reports it.
        scheduler
            .executor()
            .execute(
                () -> {
                  throw e;
                });
      }
    }
  }

  private static String describe(@Nullable Throwable error) {
    return error == null ? "no reason given" : Stages.cause(error).toString();
  }
}

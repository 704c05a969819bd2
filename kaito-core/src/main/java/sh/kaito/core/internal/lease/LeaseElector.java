package sh.kaito.core.internal.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stages;
import sh.kaito.core.internal.kube.Strand;
import sh.kaito.core.internal.kube.WriteOptions;

/**
 * Competes for a Lease as client-go's leader election does, and interworks with it.
 *
 * <p>Two clocks never meet: a candidate takes over when the Lease has not changed for its duration
 * by the candidate's own clock, and a leader stops writing when {@code renewDeadline} is over by
 * its own, counted from the moment before it sent the last renewal that was confirmed. A candidate
 * can have seen that renewal no earlier than it was sent, so as long as both clocks run equally
 * fast to within {@code lease - renewDeadline}, the fence of the old leader is shut before the new
 * one begins.
 *
 * <p>A holder with this process's own identity that this process did not put there counts as
 * foreign: two processes that were given one identity by mistake must not both lead.
 *
 * <p>Thread-safe. Listener calls are serial.
 */
public final class LeaseElector {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseElector.class);

  private final KubeClient client;
  private final Scheduler scheduler;
  private final ObjectKey key;
  private final String identity;
  private final LeaseTimings timings;
  private final Listener listener;
  private final Strand strand;

  /** Up to when this process may write; the past while it does not lead. */
  private volatile Instant validUntil = Instant.MIN;

  private volatile Instant lastContact = Instant.MIN;
  private volatile String holder = "";
  private volatile LeaseTrouble trouble = LeaseTrouble.NONE;

  // Confined to the strand.
  private boolean started;
  private boolean closed;
  private boolean leading;
  private int attempt;
  private Scheduler.Timer timer = () -> {};
  private Scheduler.Timer deadline = () -> {};
  private @Nullable LeaseRecord seen;
  private String seenVersion = "";
  private Instant seenAt = Instant.MIN;

  /** Whether {@link #seen} goes back to this process. */
  private boolean seenIsOurs;

  /** What was written last, to be known again when its answer got lost. */
  private @Nullable LeaseRecord sentRecord;

  private Instant sentAt = Instant.MIN;

  /** Is told when this process begins and ceases to lead. */
  public interface Listener {
    /** The lease is ours. */
    void onAcquired();

    /**
     * The lease is not ours any more, or cannot be proved to be. Not called for {@link #release()}.
     */
    void onLost(String why);
  }

  /**
   * An elector, not started.
   *
   * @param transport stays the caller's; must not wait behind a rate limit
   * @param fieldManager names the writer in {@code managedFields}
   * @param identity unique to this process
   */
  public LeaseElector(
      KubeTransport transport,
      Scheduler scheduler,
      String fieldManager,
      ObjectKey key,
      String identity,
      LeaseTimings timings,
      Listener listener) {
    this.client = KubeClient.of(transport, fieldManager);
    this.scheduler = scheduler;
    this.key = key;
    this.identity = identity;
    this.timings = timings;
    this.listener = listener;
    this.strand = new Strand(scheduler.executor());
  }

  /** Begins to compete. Returns at once; a second call does nothing. */
  public void start() {
    strand.execute(
        () -> {
          if (!started && !closed) {
            started = true;
            look();
          }
        });
  }

  /** Whether a write may leave now. Any thread. */
  public boolean mayWrite() {
    return scheduler.clock().instant().isBefore(validUntil);
  }

  /** Who holds the lease as far as is known; empty when nobody does. */
  public String holder() {
    return holder;
  }

  /**
   * What keeps this process from taking part and what to do, to follow the name of the lease; empty
   * when nothing does.
   */
  public String problem() {
    return trouble.text();
  }

  /** When the API server last told about the Lease. */
  public Instant lastContact() {
    return lastContact;
  }

  // ---- candidate

  private void look() {
    int mine = begin();
    client
        .get(ResourceType.LEASES, key)
        .whenComplete((result, error) -> onStrand(mine, () -> looked(result, error)));
  }

  private void looked(@Nullable KubeResult result, @Nullable Throwable error) {
    if (result == null) {
      trouble(LeaseTrouble.of(key, "read", null, error));
    } else if (result.isNotFound()) {
      // Whether it can be made is not known yet: that an answer came ends no trouble.
      heard();
      create();
      return;
    } else if (!result.isSuccess()) {
      trouble(LeaseTrouble.of(key, "read", result, null));
    } else {
      contact();
      LeaseRecord record = LeaseRecord.read(result.body());
      observe(record, result.resourceVersion());
      if (record.equals(sentRecord)) {
        seenIsOurs = true;
        confirmed(sentAt);
      } else if (mayTake(record)) {
        take(record);
        return;
      }
    }
    again();
  }

  private void observe(LeaseRecord record, String version) {
    holder = record.holder();
    if (!record.equals(seen) || !version.equals(seenVersion)) {
      seen = record;
      seenVersion = version;
      seenAt = scheduler.clock().instant();
    }
  }

  private boolean mayTake(LeaseRecord record) {
    if (record.holder().isEmpty()) {
      return true;
    }
    // The holder's own promise, not what this process would promise.
    Duration promised = Duration.ofSeconds(Math.max(1, record.seconds()));
    return !scheduler.clock().instant().isBefore(seenAt.plus(promised));
  }

  private void create() {
    Instant now = scheduler.clock().instant();
    String time = LeaseRecord.time(now);
    LeaseRecord record =
        new LeaseRecord(identity, (int) timings.lease().toSeconds(), time, time, 0);
    write(record, now, "");
  }

  private void take(LeaseRecord before) {
    Instant now = scheduler.clock().instant();
    String time = LeaseRecord.time(now);
    boolean renewal = leading && seenIsOurs;
    LeaseRecord record =
        new LeaseRecord(
            identity,
            (int) timings.lease().toSeconds(),
            renewal ? before.acquired() : time,
            time,
            renewal ? before.transitions() : before.transitions() + 1);
    write(record, now, seenVersion);
  }

  /**
   * Writes the Lease.
   *
   * @param version the one it must have now; empty: it must not exist
   */
  private void write(LeaseRecord record, Instant now, String version) {
    sentRecord = record;
    sentAt = now;
    int mine = begin();
    CompletionStage<KubeResult> answer =
        version.isEmpty()
            ? client.create(
                ResourceType.LEASES,
                key.namespace(),
                record.toObject(key, ""),
                WriteOptions.defaults())
            : client.update(
                ResourceType.LEASES, key, record.toObject(key, version), WriteOptions.defaults());
    answer.whenComplete((result, error) -> onStrand(mine, () -> wrote(now, result, error)));
  }

  private void wrote(Instant sent, @Nullable KubeResult result, @Nullable Throwable error) {
    if (result != null && result.isSuccess()) {
      contact();
      // The answer to a write is asked for without the spec: it says what was sent.
      observe(Objects.requireNonNull(sentRecord), result.resourceVersion());
      seenIsOurs = true;
      confirmed(sent);
      again();
      return;
    }
    if (result != null && (result.isConflict() || result.isAlreadyExists())) {
      // Somebody else wrote, or an own write whose answer was lost: a look tells.
      contact();
    } else {
      trouble(LeaseTrouble.of(key, "written", result, error));
    }
    if (leading) {
      confirmByReading();
    } else {
      again();
    }
  }

  private void confirmed(Instant sent) {
    Instant until = sent.plus(timings.renewDeadline());
    if (!scheduler.clock().instant().isBefore(until)) {
      // The answer came too late to be of use; another may take over at any moment.
      lost("the renewal was confirmed only after " + timings.renewDeadline());
      return;
    }
    validUntil = until;
    deadline.cancel();
    deadline =
        scheduler.schedule(
            Duration.between(scheduler.clock().instant(), until),
            () -> strand.execute(this::checkDeadline));
    if (!leading) {
      leading = true;
      LOG.info("{} leads: acquired lease {}", identity, key);
      listener.onAcquired();
    }
  }

  // ---- leader

  /** After a renewal without a clear answer: whose is the Lease now? */
  private void confirmByReading() {
    int mine = begin();
    client
        .get(ResourceType.LEASES, key)
        .whenComplete((result, error) -> onStrand(mine, () -> confirmedByReading(result, error)));
  }

  private void confirmedByReading(@Nullable KubeResult result, @Nullable Throwable error) {
    if (result == null) {
      trouble(LeaseTrouble.of(key, "read", null, error));
    } else if (result.isNotFound()) {
      heard();
      lost("somebody deleted the lease");
    } else if (!result.isSuccess()) {
      trouble(LeaseTrouble.of(key, "read", result, null));
    } else {
      contact();
      LeaseRecord record = LeaseRecord.read(result.body());
      observe(record, result.resourceVersion());
      if (record.equals(sentRecord)) {
        confirmed(sentAt);
      } else if (!record.holder().equals(identity)) {
        lost("\"" + record.holder() + "\" holds the lease");
      }
    }
    again();
  }

  private void checkDeadline() {
    if (leading && !mayWrite()) {
      lost("the lease was not renewed for " + timings.renewDeadline());
    }
  }

  private void lost(String why) {
    validUntil = Instant.MIN;
    deadline.cancel();
    seenIsOurs = false;
    if (leading) {
      leading = false;
      LOG.warn("{} does not lead any more: {}", identity, why);
      listener.onLost(why);
    }
  }

  // ---- rounds

  private int begin() {
    timer.cancel();
    int mine = ++attempt;
    // An answer that does not come must not hold up the next try; client-go has no such limit and
    // loses its lease to one hanging connection.
    timer =
        scheduler.schedule(
            timings.renewDeadline().dividedBy(2),
            () ->
                onStrand(
                    mine,
                    () -> {
                      trouble(
                          new LeaseTrouble(
                              "unanswered",
                              "cannot be looked at: no answer came within "
                                  + timings.renewDeadline().dividedBy(2)
                                  + "; look whether the API server can be reached"));
                      attempt++;
                      if (leading) {
                        confirmByReading();
                      } else {
                        look();
                      }
                    }));
    return mine;
  }

  private void again() {
    timer.cancel();
    int mine = ++attempt;
    long jitter = Math.max(1, timings.retryPeriod().toNanos() / 5);
    Duration wait = timings.retryPeriod().plusNanos(scheduler.random().nextLong(jitter));
    timer = scheduler.schedule(wait, () -> onStrand(mine, this::next));
  }

  private void next() {
    LeaseRecord record = seen;
    if (leading && seenIsOurs && record != null) {
      take(record);
    } else {
      look();
    }
  }

  private void onStrand(int mine, Runnable task) {
    strand.execute(
        () -> {
          if (mine == attempt && !closed) {
            checkDeadline();
            task.run();
          }
        });
  }

  private void heard() {
    lastContact = scheduler.clock().instant();
  }

  /** The Lease exists and can be used. */
  private void contact() {
    heard();
    if (!trouble.isNone()) {
      LOG.info("lease {} can be used now", key);
      trouble = LeaseTrouble.NONE;
    }
  }

  /** Says it once, however often it is met. */
  private void trouble(LeaseTrouble met) {
    if (!met.kind().equals(trouble.kind())) {
      LOG.warn(
          "lease {} {}; tried again every {} s until it works",
          key,
          met.text(),
          timings.retryPeriod().toSeconds());
    }
    trouble = met;
  }

  private static String describe(@Nullable Throwable error) {
    return error == null ? "no reason given" : String.valueOf(Stages.cause(error).getMessage());
  }

  // ---- end

  /**
   * Stops competing and, where this process leads, gives the lease back, so that another need not
   * wait until it runs out. To be called when the last write has ended.
   *
   * @return completes when the Lease was written, or could not be; never exceptionally
   */
  public CompletionStage<Void> release() {
    validUntil = Instant.MIN;
    CompletableFuture<Void> done = new CompletableFuture<>();
    strand.execute(
        () -> {
          boolean held = leading && !closed;
          closed = true;
          attempt++;
          timer.cancel();
          deadline.cancel();
          leading = false;
          if (held) {
            giveBack(done);
          } else {
            done.complete(null);
          }
        });
    return done;
  }

  private void giveBack(CompletableFuture<Void> done) {
    // Read first: a renewal that is under way may have moved the resourceVersion.
    var unused =
        client
            .get(ResourceType.LEASES, key)
            .thenCompose(
                result -> {
                  LeaseRecord record = LeaseRecord.read(result.body());
                  if (!result.isSuccess() || !record.holder().equals(identity)) {
                    return CompletableFuture.completedFuture(result);
                  }
                  String time = LeaseRecord.time(scheduler.clock().instant());
                  // As client-go releases: nobody holds it, for one second.
                  LeaseRecord free = new LeaseRecord("", 1, time, time, record.transitions());
                  return client.update(
                      ResourceType.LEASES,
                      key,
                      free.toObject(key, result.resourceVersion()),
                      WriteOptions.defaults());
                })
            .whenComplete(
                (result, error) -> {
                  if (result != null && result.isSuccess()) {
                    LOG.info("{} gave lease {} back", identity, key);
                  } else {
                    LOG.info(
                        "{} could not give lease {} back; it runs out within {}: {}",
                        identity,
                        key,
                        timings.lease(),
                        result != null ? result : describe(error));
                  }
                  done.complete(null);
                });
  }
}

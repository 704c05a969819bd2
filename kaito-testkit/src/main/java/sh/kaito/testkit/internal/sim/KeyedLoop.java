package sh.kaito.testkit.internal.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.Scheduler;

/**
 * Looks at objects when something changes: {@code decide} says what to do next about one key, and
 * at most one write of a key is under way. A write that fails is decided anew after a pause that
 * doubles. Confined to the queue of its {@link SimCluster}.
 */
public final class KeyedLoop {
  private static final Logger LOG = LoggerFactory.getLogger(KeyedLoop.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final String name;
  private final SimCluster cluster;
  private final Function<String, Step> decide;
  private final Map<String, Entry> entries = new HashMap<>();

  public KeyedLoop(String name, SimCluster cluster, Function<String, Step> decide) {
    this.name = name;
    this.cluster = cluster;
    this.decide = decide;
  }

  /** Has a key looked at soon; many calls before that are one. */
  public void enqueue(String key) {
    Entry entry = entries.computeIfAbsent(key, k -> new Entry());
    if (!entry.sending && !entry.queued) {
      entry.queued = true;
      cluster.execute(() -> look(key, entry));
    }
  }

  private void look(String key, Entry entry) {
    entry.queued = false;
    if (entry.sending) {
      // The answer has it looked at again.
      return;
    }
    entry.cancelTimer();
    Step step = decide.apply(key);
    if (step instanceof Step.Send send) {
      entry.sending = true;
      cluster.send(
          send.kind(),
          send.request(),
          (response, failure) -> answered(key, entry, send, response, failure));
    } else if (step instanceof Step.Wake wake) {
      wakeAt(key, entry, wake.at());
    } else if (!entry.queued) {
      entries.remove(key, entry);
    }
  }

  private void wakeAt(String key, Entry entry, Instant at) {
    entry.timer =
        cluster.at(
            at,
            () -> {
              entry.timer = null;
              if (entries.get(key) == entry) {
                enqueue(key);
              }
            });
  }

  private void answered(
      String key,
      Entry entry,
      Step.Send send,
      @Nullable KubeResponse response,
      @Nullable Throwable failure) {
    entry.sending = false;
    if (response != null && response.isSuccess()) {
      entry.failures = 0;
      enqueue(key);
      return;
    }
    send.onFailure().run();
    Duration pause = pause(entry.failures++);
    boolean race = response != null && (response.status() == 409 || response.status() == 404);
    if (!race) {
      LOG.warn(
          "{}: {} was not done ({}), next try in {}",
          name,
          send.request(),
          response == null
              ? String.valueOf(failure)
              : response.status() + " " + abbreviated(response.bodyText()),
          pause);
    }
    wakeAt(key, entry, cluster.now().plus(pause));
  }

  private static String abbreviated(String text) {
    return text.length() <= 500 ? text : text.substring(0, 500) + "...";
  }

  private Duration pause(int failures) {
    Duration whole = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 12));
    Duration capped = whole.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : whole;
    long jitter = cluster.scheduler().random().nextLong(capped.toMillis() / 4 + 1);
    return capped.plusMillis(jitter);
  }

  private static final class Entry {
    boolean queued;
    boolean sending;
    int failures;
    Scheduler.@Nullable Timer timer;

    void cancelTimer() {
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }
  }
}

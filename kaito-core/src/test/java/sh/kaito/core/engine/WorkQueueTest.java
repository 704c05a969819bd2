package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.ReconcileResult.Outcome;

/** Who comes first, who comes back, and how often. */
class WorkQueueTest {
  private final Time time = new Time();

  @Test
  void whatHasBegunGoesFirstSoTheFirstIsReadyEarly() {
    int keys = 200;
    int steps = 5;
    Map<WorkspaceKey, Integer> done = new HashMap<>();
    List<Instant> ready = new ArrayList<>();
    WorkQueue[] queue = new WorkQueue[1];
    queue[0] =
        new WorkQueue(
            time,
            4,
            key ->
                time.later(
                    Duration.ofSeconds(1),
                    () -> {
                      if (done.merge(key, 1, Integer::sum) < steps) {
                        // A watch event on what was written brings it back.
                        time.schedule(Duration.ofSeconds(2), () -> queue[0].add(key));
                      } else {
                        ready.add(time.now);
                      }
                      return ReconcileResult.of(Outcome.WROTE);
                    }));
    Instant begin = time.now;
    for (int i = 0; i < keys; i++) {
      queue[0].add(WorkspaceKey.of("w" + i));
    }
    time.runAll();

    Duration whole = Duration.between(begin, ready.get(keys - 1));
    assertThat(whole).as("4 at a time, a second a step").isLessThan(Duration.ofSeconds(280));
    assertThat(Duration.between(begin, ready.get(0)))
        .as("the first of %d is ready after its own time", keys)
        .isLessThan(Duration.ofSeconds(25));
    assertThat(Duration.between(begin, ready.get(keys / 2)))
        .as("half are ready after half of the time")
        .isLessThan(whole.multipliedBy(65).dividedBy(100));
  }

  @Test
  void aKeyThatComesWhileItIsUnderWayIsLookedAtOnceMore() {
    List<WorkspaceKey> looks = new ArrayList<>();
    WorkQueue queue =
        new WorkQueue(
            time,
            4,
            key -> {
              looks.add(key);
              return time.later(Duration.ofSeconds(1), () -> ReconcileResult.of(Outcome.UNCHANGED));
            });
    WorkspaceKey key = WorkspaceKey.of("a");
    queue.add(key);
    time.runFor(Duration.ofMillis(500));
    queue.add(key);
    queue.add(key);
    time.runAll();
    assertThat(looks).hasSize(2);
  }

  @Test
  void failuresComeBackSpreadAndAtMostTenASecond() {
    Map<WorkspaceKey, Integer> tries = new HashMap<>();
    List<Instant> retries = new ArrayList<>();
    WorkQueue queue =
        new WorkQueue(
            time,
            64,
            key -> {
              if (tries.merge(key, 1, Integer::sum) > 1) {
                retries.add(time.now);
                return CompletableFuture.completedFuture(ReconcileResult.of(Outcome.UNCHANGED));
              }
              return CompletableFuture.completedFuture(
                  ReconcileResult.of(Outcome.FAILED, Duration.ofSeconds(1)));
            });
    Instant begin = time.now;
    for (int i = 0; i < 500; i++) {
      queue.add(WorkspaceKey.of("w" + i));
    }
    time.runAll();
    assertThat(retries).as("each is tried again").hasSize(500);
    retries.sort(Comparator.naturalOrder());
    assertThat(retries.get(0)).isAfterOrEqualTo(begin.plusSeconds(1));
    assertThat(Duration.between(begin, retries.get(499)))
        .as("a hundred at once, the other four hundred at ten a second")
        .isBetween(Duration.ofSeconds(38), Duration.ofSeconds(45));
  }

  @Test
  void whatFailedIsTriedAtOnceWhenTheReasonIsGone() {
    List<Instant> looks = new ArrayList<>();
    WorkQueue queue =
        new WorkQueue(
            time,
            1,
            key -> {
              looks.add(time.now);
              return CompletableFuture.completedFuture(
                  looks.size() == 1
                      ? ReconcileResult.of(Outcome.FAILED, Duration.ofMinutes(5))
                      : ReconcileResult.of(Outcome.UNCHANGED));
            });
    queue.add(WorkspaceKey.of("a"));
    time.runFor(Duration.ofSeconds(3));
    queue.retryFailed();
    time.runAll();
    assertThat(looks).hasSize(2);
    assertThat(Duration.between(looks.get(0), looks.get(1))).isEqualTo(Duration.ofSeconds(3));
    queue.retryFailed();
    time.runAll();
    assertThat(looks).as("it has not failed since").hasSize(2);
  }

  @Test
  void afterTheEndNothingIsLookedAt() {
    List<WorkspaceKey> looks = new ArrayList<>();
    WorkQueue queue =
        new WorkQueue(
            time,
            1,
            key -> {
              looks.add(key);
              return CompletableFuture.completedFuture(
                  ReconcileResult.of(Outcome.WAITING, Duration.ofSeconds(1)));
            });
    queue.add(WorkspaceKey.of("a"));
    time.runFor(Duration.ofSeconds(10));
    assertThat(looks).hasSizeGreaterThan(5);
    queue.close();
    int before = looks.size();
    queue.add(WorkspaceKey.of("b"));
    time.runAll();
    assertThat(looks).hasSize(before);
  }

  /** Virtual time, small: this module cannot depend on the test kit. */
  private static final class Time implements Scheduler {
    private record Due(Instant at, long number, Runnable task) {}

    private final PriorityQueue<Due> queue =
        new PriorityQueue<>(Comparator.comparing(Due::at).thenComparing(Due::number));
    private final SplittableRandom random = new SplittableRandom(7);
    private long number;
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");

    @Override
    public Clock clock() {
      return ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
    }

    @Override
    public Executor executor() {
      return task -> schedule(Duration.ZERO, task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      Due due = new Due(now.plus(delay), number++, task);
      queue.add(due);
      return () -> queue.remove(due);
    }

    @Override
    public RandomGenerator random() {
      return random;
    }

    <T> CompletionStage<T> later(Duration delay, java.util.function.Supplier<T> value) {
      CompletableFuture<T> result = new CompletableFuture<>();
      schedule(delay, () -> result.complete(value.get()));
      return result;
    }

    void runFor(Duration duration) {
      Instant end = now.plus(duration);
      while (!queue.isEmpty() && !queue.peek().at().isAfter(end)) {
        Due due = queue.remove();
        now = due.at();
        due.task().run();
      }
      now = end;
    }

    void runAll() {
      runFor(Duration.ofHours(1));
    }
  }
}

package sh.kaito.core.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sh.kaito.api.kube.Scheduler.Timer;

@Timeout(60)
class SystemSchedulerTest {

  @Test
  void runsTasksOnNamedDaemonThreads() throws Exception {
    try (SystemScheduler scheduler = SystemScheduler.create("probe", 2)) {
      CompletableFuture<Thread> soon = new CompletableFuture<>();
      scheduler.executor().execute(() -> soon.complete(Thread.currentThread()));
      Thread thread = soon.get(30, TimeUnit.SECONDS);
      assertThat(thread.getName()).startsWith("probe-");
      assertThat(thread.isDaemon()).as("a pool thread must not keep a process alive").isTrue();
    }
  }

  @Test
  void firesTimersNotBeforeTheirDelay() throws Exception {
    try (SystemScheduler scheduler = SystemScheduler.create("probe", 1)) {
      CompletableFuture<Instant> fired = new CompletableFuture<>();
      Instant before = scheduler.clock().instant();
      scheduler.schedule(Duration.ofMillis(30), () -> fired.complete(scheduler.clock().instant()));
      assertThat(Duration.between(before, fired.get(30, TimeUnit.SECONDS)))
          .as("time between schedule and run")
          .isGreaterThanOrEqualTo(Duration.ofMillis(30));
    }
  }

  @Test
  void aCancelledTimerNeverFires() throws Exception {
    try (SystemScheduler scheduler = SystemScheduler.create("probe", 1)) {
      AtomicReference<String> ran = new AtomicReference<>("nothing");
      CountDownLatch later = new CountDownLatch(1);
      Timer timer = scheduler.schedule(Duration.ofMillis(20), () -> ran.set("cancelled timer"));
      timer.cancel();
      timer.cancel();
      // One timer thread fires in due order, so this one shows that the other's time has passed.
      scheduler.schedule(Duration.ofMillis(40), later::countDown);
      assertThat(later.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(ran).hasValue("nothing");
    }
  }

  @Test
  void aTaskThatThrowsLeavesThePoolAlive() throws Exception {
    try (SystemScheduler scheduler = SystemScheduler.create("probe", 1)) {
      scheduler
          .executor()
          .execute(
              () -> {
                throw new IllegalStateException("thrown on purpose by a test");
              });
      CompletableFuture<String> next = new CompletableFuture<>();
      scheduler.executor().execute(() -> next.complete("ran"));
      assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo("ran");
    }
  }

  @Test
  void closeLeavesNoThreadAndRefusesTasks() throws Exception {
    SystemScheduler scheduler = SystemScheduler.create("closing", 3);
    CountDownLatch started = new CountDownLatch(3);
    for (int i = 0; i < 3; i++) {
      scheduler.executor().execute(started::countDown);
    }
    scheduler.schedule(Duration.ofHours(1), () -> {});
    assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
    scheduler.close();
    scheduler.close();
    List<String> left =
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .filter(name -> name.startsWith("closing-"))
            .toList();
    assertThat(left).as("threads after close").isEmpty();
    assertThatThrownBy(() -> scheduler.executor().execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void closeFromATaskDoesNotWaitForItself() throws Exception {
    SystemScheduler scheduler = SystemScheduler.create("probe", 1);
    CompletableFuture<String> closed = new CompletableFuture<>();
    scheduler
        .executor()
        .execute(
            () -> {
              scheduler.close();
              closed.complete("closed");
            });
    assertThat(closed.get(4, TimeUnit.SECONDS))
        .as("close from a pool thread would wait five seconds for itself")
        .isEqualTo("closed");
  }

  @Test
  void theClockIgnoresAWallClockSetBackAndFollowsOneThatIsFarAhead() {
    Instant start = Instant.parse("2026-03-01T12:00:00Z");
    AtomicReference<Instant> wall = new AtomicReference<>(start);
    AtomicLong counter = new AtomicLong(5);
    MonotonicClock clock = new MonotonicClock(wall::get, counter::get);

    counter.addAndGet(Duration.ofSeconds(10).toNanos());
    wall.set(start.minusSeconds(3600));
    assertThat(clock.instant()).as("wall clock set back").isEqualTo(start.plusSeconds(10));

    wall.set(start.plusSeconds(7200));
    assertThat(clock.instant()).as("machine slept").isEqualTo(start.plusSeconds(7200));

    counter.addAndGet(Duration.ofSeconds(1).toNanos());
    wall.set(start);
    assertThat(clock.instant()).as("never back").isEqualTo(start.plusSeconds(7201));
  }
}

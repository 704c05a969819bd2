package sh.kaito.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.Scheduler.Timer;

class VirtualSchedulerTest {
  private final List<String> log = new ArrayList<>();

  @Test
  void nothingRunsUntilTheTestLetsIt() {
    VirtualScheduler scheduler = VirtualScheduler.seeded(1);
    scheduler.executor().execute(() -> log.add("task"));
    assertThat(log).isEmpty();
    assertThat(scheduler.runUntilIdle()).isEqualTo(1);
    assertThat(log).containsExactly("task");
  }

  @Test
  void timersFireAtTheirOwnInstantInDueOrder() {
    VirtualScheduler scheduler =
        VirtualScheduler.builder().startingAt(Instant.parse("2026-05-01T00:00:00Z")).build();
    scheduler.schedule(Duration.ofMinutes(20), () -> log.add("b at " + scheduler.now()));
    scheduler.schedule(Duration.ofMinutes(10), () -> log.add("a at " + scheduler.now()));
    scheduler.advance(Duration.ofMinutes(30));
    assertThat(log).containsExactly("a at 2026-05-01T00:10:00Z", "b at 2026-05-01T00:20:00Z");
    assertThat(scheduler.clock().instant()).isEqualTo(Instant.parse("2026-05-01T00:30:00Z"));
  }

  @Test
  void tasksOfOneInstantRunInOrderUnlessShuffled() {
    VirtualScheduler fifo = VirtualScheduler.seeded(3);
    for (int i = 0; i < 20; i++) {
      int number = i;
      fifo.executor().execute(() -> log.add("" + number));
    }
    fifo.runUntilIdle();
    List<String> inOrder = List.copyOf(log);
    assertThat(inOrder).hasSize(20).startsWith("0", "1", "2").endsWith("19");
    assertThat(shuffledRun(3)).containsExactlyInAnyOrderElementsOf(inOrder).isNotEqualTo(inOrder);
    assertThat(shuffledRun(3)).as("same seed, same order").isEqualTo(shuffledRun(3));
    assertThat(shuffledRun(3)).as("other seed, other order").isNotEqualTo(shuffledRun(4));
  }

  private static List<String> shuffledRun(long seed) {
    List<String> order = new ArrayList<>();
    VirtualScheduler scheduler = VirtualScheduler.builder().seed(seed).shuffled().build();
    for (int i = 0; i < 20; i++) {
      int number = i;
      scheduler.executor().execute(() -> order.add("" + number));
    }
    scheduler.runUntilIdle();
    return order;
  }

  @Test
  void aCancelledTimerIsGone() {
    VirtualScheduler scheduler = VirtualScheduler.seeded(1);
    Timer timer = scheduler.schedule(Duration.ofSeconds(1), () -> log.add("fired"));
    timer.cancel();
    timer.cancel();
    assertThat(scheduler.pendingCount()).isZero();
    scheduler.advance(Duration.ofSeconds(2));
    assertThat(log).isEmpty();
  }

  @Test
  void advanceUntilStopsAtTheVeryTask() {
    VirtualScheduler scheduler = VirtualScheduler.seeded(1);
    for (int i = 1; i <= 5; i++) {
      scheduler.schedule(Duration.ofMinutes(i), () -> log.add("minute"));
    }
    Instant start = scheduler.now();
    scheduler.advanceUntil(() -> log.size() == 3, Duration.ofHours(1));
    assertThat(Duration.between(start, scheduler.now())).isEqualTo(Duration.ofMinutes(3));
    assertThat(scheduler.pendingCount()).isEqualTo(2);
  }

  @Test
  void aConditionThatNeverHoldsNamesWhatIsPending() {
    VirtualScheduler scheduler = VirtualScheduler.seeded(99);
    scheduler.schedule(Duration.ofHours(2), () -> log.add("late"));
    assertThatThrownBy(
            () -> scheduler.advanceUntil("a node", () -> !log.isEmpty(), Duration.ofMinutes(1)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("a node")
        .hasMessageContaining("seed 99")
        .hasMessageContaining("PT1M is over")
        .hasMessageContaining("in PT1H59M")
        .hasMessageContaining("VirtualSchedulerTest");
    assertThatThrownBy(
            () -> {
              scheduler.advance(Duration.ofHours(3));
              scheduler.advanceUntil("a second", () -> log.size() > 1, Duration.ofMinutes(1));
            })
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no task is left");
  }

  @Test
  void awaitGivesTheValueOrTheFailure() {
    VirtualScheduler scheduler = VirtualScheduler.seeded(1);
    CompletableFuture<String> value = new CompletableFuture<>();
    scheduler.schedule(Duration.ofSeconds(9), () -> value.complete("done"));
    assertThat(scheduler.await(value, Duration.ofSeconds(10))).isEqualTo("done");
    CompletableFuture<String> failure =
        CompletableFuture.failedFuture(new IllegalStateException("no"));
    assertThatThrownBy(() -> scheduler.await(failure, Duration.ZERO))
        .isInstanceOf(CompletionException.class)
        .hasRootCauseMessage("no");
  }

  @Test
  void tasksThatHandInEachOtherForEverAreNamed() {
    VirtualScheduler scheduler = VirtualScheduler.builder().tasksPerInstant(1000).build();
    scheduler.executor().execute(() -> spin(scheduler));
    assertThatThrownBy(scheduler::runUntilIdle)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1000 tasks ran")
        .hasMessageContaining("VirtualSchedulerTest.spin");
  }

  private static void spin(VirtualScheduler scheduler) {
    scheduler.executor().execute(() -> spin(scheduler));
  }

  @Test
  void whatATaskThrowsLeavesTheRunAndTheRestStillRuns() {
    VirtualScheduler scheduler = VirtualScheduler.seeded(1);
    scheduler
        .executor()
        .execute(
            () -> {
              throw new IllegalStateException("broken task");
            });
    scheduler.executor().execute(() -> log.add("next"));
    assertThatThrownBy(scheduler::runUntilIdle).hasMessage("broken task");
    scheduler.runUntilIdle();
    assertThat(log).containsExactly("next");
  }

  @Test
  void aTaskMayNotLetTimeRun() {
    VirtualScheduler scheduler = VirtualScheduler.seeded(1);
    scheduler.executor().execute(() -> scheduler.advance(Duration.ofSeconds(1)));
    assertThatThrownBy(scheduler::runUntilIdle).hasMessageContaining("outside tasks");
  }

  @Test
  void anotherThreadIsRefusedByNameButMayReadTheClock() throws Exception {
    VirtualScheduler scheduler = VirtualScheduler.seeded(1);
    scheduler.runUntilIdle();
    CompletableFuture<String> message = new CompletableFuture<>();
    Thread stranger =
        new Thread(
            () -> {
              try {
                assertThat(scheduler.clock().instant()).isEqualTo(scheduler.now());
                scheduler.executor().execute(() -> {});
                message.complete("was accepted");
              } catch (IllegalStateException e) {
                message.complete(String.valueOf(e.getMessage()));
              }
            },
            "stranger");
    stranger.start();
    assertThat(message.get(30, TimeUnit.SECONDS))
        .contains("\"stranger\"")
        .contains("\"" + Thread.currentThread().getName() + "\"");
    stranger.join();
  }

  @Test
  void randomFollowsFromTheSeedAndNotFromShuffling() {
    long plain = VirtualScheduler.seeded(5).random().nextLong();
    VirtualScheduler shuffled = VirtualScheduler.builder().seed(5).shuffled().build();
    shuffled.executor().execute(() -> {});
    assertThat(shuffled.random().nextLong()).isEqualTo(plain);
    assertThat(VirtualScheduler.seeded(6).random().nextLong()).isNotEqualTo(plain);
  }
}

package sh.kaito.core.internal.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StrandTest {
  private final Deque<Runnable> pending = new ArrayDeque<>();
  private final List<Integer> ran = new ArrayList<>();

  @Test
  void runsTasksInOrderInTurnsWithOtherWork() {
    Strand strand = new Strand(pending::add);
    for (int i = 0; i < 100; i++) {
      int number = i;
      strand.execute(() -> ran.add(number));
    }
    assertThat(pending).as("one task of the executor for all").hasSize(1);
    pending.remove().run();
    assertThat(ran).as("one turn").hasSizeLessThan(100);
    pending.remove().run();
    assertThat(ran).hasSize(100).isSorted();
    assertThat(pending).isEmpty();
    strand.execute(() -> ran.add(100));
    pending.remove().run();
    assertThat(ran).hasSize(101);
  }

  @Test
  void aTaskThatThrowsDoesNotStopTheOthers() {
    Strand strand = new Strand(pending::add);
    strand.execute(
        () -> {
          throw new IllegalStateException("broken");
        });
    strand.execute(() -> ran.add(1));
    assertThatThrownBy(() -> pending.remove().run()).hasMessage("broken");
    pending.remove().run();
    assertThat(ran).containsExactly(1);
  }

  @Test
  void tasksOfAnExecutorThatIsShutDownAreDropped() {
    boolean[] open = new boolean[1];
    Strand strand =
        new Strand(
            task -> {
              if (!open[0]) {
                throw new RejectedExecutionException("shut down");
              }
              pending.add(task);
            });
    strand.execute(() -> ran.add(1));
    open[0] = true;
    strand.execute(() -> ran.add(2));
    pending.remove().run();
    assertThat(ran).containsExactly(2);
  }

  @Test
  void threadsNeverOverlapAndSeeEachOthersWrites() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Strand strand = new Strand(threads);
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger overlaps = new AtomicInteger();
      int[] unsynchronized = new int[1];
      CountDownLatch done = new CountDownLatch(4 * 5_000);
      for (int t = 0; t < 4; t++) {
        threads.execute(
            () -> {
              for (int i = 0; i < 5_000; i++) {
                strand.execute(
                    () -> {
                      if (inside.incrementAndGet() != 1) {
                        overlaps.incrementAndGet();
                      }
                      unsynchronized[0]++;
                      inside.decrementAndGet();
                      done.countDown();
                    });
              }
            });
      }
      assertThat(done.await(30, TimeUnit.SECONDS)).as("all tasks ran").isTrue();
      assertThat(overlaps).hasValue(0);
      assertThat(unsynchronized[0]).isEqualTo(20_000);
    } finally {
      threads.shutdownNow();
    }
  }
}

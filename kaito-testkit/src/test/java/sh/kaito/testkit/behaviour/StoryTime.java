package sh.kaito.testkit.behaviour;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.KubeCluster;

/**
 * The time of a story: virtual, or that of a real cluster, on which waits have a shorter limit and
 * a test that lets time pass is skipped.
 */
public final class StoryTime implements Scheduler {
  private final KubeCluster cluster;

  StoryTime(KubeCluster cluster) {
    this.cluster = cluster;
  }

  public Instant now() {
    return clock().instant();
  }

  @Override
  public Clock clock() {
    return cluster.scheduler().clock();
  }

  @Override
  public Executor executor() {
    return cluster.scheduler().executor();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return cluster.scheduler().schedule(delay, task);
  }

  @Override
  public RandomGenerator random() {
    return cluster.scheduler().random();
  }

  public <T extends @Nullable Object> T await(CompletionStage<T> stage, Duration limit) {
    return cluster.await(stage, shorter(limit));
  }

  public void advanceUntil(BooleanSupplier condition, Duration limit) {
    advanceUntil("the condition", condition, limit);
  }

  public void advanceUntil(String what, BooleanSupplier condition, Duration limit) {
    cluster.awaitUntil(what, condition, shorter(limit));
  }

  /** Needs virtual time. */
  public void advance(Duration duration) {
    cluster.virtualTime().advance(duration);
  }

  private Duration shorter(Duration limit) {
    return limit.compareTo(cluster.limit()) < 0 ? limit : cluster.limit();
  }
}

package sh.kaito.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.Scheduler;

/**
 * A {@link Scheduler} on which half an hour passes in a moment. Nothing runs by itself: a test
 * calls {@link #runUntilIdle()}, {@link #advance} or {@link #advanceUntil}, tasks run on the test's
 * own thread, and when no task is due the clock jumps to the next timer. The same seed gives the
 * same run.
 *
 * <pre>{@code
 * VirtualScheduler scheduler = VirtualScheduler.seeded(42);
 * scheduler.schedule(Duration.ofMinutes(30), () -> log.add("ready"));
 * scheduler.advance(Duration.ofMinutes(29));   // nothing yet
 * scheduler.advanceUntil(() -> log.contains("ready"), Duration.ofMinutes(2));
 * }</pre>
 *
 * <p><b>Order.</b> Tasks run by due time. Tasks due at the same instant run in the order in which
 * they were handed in, or, with {@link Builder#shuffled()}, in a random order that the seed
 * determines: {@link Scheduler#executor()} promises no order, so code under test must pass both
 * ways.
 *
 * <p><b>Threads.</b> Confined to the first thread that uses it; a call from another thread fails
 * with an {@link IllegalStateException} that names both. Only the {@linkplain #clock() clock} may
 * be read from anywhere.
 *
 * <p><b>Failures.</b> What a task throws leaves the method that ran it; the scheduler stays usable.
 */
public final class VirtualScheduler implements Scheduler {
  private static final int LIVE_LOCK_WITNESSES = 200;
  private static final int DESCRIBED_TASKS = 12;

  private final TreeSet<Task> queue =
      new TreeSet<>(
          Comparator.comparingLong((Task task) -> task.due)
              .thenComparingLong(task -> task.tie)
              .thenComparingLong(task -> task.number));
  private final Clock clock = ((InstantSource) this::now).withZone(ZoneOffset.UTC);
  private final Instant start;
  private final long seed;
  private final boolean shuffled;
  private final int tasksPerInstant;
  private final SplittableRandom random;
  private final SplittableRandom order;

  private volatile long nanos;
  private long number;
  private long executed;
  private int executedAtInstant;
  private boolean running;
  private final Deque<String> witnesses = new ArrayDeque<>();
  private @Nullable Thread owner;

  private VirtualScheduler(Builder builder) {
    this.start = builder.start;
    this.seed = builder.seed;
    this.shuffled = builder.shuffled;
    this.tasksPerInstant = builder.tasksPerInstant;
    SplittableRandom root = new SplittableRandom(seed);
    this.random = root.split();
    this.order = root.split();
  }

  /** A scheduler at 2026-01-01T00:00:00Z whose randomness follows from the seed. */
  public static VirtualScheduler seeded(long seed) {
    return builder().seed(seed).build();
  }

  /** All options. */
  public static Builder builder() {
    return new Builder();
  }

  /** The virtual clock, in UTC. May be read from any thread. */
  @Override
  public Clock clock() {
    return clock;
  }

  /** The virtual time now. May be read from any thread. */
  public Instant now() {
    return start.plusNanos(nanos);
  }

  /** Enqueues tasks at the present instant; they run when the test lets time run. */
  @Override
  public Executor executor() {
    return task -> enqueue(nanos, task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    long due = delay.isNegative() ? nanos : Math.addExact(nanos, delay.toNanos());
    Task queued = enqueue(due, task);
    return () -> {
      confine();
      queue.remove(queued);
    };
  }

  /** A generator that follows from the seed; apart from the one that shuffles. */
  @Override
  public RandomGenerator random() {
    confine();
    return random;
  }

  /** The seed; put it into the message of a failed test, it replays the run. */
  public long seed() {
    return seed;
  }

  /**
   * Runs every task that is due now, and those that they hand in for now. The clock stands.
   *
   * @return how many tasks ran
   * @throws IllegalStateException when tasks hand in each other for ever; the message names them
   */
  public int runUntilIdle() {
    return run(nanos, () -> false);
  }

  /**
   * Lets so much time pass: every task due until then runs at its own instant, and the clock ends
   * exactly that much later.
   */
  public void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("Time cannot run backwards: " + duration);
    }
    long target = Math.addExact(nanos, duration.toNanos());
    run(target, () -> false);
    moveTo(target);
  }

  /**
   * Lets time run until the condition holds, and not a task longer. The condition is looked at
   * before the first and after each task.
   *
   * @param limit how much virtual time it may take
   * @throws AssertionError when it does not hold within the limit, or when nothing is left to run;
   *     the message lists the pending tasks
   */
  public void advanceUntil(BooleanSupplier condition, Duration limit) {
    advanceUntil("the condition", condition, limit);
  }

  /**
   * As {@link #advanceUntil(BooleanSupplier, Duration)}, for a readable failure.
   *
   * @param what what is waited for, such as {@code "workspace default/phi-3 is ready"}
   */
  public void advanceUntil(String what, BooleanSupplier condition, Duration limit) {
    Instant began = now();
    long target = Math.addExact(nanos, limit.toNanos());
    boolean[] held = new boolean[1];
    run(target, () -> held[0] = condition.getAsBoolean());
    if (held[0]) {
      return;
    }
    String reason =
        queue.isEmpty()
            ? "no task is left that could change it"
            : "the limit of " + limit + " is over";
    throw new AssertionError(
        "Waited for "
            + what
            + " from "
            + began
            + " to "
            + now()
            + ", but "
            + reason
            + " (seed "
            + seed
            + "). "
            + describePending());
  }

  /**
   * Lets time run until the stage is complete and returns its value.
   *
   * @throws AssertionError as {@link #advanceUntil(BooleanSupplier, Duration)}
   * @throws CompletionException when it completed exceptionally; the cause is what it ended with
   */
  public <T extends @Nullable Object> T await(CompletionStage<T> stage, Duration limit) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    advanceUntil("a completion stage", future::isDone, limit);
    return future.join();
  }

  /** How many tasks wait, timers included. */
  public int pendingCount() {
    confine();
    return queue.size();
  }

  /** How many tasks have run so far. */
  public long executedCount() {
    return executed;
  }

  /** What waits, soonest first: due time and the code it came from. */
  public List<String> pending() {
    confine();
    List<String> lines = new ArrayList<>();
    for (Task task : queue) {
      lines.add(start.plusNanos(task.due) + " " + name(task.action));
    }
    return lines;
  }

  @Override
  public String toString() {
    return "VirtualScheduler[seed " + seed + ", " + now() + ", " + queue.size() + " pending]";
  }

  private Task enqueue(long due, Runnable action) {
    confine();
    if (executedAtInstant > tasksPerInstant - LIVE_LOCK_WITNESSES) {
      witnesses.add(name(action) + " handed in by " + caller());
    }
    Task task = new Task(due, shuffled ? order.nextLong() : 0, number++, action);
    queue.add(task);
    return task;
  }

  /** Runs tasks due up to the target until the condition holds; the clock ends at the last task. */
  private int run(long target, BooleanSupplier condition) {
    confine();
    if (running) {
      throw new IllegalStateException(
          "A task may not let time run: advance and runUntilIdle are for the test, outside tasks.");
    }
    running = true;
    try {
      int count = 0;
      while (!condition.getAsBoolean()) {
        Task next = queue.isEmpty() ? null : queue.first();
        if (next == null) {
          return count;
        }
        if (next.due > target) {
          moveTo(target);
          return count;
        }
        queue.remove(next);
        if (next.due > nanos) {
          moveTo(next.due);
        }
        if (++executedAtInstant > tasksPerInstant) {
          throw liveLock();
        }
        executed++;
        count++;
        next.action.run();
      }
      return count;
    } finally {
      running = false;
    }
  }

  private void moveTo(long target) {
    if (target != nanos) {
      nanos = target;
      executedAtInstant = 0;
      witnesses.clear();
    }
  }

  private IllegalStateException liveLock() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    witnesses.forEach(witness -> counts.merge(witness, 1, Integer::sum));
    StringBuilder text =
        new StringBuilder()
            .append(tasksPerInstant)
            .append(" tasks ran at ")
            .append(now())
            .append(" without the clock moving (seed ")
            .append(seed)
            .append("): tasks hand in each other without a delay. The last of them:");
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(DESCRIBED_TASKS)
        .forEach(
            entry ->
                text.append("\n  ").append(entry.getValue()).append(" x ").append(entry.getKey()));
    executedAtInstant = 0;
    witnesses.clear();
    return new IllegalStateException(text.toString());
  }

  private String describePending() {
    if (queue.isEmpty()) {
      return "Nothing is pending.";
    }
    StringBuilder text = new StringBuilder("Pending: ").append(queue.size()).append(" tasks");
    int shown = 0;
    for (Task task : queue) {
      if (shown++ == DESCRIBED_TASKS) {
        text.append("\n  ...");
        break;
      }
      text.append("\n  in ")
          .append(Duration.ofNanos(task.due - nanos))
          .append(": ")
          .append(name(task.action));
    }
    return text.toString();
  }

  private void confine() {
    Thread current = Thread.currentThread();
    if (owner == null) {
      owner = current;
    } else if (owner != current) {
      throw new IllegalStateException(
          "A VirtualScheduler belongs to one thread: it is used by \""
              + owner.getName()
              + "\" and was called from \""
              + current.getName()
              + "\". Code under virtual time must not start threads; use a SystemScheduler where real"
              + " threads or sockets take part.");
    }
  }

  /** The task's own words where it has some, else the class that its lambda stands in. */
  private static String name(Runnable action) {
    Class<?> type = action.getClass();
    String className = type.getName();
    int lambda = className.indexOf("$$Lambda");
    if (lambda >= 0) {
      return "a lambda of " + className.substring(0, lambda);
    }
    String text = String.valueOf(action);
    return text.startsWith(className + "@") ? className : text;
  }

  private static String caller() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> !frame.getClassName().startsWith("java."))
                    .filter(frame -> !frame.getClassName().equals(VirtualScheduler.class.getName()))
                    .findFirst()
                    .map(StackWalker.StackFrame::toString)
                    .orElse("unknown code"));
  }

  private record Task(long due, long tie, long number, Runnable action) {}

  /** Builds a {@link VirtualScheduler}. */
  public static final class Builder {
    private long seed;
    private Instant start = Instant.parse("2026-01-01T00:00:00Z");
    private boolean shuffled;
    private int tasksPerInstant = 1_000_000;

    private Builder() {}

    /** Where all randomness comes from. Default 0. */
    public Builder seed(long value) {
      this.seed = value;
      return this;
    }

    /** The first instant. Default 2026-01-01T00:00:00Z. */
    public Builder startingAt(Instant value) {
      this.start = value;
      return this;
    }

    /** Tasks due at the same instant run in a random order, determined by the seed. */
    public Builder shuffled() {
      this.shuffled = true;
      return this;
    }

    /**
     * How many tasks may run at one instant before the run fails as a live-lock. Default 1,000,000.
     *
     * @param value positive
     */
    public Builder tasksPerInstant(int value) {
      if (value <= 0) {
        throw new IllegalArgumentException("tasksPerInstant must be positive, was " + value);
      }
      this.tasksPerInstant = value;
      return this;
    }

    /** The scheduler, at its first instant, with nothing to do. */
    public VirtualScheduler build() {
      return new VirtualScheduler(this);
    }
  }
}

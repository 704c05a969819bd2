package sh.kaito.core.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.kube.Stages;

/**
 * Looks before a purchase whether another operator has appeared since the last look. It costs
 * nothing while nothing is bought. As long as one is there nothing more is bought; what runs is
 * left alone. Thread-safe.
 */
final class PurchaseGuard {
  private static final Logger LOG = LoggerFactory.getLogger(KaitoController.class);

  /** For so long a look counts. */
  static final Duration FRESH = Duration.ofMinutes(5);

  private static final PurchaseGuard NONE =
      new PurchaseGuard(null, () -> CompletableFuture.completedFuture(Optional.empty()));

  private final @Nullable Scheduler scheduler;
  private final Supplier<CompletionStage<Optional<String>>> other;
  private final Object lock = new Object();
  private @Nullable Instant looked;
  private @Nullable CompletableFuture<Boolean> running;
  private volatile String hold = "";

  private PurchaseGuard(
      @Nullable Scheduler scheduler, Supplier<CompletionStage<Optional<String>>> other) {
    this.scheduler = scheduler;
    this.other = other;
    this.looked = scheduler == null ? null : scheduler.clock().instant();
  }

  /** Lets everything through. */
  static PurchaseGuard none() {
    return NONE;
  }

  /**
   * A guard that was looked at now.
   *
   * @param other tells of another operator, if there is one
   */
  static PurchaseGuard of(Scheduler scheduler, Supplier<CompletionStage<Optional<String>>> other) {
    return new PurchaseGuard(scheduler, other);
  }

  /** Why nothing is bought; empty while it may be. */
  String hold() {
    return hold;
  }

  /** Whether the last look still counts. */
  boolean isFresh() {
    synchronized (lock) {
      return scheduler == null
          || (looked != null && scheduler.clock().instant().isBefore(looked.plus(FRESH)));
    }
  }

  /**
   * Looks; a second call meanwhile shares the first.
   *
   * @return completes normally; false when the API server did not tell
   */
  CompletableFuture<Boolean> look() {
    CompletableFuture<Boolean> look;
    synchronized (lock) {
      if (running != null) {
        return running;
      }
      look = new CompletableFuture<>();
      running = look;
    }
    var unused =
        other
            .get()
            .whenComplete(
                (reason, error) -> {
                  synchronized (lock) {
                    running = null;
                    looked =
                        error == null && scheduler != null ? scheduler.clock().instant() : looked;
                  }
                  if (error != null) {
                    LOG.warn(
                        "cannot look for other operators before a purchase: {}",
                        Stages.cause(error).getMessage());
                  } else {
                    found(reason.orElse(""));
                  }
                  look.complete(error == null);
                });
    return look;
  }

  private void found(String reason) {
    if (!reason.isEmpty() && hold.isEmpty()) {
      LOG.error("no more nodes are bought; what runs is left alone. {}", reason);
    } else if (reason.isEmpty() && !hold.isEmpty()) {
      LOG.info("the other operator is gone; nodes are bought again");
    }
    hold = reason;
  }
}

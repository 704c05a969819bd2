package sh.kaito.core.provision;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.ProvisionFailure.Kind;
import sh.kaito.api.provision.ProvisionFailure.Scope;

/**
 * Circuit breaker of purchases, one for each instance type. When the cloud says of one claim that
 * it has no machine, quota or offer of its type, no further claim of that type is made for a while,
 * whoever wants it; then one alone is tried. What was requested already is not touched. It rests on
 * what claims say, so a process that starts anew finds it as it was. Guarded by its owner's lock.
 */
final class PurchaseGate {
  /** From the first refusal to the first probe; twice as long after each probe that fails. */
  static final Duration FIRST_PAUSE = Duration.ofMinutes(10);

  static final Duration LONGEST_PAUSE = Duration.ofMinutes(30);

  /** First pause where a lack of machines is only suspected: the claim vanished without a word. */
  static final Duration SUSPICION_PAUSE = Duration.ofMinutes(1);

  /** After this long a probe that has neither worked nor failed no longer keeps others waiting. */
  static final Duration PROBE_LIMIT = Duration.ofMinutes(30);

  private record Probe(NodeSetKey key, NodeSlot slot, Instant since) {
    boolean isOver(Instant now) {
      return !now.isBefore(since.plus(PROBE_LIMIT));
    }
  }

  private static final class Pause {
    final Set<String> claims = new HashSet<>();
    final Set<NodeSetKey> waiting = new HashSet<>();
    Duration length = Duration.ZERO;
    Instant until = Instant.MIN;
    Instant refusedAt = Instant.MIN;
    Kind kind = Kind.CAPACITY;
    String reason = "";
    @Nullable Probe probe;
  }

  private final Map<String, Pause> pauses = new HashMap<>();

  /** Instance types that are on hold now, or of which one alone is being tried. */
  Set<String> paused(Instant now) {
    Set<String> paused = new HashSet<>();
    pauses.forEach(
        (type, pause) -> {
          Probe probe = pause.probe;
          if (now.isBefore(pause.until) || (probe != null && !probe.isOver(now))) {
            paused.add(type);
          }
        });
    return paused;
  }

  /** Whether a failure of this kind speaks of the instance type and not of the one claim. */
  static boolean concerns(Kind kind) {
    return kind.scope() == Scope.INSTANCE_TYPE;
  }

  /**
   * A claim was refused. Each claim counts once: that it goes on being refused is no news.
   *
   * @param since when it was refused, as persisted; the pause begins here
   * @param first length of the first pause
   */
  void refused(
      String instanceType, String claim, Kind kind, String reason, Instant since, Duration first) {
    Pause pause = pauses.computeIfAbsent(instanceType, type -> new Pause());
    if (!pause.claims.add(claim)) {
      return;
    }
    boolean probed = pause.probe != null;
    if (pause.length.isZero()) {
      pause.length = first;
    } else if (probed || since.isAfter(pause.until)) {
      pause.length = shorter(pause.length.multipliedBy(2), LONGEST_PAUSE);
    } else if (pause.length.compareTo(first) < 0) {
      pause.length = first;
    }
    pause.probe = null;
    Instant until = since.plus(pause.length);
    if (until.isAfter(pause.until)) {
      pause.until = until;
      pause.refusedAt = since;
      pause.kind = kind;
      pause.reason = reason;
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /**
   * A claim of the type has got its machine: the pause is over, if it was not before the refusal.
   *
   * @param at when it got it, as persisted
   * @return who has waited
   */
  Set<NodeSetKey> launched(String instanceType, Instant at) {
    Pause pause = pauses.get(instanceType);
    if (pause == null || !at.isAfter(pause.refusedAt)) {
      return Set.of();
    }
    pauses.remove(instanceType);
    return pause.waiting;
  }

  /** Nobody waits for the outcome of this set's probe any more. */
  Set<NodeSetKey> released(NodeSetKey key) {
    Set<NodeSetKey> wake = new HashSet<>();
    for (Pause pause : pauses.values()) {
      pause.waiting.remove(key);
      Probe probe = pause.probe;
      if (probe != null && probe.key().equals(key)) {
        pause.probe = null;
        wake.addAll(pause.waiting);
      }
    }
    return wake;
  }

  /** Asks to buy now. Where a pause is over, the one who asks first becomes the probe. */
  boolean admits(String instanceType, NodeSetKey key, NodeSlot slot, Instant now) {
    Pause pause = pauses.get(instanceType);
    if (pause == null) {
      return true;
    }
    if (heldUntil(pause, key, slot, now).isPresent()) {
      pause.waiting.add(key);
      return false;
    }
    pause.probe = new Probe(key, slot, now);
    return true;
  }

  private static Optional<Instant> heldUntil(
      Pause pause, NodeSetKey key, NodeSlot slot, Instant now) {
    if (now.isBefore(pause.until)) {
      return Optional.of(pause.until);
    }
    Probe probe = pause.probe;
    boolean mine = probe != null && probe.key().equals(key) && probe.slot().equals(slot);
    return probe == null || mine || probe.isOver(now)
        ? Optional.empty()
        : Optional.of(probe.since().plus(PROBE_LIMIT));
  }

  /** What a slot that is held back says, with the time of the next try; empty: it is not held. */
  Optional<ProvisionFailure> hold(String instanceType, NodeSetKey key, NodeSlot slot, Instant now) {
    Pause pause = pauses.get(instanceType);
    if (pause == null) {
      return Optional.empty();
    }
    return heldUntil(pause, key, slot, now).map(until -> failure(instanceType, pause, until, now));
  }

  private static ProvisionFailure failure(
      String instanceType, Pause pause, Instant until, Instant now) {
    Probe probe = now.isBefore(pause.until) ? null : pause.probe;
    String next =
        probe == null
            ? "the next try is at " + until
            : "one claim, that of "
                + probe.key().owner()
                + ", is being tried since "
                + probe.since();
    return ProvisionFailure.builder()
        .kind(pause.kind)
        .code("InstanceTypePaused")
        .nextTry(until)
        .message(
            "no further "
                + instanceType
                + " is requested for now, because the cloud refused one ("
                + pause.reason
                + "); "
                + next)
        .build();
  }
}

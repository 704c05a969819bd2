package sh.kaito.core.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.internal.kube.ResourceType;

/**
 * What this process knows of one Workspace beyond the caches. Guarded by itself; rounds of one key
 * never overlap, so what a round alone reads and writes is only published by the lock.
 */
final class KeyState {
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

  /** A watch event wakes at once, so this is only for events that do not come. */
  private static final Duration LONGEST_STALE_RETRY = Duration.ofMinutes(2);

  @Nullable CompletableFuture<ReconcileResult> running;
  boolean again;
  int failures;

  /** Rounds in a row whose observation turned out to be older than the cluster. */
  int staleRounds;

  String uid = "";
  boolean ownedFromBirth;
  boolean ensured;
  @Nullable Instant releaseFrom;
  String obstacle = "";
  String missing = "";
  String refusal = "";
  String warnings = "";
  String hold = "";

  /** Node sets of owners that are gone without having released them, and from when proof counts. */
  final Map<NodeSetKey, Instant> orphans = new HashMap<>();

  /** resourceVersions of the engine's own writes, which the caches must reach first. */
  final Map<ResourceType, String> written = new HashMap<>();

  /** Children that the engine's own last write rendered, until the caches show that write. */
  final Map<ChildKey, Rendered> rendered = new HashMap<>();

  /** See {@link Observation.Memory#settled()}. */
  final Map<ChildKey, String> settled = new HashMap<>();

  /** How fast its writes follow each other. */
  final WritePace pace = new WritePace();

  /** What the intent was worked out from, and the intent. */
  Object intentFrom = "nothing";

  /** Marks of the workload that ran when the intent was worked out; empty while none did. */
  Optional<Observation.Marks> intentMarks = Optional.empty();

  Intent intent = new Intent.Unread();

  /**
   * How to know an object again as it was written.
   *
   * @param generation 0 for kinds without
   */
  record Rendered(String resourceVersion, long generation) {
    boolean isShownBy(ObservedChild child) {
      return generation > 0
          ? child.rollout().generation() == generation
          : child.resourceVersion().equals(resourceVersion);
    }
  }

  /** What the last look showed; null before the first. */
  Transitions.@Nullable Seen seen;

  /** Slots whose purchase was told of. */
  final Set<NodeSlot> requested = new HashSet<>();

  /** A Workspace of that name was there, and its end was not told yet. */
  boolean existed;

  /** When this process first saw the present uid: until then somebody else may have bought. */
  Instant knownFrom = Instant.EPOCH;

  /** Another object under the same name: what is known of the one before does not count. */
  void begin(String newUid) {
    uid = newUid;
    ownedFromBirth = false;
    ensured = false;
    releaseFrom = null;
    obstacle = "";
    missing = "";
    refusal = "";
    warnings = "";
    hold = "";
    intentFrom = "nothing";
    written.clear();
    rendered.clear();
    settled.clear();
    seen = null;
    requested.clear();
  }

  /** What a round has led to. */
  void take(Applier.Report report, Decision decision, Instant now) {
    written.putAll(report.written);
    if (!report.written.isEmpty()) {
      pace.wrote(now);
    }
    ownedFromBirth |= report.tookOwnership;
    ensured |= report.ensured;
    decision.steps().stream()
        .filter(Step.ReleaseNodes.class::isInstance)
        .map(step -> ((Step.ReleaseNodes) step).countsFrom())
        .forEach(from -> releaseFrom = from);
    if (!report.obstacle.isEmpty() || report.failure == null) {
      obstacle = report.obstacle;
    }
    if (report.lookedForSecrets) {
      // Told in the next round, which begins at once.
      again |= !report.missing.isEmpty() && !report.missing.equals(missing);
      missing = report.missing;
    }
    if (report.triedToHandOver) {
      again |= !report.refusal.isEmpty() && !report.refusal.equals(refusal);
      refusal = report.refusal;
    }
    if (report.handedBack) {
      handedBack();
    }
    report.rendered.forEach(
        (child, write) -> {
          rendered.put(child, write);
          settled.remove(child);
        });
  }

  /** It is the Go operator's now, and may come back as one that this process did not make. */
  void handedBack() {
    ownedFromBirth = false;
    ensured = false;
    releaseFrom = null;
    rendered.clear();
    settled.clear();
    requested.clear();
  }

  Observation.Memory memory() {
    return new Observation.Memory(
        ownedFromBirth,
        ensured,
        Optional.ofNullable(releaseFrom),
        obstacle,
        missing,
        refusal,
        warnings,
        hold,
        settled);
  }

  /** Takes what the caches show of the engine's own writes as the state that has not drifted. */
  void settle(Map<ChildKey, ObservedChild> children) {
    children.forEach(
        (key, child) -> {
          Rendered write = rendered.get(key);
          if (write != null && write.isShownBy(child)) {
            settled.put(key, child.specHash());
            rendered.remove(key);
          }
        });
  }

  /** How long to wait after that many failures in a row. */
  Duration backOff() {
    return backOff(failures, LONGEST_RETRY);
  }

  /** How long to wait for the caches after that many stale rounds in a row. */
  Duration staleBackOff() {
    return backOff(staleRounds, LONGEST_STALE_RETRY);
  }

  private static Duration backOff(int rounds, Duration longest) {
    Duration wait = FIRST_RETRY.multipliedBy(1L << Math.min(Math.max(rounds, 1) - 1, 20));
    return wait.compareTo(longest) < 0 ? wait : longest;
  }
}

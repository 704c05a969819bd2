package sh.kaito.core.provision;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.NodeView;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.SlotStatus;

/**
 * What one owner's set of claims wants and has: the requests that are to be sent now, and the
 * status. It sends nothing itself; {@link ClaimProvisioner} sends and reports back. Guarded by its
 * owner's lock.
 */
final class ClaimSet {
  /** How long a request may be under way before its answer is given up. */
  static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

  /** After an unanswered purchase a late arrival is possible for this long after its time-out. */
  static final Duration LATE_ARRIVAL = REQUEST_TIMEOUT.plusSeconds(60);

  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

  /** One thing to send. */
  sealed interface Request {
    /** POST of the claim of a slot; create-only, so that it can never buy twice. */
    record Create(NodeSlot slot, String name) implements Request {}

    /** GET of a claim whose creation got no answer or said that the name is taken. */
    record Look(NodeSlot slot, String name) implements Request {}

    /** DELETE of a claim, valid for this uid only. */
    record Delete(String name, String uid) implements Request {}

    /** Live lists of claims and Nodes of the owner. */
    record Sweep() implements Request {}
  }

  /** The history of one slot in this process. */
  private static final class Purchase {
    boolean underWay;
    boolean inDoubt;
    @Nullable String uid;
    String resourceVersion = "";
    int attempts;
    Instant notBefore = Instant.MIN;
    @Nullable ProvisionFailure failure;
  }

  private final NodeSetKey key;
  private final Map<NodeSlot, Purchase> purchases = new HashMap<>();
  private final Set<String> deletesUnderWay = new HashSet<>();
  private @Nullable NodeSetSpec spec;
  private @Nullable Instant countsFrom;
  private Instant lateArrivalUntil = Instant.MIN;
  private boolean sweepUnderWay;
  private Instant nextSweep = Instant.MIN;
  private int sweeps;
  private boolean gone;
  private @Nullable ProvisionFailure releaseFailure;
  private Instant nextDelete = Instant.MIN;
  private int failedDeletes;

  ClaimSet(NodeSetKey key) {
    this.key = key;
  }

  /** Wants nodes. Without effect once the set was released: a released owner never buys again. */
  void want(NodeSetSpec wanted) {
    if (countsFrom == null) {
      spec = wanted;
    }
  }

  /** What is wanted; null before anything was, and after the release. */
  @Nullable NodeSetSpec wanted() {
    return countsFrom == null ? spec : null;
  }

  /** Wants no node. */
  void release(Instant from) {
    if (countsFrom == null || from.isAfter(countsFrom)) {
      countsFrom = from;
      gone = false;
    }
  }

  boolean isReleased() {
    return countsFrom != null;
  }

  /** The requests to send now; each counts as under way from here on. */
  List<Request> due(ClaimProvisioner.Claims claims, NodeView nodes, Instant now) {
    return countsFrom == null ? dueForEnsure(claims, now) : dueForRelease(claims, nodes, now);
  }

  private List<Request> dueForEnsure(ClaimProvisioner.Claims claims, Instant now) {
    List<Request> requests = new ArrayList<>();
    NodeSetSpec wanted = spec;
    if (wanted == null) {
      return requests;
    }
    for (NodeSlot slot : wanted.slots()) {
      Purchase purchase = purchases.computeIfAbsent(slot, s -> new Purchase());
      String name = claims.name(key, slot);
      Optional<ClaimInfo> claim = claims.find(key, slot);
      if (claim.isPresent()) {
        bought(purchase, claim.get().uid(), claim.get().resourceVersion());
      } else if (purchase.uid == null && !purchase.underWay && !now.isBefore(purchase.notBefore)) {
        if (purchase.inDoubt) {
          purchase.underWay = true;
          requests.add(new Request.Look(slot, name));
        } else if (wanted.purchaseAllowed()) {
          purchase.underWay = true;
          requests.add(new Request.Create(slot, name));
        }
      }
    }
    for (ClaimInfo claim : claims.of(key)) {
      if (!wanted.slots().contains(claim.slot())) {
        addDelete(requests, claim, now);
      }
    }
    return requests;
  }

  private List<Request> dueForRelease(ClaimProvisioner.Claims claims, NodeView nodes, Instant now) {
    List<Request> requests = new ArrayList<>();
    Collection<ClaimInfo> left = claims.of(key);
    left.forEach(claim -> addDelete(requests, claim, now));
    boolean quiet =
        left.isEmpty()
            && nodes.byLabel(KaitoLabels.OWNER_UID, key.ownerUid()).isEmpty()
            && purchases.values().stream().noneMatch(p -> p.underWay);
    if (!gone && quiet && !sweepUnderWay && !now.isBefore(sweepNotBefore())) {
      sweepUnderWay = true;
      requests.add(new Request.Sweep());
    }
    return requests;
  }

  private void addDelete(List<Request> requests, ClaimInfo claim, Instant now) {
    if (!claim.deleting() && !now.isBefore(nextDelete) && deletesUnderWay.add(claim.uid())) {
      requests.add(new Request.Delete(claim.name(), claim.uid()));
    }
  }

  private Instant sweepNotBefore() {
    Instant from = countsFrom == null ? Instant.MAX : countsFrom;
    Instant latest = from.isAfter(lateArrivalUntil) ? from : lateArrivalUntil;
    return latest.isAfter(nextSweep) ? latest : nextSweep;
  }

  /**
   * The claim exists and is ours: by the answer of its creation, by a live look, or in the cache.
   */
  void exists(NodeSlot slot, String uid, String resourceVersion) {
    Purchase purchase = purchase(slot);
    purchase.underWay = false;
    bought(purchase, uid, resourceVersion);
  }

  private static void bought(Purchase purchase, String uid, String resourceVersion) {
    purchase.uid = uid;
    purchase.resourceVersion = resourceVersion;
    purchase.inDoubt = false;
    purchase.failure = null;
    purchase.attempts = 0;
  }

  /** The name is taken; who has it must be looked at. */
  void nameTaken(NodeSlot slot) {
    Purchase purchase = purchase(slot);
    purchase.underWay = false;
    purchase.inDoubt = true;
  }

  /** A live look found nothing: the unanswered creation did not arrive, or not yet. */
  void absent(NodeSlot slot) {
    Purchase purchase = purchase(slot);
    purchase.underWay = false;
    purchase.inDoubt = false;
  }

  /** The creation or the look was answered with a failure. */
  void failed(NodeSlot slot, ProvisionFailure failure, Instant now) {
    Purchase purchase = purchase(slot);
    purchase.underWay = false;
    purchase.failure = failure;
    purchase.notBefore = now.plus(failure.retryAfter().orElse(backOff(purchase.attempts++)));
  }

  /** The creation got no answer: it may have taken effect, or may yet. */
  void unanswered(NodeSlot slot, ProvisionFailure failure, Instant now) {
    failed(slot, failure, now);
    purchase(slot).inDoubt = true;
    lateArrivalUntil = now.plus(LATE_ARRIVAL);
  }

  /** A delete was answered; the cache will tell whether it did what it should. */
  void deleteAnswered(String uid, @Nullable ProvisionFailure failure, Instant now) {
    deletesUnderWay.remove(uid);
    releaseFailure = failure;
    failedDeletes = failure == null ? 0 : failedDeletes + 1;
    nextDelete =
        failure == null
            ? Instant.MIN
            : now.plus(failure.retryAfter().orElse(backOff(failedDeletes - 1)));
  }

  /** A sweep was answered. */
  void swept(boolean foundNothing, @Nullable ProvisionFailure failure, Instant now) {
    sweepUnderWay = false;
    releaseFailure = failure;
    gone = foundNothing;
    if (!foundNothing) {
      nextSweep = now.plus(backOff(sweeps++));
    }
  }

  private Purchase purchase(NodeSlot slot) {
    return purchases.computeIfAbsent(slot, s -> new Purchase());
  }

  private static Duration backOff(int attempts) {
    Duration wait = FIRST_RETRY.multipliedBy(1L << Math.min(attempts, 20));
    return wait.compareTo(LONGEST_RETRY) < 0 ? wait : LONGEST_RETRY;
  }

  NodeSetStatus status(ClaimProvisioner.Claims claims, NodeView nodes, Instant now) {
    return countsFrom == null ? ensureStatus(claims, nodes) : releaseStatus(claims, now);
  }

  private NodeSetStatus ensureStatus(ClaimProvisioner.Claims claims, NodeView nodes) {
    NodeSetStatus.Builder status = NodeSetStatus.builder();
    NodeSetSpec wanted = spec;
    if (wanted == null) {
      return status.phase(NodePhase.PENDING).build();
    }
    NodePhase least = NodePhase.READY;
    ProvisionFailure failure = null;
    Instant nextLook = null;
    for (NodeSlot slot : wanted.slots()) {
      SlotStatus one = slotStatus(wanted, slot, claims, nodes);
      status.addSlots(one);
      least = progress(one.phase()) < progress(least) ? one.phase() : least;
      Purchase purchase = purchase(slot);
      Optional<ClaimInfo> claim = claims.find(key, slot);
      if (failure == null) {
        failure = claim.flatMap(ClaimReadiness::failure).orElse(purchase.failure);
      }
      if (claim.isEmpty() && purchase.uid == null && purchase.notBefore.isAfter(Instant.MIN)) {
        nextLook =
            nextLook == null || purchase.notBefore.isBefore(nextLook)
                ? purchase.notBefore
                : nextLook;
      }
    }
    return status
        .phase(least)
        .failure(Optional.ofNullable(failure))
        .nextLook(Optional.ofNullable(nextLook))
        .build();
  }

  private SlotStatus slotStatus(
      NodeSetSpec wanted, NodeSlot slot, ClaimProvisioner.Claims claims, NodeView nodes) {
    Optional<ClaimInfo> claim = claims.find(key, slot);
    if (claim.isPresent()) {
      return ClaimReadiness.of(claim.get(), wanted, nodes);
    }
    Purchase purchase = purchase(slot);
    SlotStatus.Builder one =
        SlotStatus.builder()
            .slot(slot)
            .requestName(claims.name(key, slot))
            .phase(NodePhase.PENDING);
    if (purchase.underWay) {
      return one.phase(NodePhase.CREATING).message("the claim is being created").build();
    }
    if (purchase.uid != null && !claims.isBehind(purchase.resourceVersion)) {
      return one.isLost(true).message("the claim has vanished").build();
    }
    return purchase.uid != null
        ? one.phase(NodePhase.CREATING).message("the claim was just created").build()
        : one.message("the claim is not created yet").build();
  }

  /** Orders the phases of a slot by how far they are from ready. */
  private static int progress(NodePhase phase) {
    return switch (phase) {
      case GONE, BLOCKED, PENDING -> 0;
      case RELEASING -> 1;
      case CREATING -> 2;
      case JOINING -> 3;
      case INITIALIZING -> 4;
      case READY -> 5;
    };
  }

  private NodeSetStatus releaseStatus(ClaimProvisioner.Claims claims, Instant now) {
    NodeSetStatus.Builder status = NodeSetStatus.builder();
    claims.of(key).stream()
        .sorted(Comparator.comparing(ClaimInfo::name))
        .forEach(
            claim ->
                status.addSlots(
                    SlotStatus.builder()
                        .slot(claim.slot())
                        .requestName(claim.name())
                        .phase(NodePhase.RELEASING)
                        .message("is being deleted")
                        .build()));
    return status
        .phase(gone ? NodePhase.GONE : NodePhase.RELEASING)
        .failure(Optional.ofNullable(gone ? null : releaseFailure))
        .nextLook(gone ? Optional.empty() : laterOf(now))
        .build();
  }

  /** The next time at which something will be sent although nothing changed. */
  private Optional<Instant> laterOf(Instant now) {
    Instant next = nextDelete.isAfter(now) ? nextDelete : sweepNotBefore();
    return next.isAfter(now) ? Optional.of(next) : Optional.empty();
  }
}

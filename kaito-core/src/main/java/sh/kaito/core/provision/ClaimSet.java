package sh.kaito.core.provision;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
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
  /**
   * For so long after its sending a purchase without answer may still arrive: the transport gives a
   * request up after 60 seconds, and a minute is added for what is on the way by then.
   */
  static final Duration LATE_ARRIVAL = Duration.ofMinutes(2);

  /** A claim that was asked to go and shows no deletionTimestamp is asked again after this long. */
  private static final Duration ASK_AGAIN = Duration.ofSeconds(30);

  /** A claim that exists and that the cache does not show is looked at again after this long. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  /** How often a Node without claim, which nothing here can delete, is looked at again. */
  private static final Duration LEFTOVER_LOOK = Duration.ofMinutes(1);

  /** One thing to send. */
  sealed interface Request {
    /** POST of the claim of a slot; create-only, so that it can never buy twice. */
    record Create(NodeSlot slot, String name) implements Request {}

    /**
     * GET of a claim that may or may not exist: no answer, a taken name, or gone from the cache.
     */
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
    boolean lost;
    @Nullable String uid;
    String resourceVersion = "";
    int attempts;
    Instant notBefore = Instant.MIN;
    @Nullable ProvisionFailure failure;

    /** The claim as the watch showed it last, once it is gone. */
    @Nullable ClaimInfo lastSeen;
  }

  private final NodeSetKey key;
  private final PurchaseGate gate;
  private final Map<NodeSlot, Purchase> purchases = new HashMap<>();
  private final Map<String, Instant> askedToGo = new HashMap<>();
  private final Set<String> knownGone = new HashSet<>();
  private @Nullable NodeSetSpec spec;
  private @Nullable Instant countsFrom;
  private Instant lateArrivalUntil = Instant.MIN;
  private boolean sweepUnderWay;
  private Instant nextSweep = Instant.MIN;
  private int sweeps;
  private boolean gone;
  private @Nullable ProvisionFailure releaseFailure;
  private int failedDeletes;

  ClaimSet(NodeSetKey key, PurchaseGate gate) {
    this.key = key;
    this.gate = gate;
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

  /** Wants no node. The first instant stays: a later one would push the proof ahead for ever. */
  void release(Instant from) {
    if (countsFrom == null) {
      countsFrom = from;
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
      String name = name(wanted, slot, claims);
      Optional<ClaimInfo> claim = claims.find(key, name);
      if (claim.isPresent()) {
        bought(purchase, claim.get().uid(), claim.get().resourceVersion());
        continue;
      }
      boolean idle = !purchase.underWay && !purchase.lost && !now.isBefore(purchase.notBefore);
      boolean vanished =
          purchase.uid == null
              ? wanted.knownSlots().contains(slot)
              : !claims.isBehind(purchase.resourceVersion);
      if (idle && (purchase.inDoubt || vanished)) {
        // The cache shows what carries our labels. Only the claim's own name tells whether it
        // exists.
        purchase.underWay = true;
        requests.add(new Request.Look(slot, name));
      } else if (idle
          && purchase.uid == null
          && wanted.purchaseAllowed()
          && gate.admits(wanted.instanceType(), key, slot, now)) {
        purchase.underWay = true;
        requests.add(new Request.Create(slot, name));
      }
    }
    if (wanted.purchaseAllowed()) {
      // As for a purchase, the owner was just seen alive, so the ledger is the newest one.
      surplus(wanted, claims).forEach(claim -> addDelete(requests, claim, now));
    }
    return requests;
  }

  /** The name that the claim of a slot has or will have; a claim that was taken over keeps its. */
  private String name(NodeSetSpec wanted, NodeSlot slot, ClaimProvisioner.Claims claims) {
    String adopted = wanted.adoptedNames().get(slot);
    return adopted == null ? claims.name(key, slot) : adopted;
  }

  /** Claims of slots that are no more, and of epochs that were replaced; never newer ones. */
  private List<ClaimInfo> surplus(NodeSetSpec wanted, ClaimProvisioner.Claims claims) {
    Map<Integer, Integer> epochs = new HashMap<>();
    wanted.slots().forEach(slot -> epochs.put(slot.index(), slot.epoch()));
    return claims.of(key).stream()
        .filter(
            claim ->
                claim.slot().epoch() < epochs.getOrDefault(claim.slot().index(), Integer.MAX_VALUE))
        .toList();
  }

  private List<Request> dueForRelease(ClaimProvisioner.Claims claims, NodeView nodes, Instant now) {
    List<Request> requests = new ArrayList<>();
    Collection<ClaimInfo> left = left(claims);
    left.forEach(claim -> addDelete(requests, claim, now));
    boolean quiet =
        left.isEmpty()
            && nodes.byLabel(KaitoLabels.OWNER_UID, key.ownerUid()).isEmpty()
            && purchases.values().stream().noneMatch(p -> p.underWay);
    // What was proved holds only as long as nothing turns up.
    gone &= quiet;
    if (!gone && quiet && !sweepUnderWay && !now.isBefore(sweepNotBefore())) {
      sweepUnderWay = true;
      requests.add(new Request.Sweep());
    }
    return requests;
  }

  /**
   * Claims that still exist as far as is known; a live answer outweighs a cache that stands still.
   */
  private Collection<ClaimInfo> left(ClaimProvisioner.Claims claims) {
    return claims.of(key).stream().filter(claim -> !knownGone.contains(claim.uid())).toList();
  }

  private void addDelete(List<Request> requests, ClaimInfo claim, Instant now) {
    if (!claim.deleting()) {
      addDelete(requests, claim.name(), claim.uid(), now);
    }
  }

  private void addDelete(List<Request> requests, String name, String uid, Instant now) {
    if (!now.isBefore(askedToGo.getOrDefault(uid, Instant.MIN))) {
      askedToGo.put(uid, now.plus(ASK_AGAIN));
      requests.add(new Request.Delete(name, uid));
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

  /**
   * A live look has found it, and the cache, which has come that far, does not show it: a watch
   * event was lost. Until the next relist it is looked at now and then, not again at once.
   */
  void found(NodeSlot slot, String uid, String resourceVersion, Instant now) {
    exists(slot, uid, resourceVersion);
    purchase(slot).notBefore = now.plus(LOOK_AGAIN);
  }

  private static void bought(Purchase purchase, String uid, String resourceVersion) {
    purchase.uid = uid;
    purchase.resourceVersion = resourceVersion;
    purchase.inDoubt = false;
    purchase.lost = false;
    purchase.failure = null;
    purchase.attempts = 0;
  }

  /** The name is taken; who has it must be looked at. */
  void nameTaken(NodeSlot slot) {
    Purchase purchase = purchase(slot);
    purchase.underWay = false;
    purchase.inDoubt = true;
  }

  /**
   * A live look found nothing: what was seen before, by this process or by one before it, is lost;
   * what was never seen did not arrive.
   */
  void absent(NodeSlot slot, Instant now) {
    Purchase purchase = purchase(slot);
    purchase.underWay = false;
    purchase.inDoubt = false;
    purchase.lost = purchase.uid != null || isKnown(slot);
    if (purchase.lost) {
      LostClaim lost = new LostClaim(purchase.lastSeen);
      purchase.failure = lost.failure();
      ClaimInfo seen = purchase.lastSeen;
      if (seen != null && lost.concernsInstanceType()) {
        gate.refused(
            seen.instanceType(),
            seen.name(),
            purchase.failure.kind(),
            purchase.failure.message(),
            now,
            lost.isSuspicion() ? PurchaseGate.SUSPICION_PAUSE : PurchaseGate.FIRST_PAUSE);
      }
    }
  }

  /** What was to be created was not sent. */
  void notSent(NodeSlot slot) {
    purchase(slot).underWay = false;
  }

  /** The watch shows a claim no more; this is how it showed it last. */
  void lastSeen(ClaimInfo claim) {
    Purchase purchase = purchases.get(claim.slot());
    if (purchase != null) {
      purchase.lastSeen = claim;
    }
  }

  private boolean isKnown(NodeSlot slot) {
    NodeSetSpec wanted = spec;
    return wanted != null && wanted.knownSlots().contains(slot);
  }

  /** The creation or the look was answered with a failure. */
  void failed(NodeSlot slot, ProvisionFailure failure, Instant now) {
    Purchase purchase = purchase(slot);
    purchase.underWay = false;
    purchase.failure = failure;
    purchase.notBefore = now.plus(BackOff.after(failure, purchase.attempts++));
  }

  /** The creation got no answer: it may have taken effect, or may yet. */
  void unanswered(NodeSlot slot, ProvisionFailure failure, Instant now) {
    failed(slot, failure, now);
    purchase(slot).inDoubt = true;
    lateArrivalUntil = now.plus(LATE_ARRIVAL);
  }

  /**
   * A delete was answered.
   *
   * @param isGone the API server has no such claim; the cache may not know that, or never will
   */
  void deleteAnswered(String uid, boolean isGone, @Nullable ProvisionFailure failure, Instant now) {
    releaseFailure = failure;
    if (isGone) {
      knownGone.add(uid);
    }
    if (failure == null) {
      failedDeletes = 0;
    } else {
      askedToGo.put(uid, now.plus(BackOff.after(failure, failedDeletes++)));
    }
  }

  /**
   * A sweep found claims that the cache does not show.
   *
   * @return their deletion
   */
  List<Request> found(Map<String, String> namesByUid, Instant now) {
    List<Request> requests = new ArrayList<>();
    namesByUid.forEach((uid, name) -> addDelete(requests, name, uid, now));
    return requests;
  }

  /** A sweep was answered. */
  void swept(boolean foundNothing, @Nullable ProvisionFailure failure, Instant now) {
    sweepUnderWay = false;
    releaseFailure = failure;
    gone = foundNothing;
    if (!foundNothing) {
      nextSweep = now.plus(BackOff.after(sweeps++));
    }
  }

  /** Whether every purchase that was sent was answered, or can arrive no more. */
  boolean isSettled(Instant now) {
    return !now.isBefore(lateArrivalUntil)
        && purchases.values().stream().noneMatch(purchase -> purchase.underWay);
  }

  private Purchase purchase(NodeSlot slot) {
    return purchases.computeIfAbsent(slot, s -> new Purchase());
  }

  NodeSetStatus status(ClaimProvisioner.Claims claims, NodeView nodes, Instant now) {
    return countsFrom == null
        ? ensureStatus(claims, nodes, now)
        : releaseStatus(claims, nodes, now);
  }

  private NodeSetStatus ensureStatus(ClaimProvisioner.Claims claims, NodeView nodes, Instant now) {
    NodeSetStatus.Builder status = NodeSetStatus.builder();
    NodeSetSpec wanted = spec;
    if (wanted == null) {
      for (ClaimInfo claim : claims.of(key)) {
        status.addSlots(
            SlotStatus.builder()
                .slot(claim.slot())
                .requestName(claim.name())
                .phase(NodePhase.CREATING)
                .message("was bought by a process before this one")
                .build());
      }
      return status.phase(NodePhase.PENDING).build();
    }
    NodePhase least = NodePhase.READY;
    ProvisionFailure failure = null;
    Instant nextLook = null;
    status.wanted(wanted.count());
    for (NodeSlot slot : wanted.slots()) {
      SlotStatus one = slotStatus(wanted, slot, claims, nodes, now);
      status.addSlots(one);
      least = Progress.of(one.phase()) < Progress.of(least) ? one.phase() : least;
      failure = failure == null ? one.failure().orElse(null) : failure;
      nextLook = Progress.sooner(nextLook, one.nextTry().orElse(Instant.MIN), now);
      nextLook = Progress.sooner(nextLook, one.deadline().orElse(Instant.MIN), now);
    }
    for (ClaimInfo claim : surplus(wanted, claims)) {
      // What is on its way out needs nothing more; its watch event tells when it is gone.
      Instant again =
          claim.deleting() ? now.plus(ASK_AGAIN) : askedToGo.getOrDefault(claim.uid(), Instant.MIN);
      status.addSlots(
          SlotStatus.builder()
              .slot(claim.slot())
              .requestName(claim.name())
              .phase(NodePhase.RELEASING)
              .message("is not wanted any more")
              .nextTry(again)
              .build());
      nextLook = claim.deleting() ? nextLook : Progress.sooner(nextLook, again, now);
    }
    return status
        .phase(least)
        .failure(Optional.ofNullable(failure))
        .nextLook(Optional.ofNullable(nextLook))
        .build();
  }

  private SlotStatus slotStatus(
      NodeSetSpec wanted,
      NodeSlot slot,
      ClaimProvisioner.Claims claims,
      NodeView nodes,
      Instant now) {
    String name = name(wanted, slot, claims);
    Optional<ClaimInfo> claim = claims.find(key, name);
    if (claim.isPresent()) {
      return ClaimReadiness.of(claim.get(), wanted, nodes, now);
    }
    Purchase purchase = purchase(slot);
    SlotStatus.Builder one =
        SlotStatus.builder()
            .slot(slot)
            .requestName(name)
            .phase(NodePhase.PENDING)
            .failure(Optional.ofNullable(purchase.failure));
    if (!purchase.underWay && purchase.notBefore.isAfter(now)) {
      one.nextTry(purchase.notBefore);
    }
    if (purchase.lost) {
      return one.isLost(true).message("the claim has vanished").build();
    }
    if (purchase.uid != null) {
      return one.phase(NodePhase.CREATING).message("the claim was just created").build();
    }
    if (isKnown(slot)) {
      return one.phase(NodePhase.CREATING).message("the claim is being looked for").build();
    }
    Optional<ProvisionFailure> held =
        purchase.underWay ? Optional.empty() : gate.hold(wanted.instanceType(), key, slot, now);
    if (held.isPresent()) {
      return one.failure(held).nextTry(held.get().nextTry()).message(held.get().message()).build();
    }
    return purchase.underWay
        ? one.phase(NodePhase.CREATING).message("the claim is being created").build()
        : one.message("the claim is not created yet").build();
  }

  private NodeSetStatus releaseStatus(ClaimProvisioner.Claims claims, NodeView nodes, Instant now) {
    NodeSetStatus.Builder status = NodeSetStatus.builder();
    Collection<ClaimInfo> left = left(claims);
    Instant nextLook = null;
    for (ClaimInfo claim : left) {
      status.addSlots(
          SlotStatus.builder()
              .slot(claim.slot())
              .requestName(claim.name())
              .phase(NodePhase.RELEASING)
              .message("is being deleted")
              .build());
      if (!claim.deleting()) {
        nextLook = Progress.sooner(nextLook, askedToGo.getOrDefault(claim.uid(), Instant.MIN), now);
      }
    }
    ProvisionFailure failure = releaseFailure;
    Collection<NodeView.NodeInfo> nodesLeft = nodes.byLabel(KaitoLabels.OWNER_UID, key.ownerUid());
    if (left.isEmpty() && !nodesLeft.isEmpty()) {
      failure = leftover(nodesLeft.iterator().next().name());
      nextLook = Progress.sooner(nextLook, now.plus(LEFTOVER_LOOK), now);
    }
    nextLook = Progress.sooner(nextLook, sweepNotBefore(), now);
    return status
        .phase(gone ? NodePhase.GONE : NodePhase.RELEASING)
        .failure(Optional.ofNullable(gone ? null : failure))
        .nextLook(Optional.ofNullable(gone ? null : nextLook))
        .build();
  }

  private static ProvisionFailure leftover(String node) {
    return ProvisionFailure.builder()
        .kind(ProvisionFailure.Kind.TRANSIENT)
        .code("NodeLeftOver")
        .message(
            "Node "
                + node
                + " carries this workspace's label and has no claim any more; if it does not go by"
                + " itself, make sure that its machine is gone and delete the Node")
        .build();
  }
}

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
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.NodeView;
import sh.kaito.api.provision.NodeView.NodeInfo;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.SlotStatus;

/**
 * What one owner's set of bring-your-own nodes wants and has: the requests that are to be sent now,
 * and the status. It sends nothing itself. Guarded by its owner's lock.
 */
final class ByoSet {
  /** An assignment that the cache does not show after this long is looked at live. */
  private static final Duration CATCH_UP = Duration.ofMinutes(1);

  private static final Duration ASK_AGAIN = Duration.ofSeconds(30);

  /** One thing to send. */
  sealed interface Request {
    /** Assigns a Node to a slot, if nobody has it. */
    record Assign(String node, NodeAssignment assignment) implements Request {}

    /** Takes an assignment of this owner back. */
    record Unassign(String node) implements Request {}

    /** Live list of the owner's Nodes, to learn what it has. */
    record Look() implements Request {}

    /** Live list of the owner's Nodes, to prove that it has none. */
    record Sweep() implements Request {}
  }

  /** The history of one slot in this process. */
  private static final class Place {
    String node = "";
    boolean underWay;
    boolean assigned;
    boolean lost;
    Instant assignedAt = Instant.MIN;
    int attempts;
    Instant notBefore = Instant.MIN;
    @Nullable ProvisionFailure failure;
  }

  private final NodeSetKey key;
  private final String installation;
  private final Map<NodeSlot, Place> places = new HashMap<>();
  private final Map<String, Instant> askedToGo = new HashMap<>();

  /** Nodes that this set has let go by itself, until the cache shows it. */
  private final Set<String> givenBack = new HashSet<>();

  private @Nullable NodeSetSpec spec;
  private @Nullable Instant countsFrom;
  private Instant lateArrivalUntil = Instant.MIN;
  private boolean lookedOnce;
  private boolean lookUnderWay;
  private Instant nextLook = Instant.MIN;
  private int looks;
  private boolean complete;
  private boolean gone;
  private @Nullable ProvisionFailure failure;

  ByoSet(NodeSetKey key, String installation) {
    this.key = key;
    this.installation = installation;
  }

  void want(NodeSetSpec wanted) {
    if (countsFrom == null) {
      spec = wanted;
    }
  }

  void release(Instant from) {
    if (countsFrom == null) {
      countsFrom = from;
    }
  }

  boolean isReleased() {
    return countsFrom != null;
  }

  /** Names of the Nodes that this set is taking at this moment and that no cache may show yet. */
  Set<String> reserved() {
    NodeSetSpec wanted = countsFrom == null ? spec : null;
    Set<String> names = new HashSet<>();
    places.forEach(
        (slot, place) -> {
          boolean wantsIt = wanted != null && wanted.slots().contains(slot) && !place.lost;
          if (!place.node.isEmpty() && (place.underWay || wantsIt)) {
            names.add(place.node);
          }
        });
    return names;
  }

  /** Whether a Node that becomes free, or fit, may be of use. */
  boolean isWaiting() {
    return countsFrom == null && !complete;
  }

  private Collection<NodeInfo> mine(NodeView nodes) {
    return nodes.byLabel(KaitoLabels.ASSIGNED_UID, key.ownerUid());
  }

  /** The Node of each slot; where two claim one slot, the first by name has it. */
  private Map<NodeSlot, NodeInfo> held(NodeView nodes) {
    Map<NodeSlot, NodeInfo> held =
        new TreeMap<>(Comparator.comparingInt(NodeSlot::index).thenComparingInt(NodeSlot::epoch));
    mine(nodes).stream()
        .filter(node -> !givenBack.contains(node.name()))
        .sorted(Comparator.comparing(NodeInfo::name))
        .forEach(
            node ->
                NodeAssignment.of(node)
                    .filter(assignment -> assignment.key().set().equals(key.set()))
                    .ifPresent(assignment -> held.putIfAbsent(assignment.slot(), node)));
    return held;
  }

  List<Request> due(NodeView nodes, Predicate<String> takenByOthers, Instant now) {
    return countsFrom == null ? dueForEnsure(nodes, takenByOthers, now) : dueForRelease(nodes, now);
  }

  private List<Request> dueForEnsure(NodeView nodes, Predicate<String> takenByOthers, Instant now) {
    List<Request> requests = new ArrayList<>();
    NodeSetSpec wanted = spec;
    if (wanted == null) {
      return requests;
    }
    Set<String> mine = new HashSet<>();
    mine(nodes).forEach(node -> mine.add(node.name()));
    givenBack.retainAll(mine);
    givenBack.forEach(node -> unassign(node, now, requests));
    Map<NodeSlot, NodeInfo> held = held(nodes);
    boolean mustLook = false;
    List<NodeSlot> missing = new ArrayList<>();
    for (NodeSlot slot : wanted.slots()) {
      Place place = place(slot);
      NodeInfo node = held.get(slot);
      if (node != null) {
        assigned(place, node.name(), now);
      } else if (place.assigned && !place.lost) {
        mustLook |= !now.isBefore(place.assignedAt.plus(CATCH_UP)) || !isThere(nodes, place.node);
      } else if (wanted.knownSlots().contains(slot) && !place.lost) {
        mustLook = true;
      } else if (!place.lost && !place.underWay) {
        missing.add(slot);
      }
    }
    complete = held.keySet().containsAll(wanted.slots());
    boolean isHalf = !missing.isEmpty() && isGivenBackWhenHalf(wanted, held);
    if (!missing.isEmpty() && (wanted.purchaseAllowed() || isHalf) && !lookedOnce) {
      // A cache that has just been filled may be older than what a process before this one wrote.
      mustLook = true;
    } else if (!missing.isEmpty() && wanted.purchaseAllowed()) {
      assign(wanted, nodes, held, missing, takenByOthers, now, requests);
    } else if (isHalf && !canBeWhole(wanted, nodes, held, missing, takenByOthers)) {
      // Leave to take nodes is not asked for while none can be had; giving back needs none.
      giveBack(held, now, requests);
    }
    if (mustLook && !lookUnderWay && !now.isBefore(nextLook)) {
      lookUnderWay = true;
      requests.add(new Request.Look());
    }
    if (wanted.purchaseAllowed()) {
      surplus(wanted, nodes, held).forEach(node -> unassign(node, now, requests));
    }
    return requests;
  }

  private static boolean isThere(NodeView nodes, String node) {
    return nodes.byName(node).isPresent();
  }

  private void assign(
      NodeSetSpec wanted,
      NodeView nodes,
      Map<NodeSlot, NodeInfo> held,
      List<NodeSlot> missing,
      Predicate<String> takenByOthers,
      Instant now,
      List<Request> requests) {
    List<NodeSlot> unplaced =
        missing.stream()
            .filter(slot -> place(slot).node.isEmpty() && !now.isBefore(place(slot).notBefore))
            .toList();
    if (!unplaced.isEmpty()) {
      FleetChoice choice = choose(wanted, nodes, held, unplaced.size(), takenByOthers);
      if (choice instanceof FleetChoice.Found found) {
        for (int i = 0; i < unplaced.size(); i++) {
          place(unplaced.get(i)).node = found.nodes().get(i).name();
        }
      } else if (isGivenBackWhenHalf(wanted, held)) {
        giveBack(held, now, requests);
        return;
      }
    }
    for (NodeSlot slot : missing) {
      Place place = place(slot);
      if (!place.node.isEmpty() && !now.isBefore(place.notBefore)) {
        place.underWay = true;
        requests.add(
            new Request.Assign(place.node, new NodeAssignment(installation, key, slot, now)));
      }
    }
  }

  /**
   * Whether there is a node for each slot without one; what was chosen and failed is tried again.
   */
  private boolean canBeWhole(
      NodeSetSpec wanted,
      NodeView nodes,
      Map<NodeSlot, NodeInfo> held,
      List<NodeSlot> missing,
      Predicate<String> takenByOthers) {
    long unplaced = missing.stream().filter(slot -> place(slot).node.isEmpty()).count();
    return unplaced == 0
        || choose(wanted, nodes, held, (int) unplaced, takenByOthers) instanceof FleetChoice.Found;
  }

  /** Whether it holds some nodes and never served: what was whole once keeps what it has. */
  private boolean isGivenBackWhenHalf(NodeSetSpec wanted, Map<NodeSlot, NodeInfo> held) {
    return wanted.knownSlots().isEmpty() && !held.isEmpty() && !wasComplete(wanted);
  }

  /** Half a set serves nobody and may keep another from being whole. */
  private void giveBack(Map<NodeSlot, NodeInfo> held, Instant now, List<Request> requests) {
    held.forEach(
        (slot, node) -> {
          places.remove(slot);
          givenBack.add(node.name());
          unassign(node.name(), now, requests);
        });
  }

  /** Whether each place but those of later epochs was filled once in the sight of this process. */
  private boolean wasComplete(NodeSetSpec wanted) {
    return wanted.slots().stream()
        .allMatch(
            slot ->
                places.entrySet().stream()
                    .anyMatch(
                        entry ->
                            entry.getKey().index() == slot.index() && entry.getValue().assigned));
  }

  private FleetChoice choose(
      NodeSetSpec wanted,
      NodeView nodes,
      Map<NodeSlot, NodeInfo> held,
      int missing,
      Predicate<String> takenByOthers) {
    Set<String> reserved = reserved();
    return FleetChoice.choose(
        wanted,
        nodes.all(),
        held.values(),
        missing,
        node -> takenByOthers.test(node) || reserved.contains(node));
  }

  /** Nodes of slots that are no more, of epochs that were replaced, and second ones of a slot. */
  private List<String> surplus(NodeSetSpec wanted, NodeView nodes, Map<NodeSlot, NodeInfo> held) {
    Map<Integer, Integer> epochs = new HashMap<>();
    wanted.slots().forEach(slot -> epochs.put(slot.index(), slot.epoch()));
    return mine(nodes).stream()
        .filter(node -> !givenBack.contains(node.name()))
        .filter(
            node ->
                NodeAssignment.of(node)
                    .filter(one -> one.key().set().equals(key.set()))
                    .map(NodeAssignment::slot)
                    .filter(
                        slot ->
                            slot.epoch() < epochs.getOrDefault(slot.index(), Integer.MAX_VALUE)
                                || !node.equals(held.get(slot)))
                    .isPresent())
        .map(NodeInfo::name)
        .toList();
  }

  private void unassign(String node, Instant now, List<Request> requests) {
    if (!now.isBefore(askedToGo.getOrDefault(node, Instant.MIN))) {
      askedToGo.put(node, now.plus(ASK_AGAIN));
      requests.add(new Request.Unassign(node));
    }
  }

  private List<Request> dueForRelease(NodeView nodes, Instant now) {
    List<Request> requests = new ArrayList<>();
    Collection<NodeInfo> mine = mine(nodes);
    mine.forEach(node -> unassign(node.name(), now, requests));
    boolean quiet = places.values().stream().noneMatch(place -> place.underWay);
    if (!gone && quiet && !lookUnderWay && !now.isBefore(sweepNotBefore())) {
      lookUnderWay = true;
      requests.add(new Request.Sweep());
    }
    return requests;
  }

  private Instant sweepNotBefore() {
    Instant from = countsFrom == null ? Instant.MAX : countsFrom;
    Instant latest = from.isAfter(lateArrivalUntil) ? from : lateArrivalUntil;
    return latest.isAfter(nextLook) ? latest : nextLook;
  }

  private Place place(NodeSlot slot) {
    return places.computeIfAbsent(slot, s -> new Place());
  }

  /** A Node has the assignment, by the answer of the write or by a look. */
  void assigned(NodeSlot slot, String node, Instant now) {
    assigned(place(slot), node, now);
  }

  private static void assigned(Place place, String node, Instant now) {
    place.underWay = false;
    place.lost = false;
    place.failure = null;
    place.attempts = 0;
    if (!place.assigned) {
      place.assignedAt = now;
    }
    place.assigned = true;
    place.node = node;
  }

  /** The Node is not to be had: gone, going, or somebody else's. Another one is chosen. */
  void notToBeHad(NodeSlot slot, Instant now) {
    Place place = place(slot);
    place.underWay = false;
    place.node = "";
    // The cache may still show it as free.
    place.notBefore = now.plus(BackOff.after(place.attempts++));
  }

  /** The assignment failed; the same Node is tried again. */
  void failed(NodeSlot slot, ProvisionFailure why, boolean mayArrive, Instant now) {
    Place place = place(slot);
    place.underWay = false;
    place.failure = why;
    place.notBefore = now.plus(BackOff.after(why, place.attempts++));
    if (mayArrive) {
      lateArrivalUntil = now.plus(ClaimSet.LATE_ARRIVAL);
    }
  }

  /** A live list has shown which slots are filled. */
  void looked(Map<NodeSlot, String> filled, Instant now) {
    lookUnderWay = false;
    lookedOnce = true;
    looks = 0;
    failure = null;
    filled.forEach((slot, node) -> assigned(place(slot), node, now));
    NodeSetSpec wanted = spec;
    places.forEach(
        (slot, place) -> {
          if (place.assigned && !filled.containsKey(slot) && !place.underWay) {
            place.lost = true;
          }
        });
    if (wanted != null) {
      wanted.knownSlots().stream()
          .filter(slot -> !filled.containsKey(slot) && wanted.slots().contains(slot))
          .forEach(slot -> place(slot).lost = true);
    }
  }

  /**
   * A sweep was answered.
   *
   * @param left Nodes that are still assigned to the owner
   * @return what is to be sent for them
   */
  List<Request> swept(Collection<String> left, Instant now) {
    lookUnderWay = false;
    failure = null;
    gone = left.isEmpty();
    List<Request> requests = new ArrayList<>();
    if (!gone) {
      nextLook = now.plus(BackOff.after(looks++));
      left.forEach(node -> unassign(node, now, requests));
    }
    return requests;
  }

  /** A look, a sweep or a removal failed. */
  void lookFailed(ProvisionFailure why, Instant now) {
    lookUnderWay = false;
    failure = why;
    nextLook = now.plus(BackOff.after(why, looks++));
  }

  /** A removal was answered. */
  void unassigned(String node, @Nullable ProvisionFailure why, Instant now) {
    failure = why;
    if (why != null) {
      askedToGo.put(node, now.plus(BackOff.after(why, 1)));
    }
  }

  NodeSetStatus status(NodeView nodes, Predicate<String> takenByOthers, Instant now) {
    return countsFrom == null ? ensureStatus(nodes, takenByOthers, now) : releaseStatus(nodes, now);
  }

  private NodeSetStatus ensureStatus(NodeView nodes, Predicate<String> takenByOthers, Instant now) {
    NodeSetStatus.Builder status = NodeSetStatus.builder();
    NodeSetSpec wanted = spec;
    Map<NodeSlot, NodeInfo> held = held(nodes);
    if (wanted == null) {
      held.forEach(
          (slot, node) ->
              status.addSlots(
                  SlotStatus.builder()
                      .slot(slot)
                      .requestName(node.name())
                      .phase(NodePhase.CREATING)
                      .message("was assigned by a process before this one")
                      .build()));
      return status.phase(NodePhase.PENDING).build();
    }
    NodeSetSpec judged =
        NodeSetSpec.builder().from(wanted).gpusPerNode(Math.max(1, wanted.gpusPerNode())).build();
    long unplaced =
        wanted.slots().stream()
            .filter(slot -> !held.containsKey(slot) && place(slot).node.isEmpty())
            .count();
    FleetChoice choice =
        unplaced == 0
            ? new FleetChoice.Found(List.of())
            : choose(wanted, nodes, held, (int) unplaced, takenByOthers);
    NodePhase least = NodePhase.READY;
    ProvisionFailure why = null;
    Instant look = null;
    for (NodeSlot slot : wanted.slots()) {
      NodeInfo node = held.get(slot);
      SlotStatus.Builder one = SlotStatus.builder().slot(slot);
      SlotStatus built =
          node != null
              ? NodeReadiness.judge(
                  one.requestName(node.name()).nodeName(node.name()), node, judged, now)
              : unheld(one, wanted, slot, choice, now);
      status.addSlots(built);
      least = Progress.of(built.phase()) < Progress.of(least) ? built.phase() : least;
      why = why == null ? built.failure().orElse(null) : why;
      look = Progress.sooner(look, built.nextTry().orElse(Instant.MIN), now);
      look = Progress.sooner(look, built.deadline().orElse(Instant.MIN), now);
    }
    for (String node : surplus(wanted, nodes, held)) {
      Instant again = askedToGo.getOrDefault(node, Instant.MIN);
      status.addSlots(
          SlotStatus.builder()
              .slot(slotOf(nodes, node))
              .requestName(node)
              .phase(NodePhase.RELEASING)
              .message("is not wanted any more")
              .nextTry(again)
              .build());
      look = Progress.sooner(look, again, now);
    }
    return status
        .wanted(wanted.count())
        .phase(least)
        .failure(Optional.ofNullable(why == null ? failure : why))
        .nextLook(Optional.ofNullable(Progress.sooner(look, nextLook, now)))
        .build();
  }

  private static NodeSlot slotOf(NodeView nodes, String node) {
    return nodes
        .byName(node)
        .flatMap(NodeAssignment::of)
        .map(NodeAssignment::slot)
        .orElse(new NodeSlot(-1, 0));
  }

  private SlotStatus unheld(
      SlotStatus.Builder one, NodeSetSpec wanted, NodeSlot slot, FleetChoice choice, Instant now) {
    Place place = place(slot);
    one.requestName(place.node).failure(Optional.ofNullable(place.failure));
    if (!place.underWay && place.notBefore.isAfter(now)) {
      one.nextTry(place.notBefore);
    }
    if (place.lost) {
      return one.phase(NodePhase.PENDING)
          .isLost(true)
          .message("the node is gone or was taken away")
          .failure(
              ProvisionFailure.builder()
                  .kind(ProvisionFailure.Kind.NODE_LOST)
                  .code("NodeVanished")
                  .message(
                      "node "
                          + place.node
                          + " is gone, or its label "
                          + KaitoLabels.ASSIGNED_UID
                          + " was taken off")
                  .build())
          .build();
    }
    if (place.assigned || place.underWay) {
      return one.phase(NodePhase.CREATING).message("the node is being assigned").build();
    }
    if (wanted.knownSlots().contains(slot)) {
      return one.phase(NodePhase.CREATING).message("the node is being looked for").build();
    }
    if (choice instanceof FleetChoice.Refused refused && place.node.isEmpty()) {
      return one.phase(NodePhase.BLOCKED)
          .failure(refused.failure())
          .message(refused.failure().message())
          .build();
    }
    return one.phase(NodePhase.PENDING).message("no node is assigned yet").build();
  }

  private NodeSetStatus releaseStatus(NodeView nodes, Instant now) {
    NodeSetStatus.Builder status = NodeSetStatus.builder();
    Instant look = null;
    if (!gone) {
      for (NodeInfo node : mine(nodes)) {
        status.addSlots(
            SlotStatus.builder()
                .slot(slotOf(nodes, node.name()))
                .requestName(node.name())
                .phase(NodePhase.RELEASING)
                .message("is being given back")
                .build());
        look = Progress.sooner(look, askedToGo.getOrDefault(node.name(), Instant.MIN), now);
      }
      look = Progress.sooner(look, sweepNotBefore(), now);
    }
    return status
        .phase(gone ? NodePhase.GONE : NodePhase.RELEASING)
        .failure(Optional.ofNullable(gone ? null : failure))
        .nextLook(Optional.ofNullable(look))
        .build();
  }
}

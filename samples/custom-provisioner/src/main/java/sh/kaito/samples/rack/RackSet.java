package sh.kaito.samples.rack;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.ProvisionFailure;

/** What is remembered of one owner's set. Guarded by the provisioner's lock. */
final class RackSet {
  final NodeSetKey key;
  final Map<NodeSlot, Slot> slots = new HashMap<>();
  final Set<String> beingFreed = new HashSet<>();
  Optional<NodeSetSpec> spec = Optional.empty();

  /** Since when no node is wanted, and from when a look proves that none is left. */
  Optional<Instant> countsFrom = Optional.empty();

  /** Until then a reservation whose answer was lost may still take effect. */
  Instant lateArrivalUntil = Instant.MIN;

  /** A list that was begun in time has shown nothing. */
  boolean provedEmpty;

  RackSet(NodeSetKey key) {
    this.key = key;
  }

  Slot slot(NodeSlot slot) {
    return slots.computeIfAbsent(slot, s -> new Slot());
  }

  boolean isQuiet() {
    return slots.values().stream().noneMatch(slot -> slot.underWay);
  }

  /** What is remembered of one slot. */
  static final class Slot {
    boolean underWay;
    boolean lost;

    /** When the reservation was last known to exist. */
    Optional<Instant> existedAt = Optional.empty();

    int attempts;
    Instant notBefore = Instant.MIN;
    Optional<ProvisionFailure> failure = Optional.empty();
  }
}

package sh.kaito.samples.rack;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.api.provision.NodeNames;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.NodeView.NodeInfo;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.ProvisionerContext;
import sh.kaito.api.provision.SlotStatus;

/**
 * GPU nodes from a rack of one's own machines: one reservation a node.
 *
 * <p>The rack tells nobody when something changes, so it is listed every 15 seconds. A list proves
 * only what was so when it was <em>begun</em>; that is why the times of lists are kept.
 */
public final class RackProvisioner implements NodeProvisioner {
  static final String OWNER = "rack.example.com/owner-uid";
  static final String SLOT = "rack.example.com/slot";
  static final String EPOCH = "rack.example.com/epoch";
  private static final Duration LOOK_EVERY = Duration.ofSeconds(15);

  /** The rack gives a request up after a minute; a minute is added for what is on the way. */
  private static final Duration LATE_ARRIVAL = Duration.ofMinutes(2);

  private final Rack rack;
  private final Object lock = new Object();
  private final Map<NodeSetKey, RackSet> sets = new HashMap<>();
  private Map<String, Rack.Reservation> reservations = Map.of();
  private Optional<Instant> listBegun = Optional.empty();
  private @Nullable ProvisionerContext context;
  private Scheduler.Timer timer = () -> {};
  private boolean closed;

  /**
   * A provisioner.
   *
   * @param rack stays the caller's
   */
  public RackProvisioner(Rack rack) {
    this.rack = rack;
  }

  @Override
  public String name() {
    return "rack";
  }

  @Override
  public void start(ProvisionerContext given) {
    synchronized (lock) {
      context = given;
    }
    look();
  }

  private ProvisionerContext context() {
    ProvisionerContext now = context;
    if (now == null) {
      throw new IllegalStateException("provisioner rack was not started");
    }
    return now;
  }

  private Instant now() {
    return context().scheduler().clock().instant();
  }

  @Override
  public boolean isSynced() {
    synchronized (lock) {
      return listBegun.isPresent() && context().nodes().isSynced();
    }
  }

  private void look() {
    synchronized (lock) {
      if (closed) {
        return;
      }
    }
    Instant begun = now();
    var unused =
        safely(rack::list)
            .handle(
                (list, error) -> {
                  List<NodeSetKey> wake;
                  synchronized (lock) {
                    if (list != null) {
                      learn(list, begun);
                    }
                    wake = List.copyOf(sets.keySet());
                    if (!closed) {
                      timer = context().scheduler().schedule(LOOK_EVERY, this::look);
                    }
                  }
                  wake.forEach(context().changes());
                  return null;
                });
  }

  private void learn(List<Rack.Reservation> list, Instant begun) {
    Map<String, Rack.Reservation> byName = new TreeMap<>();
    list.forEach(reservation -> byName.put(reservation.name(), reservation));
    reservations = byName;
    listBegun = Optional.of(begun);
    for (RackSet set : sets.values()) {
      set.spec.ifPresent(spec -> spec.slots().forEach(slot -> judge(set, spec, slot, begun)));
      boolean counts =
          set.countsFrom.filter(from -> !begun.isBefore(from)).isPresent()
              && !begun.isBefore(set.lateArrivalUntil)
              && set.isQuiet();
      set.provedEmpty = counts && owned(set.key).isEmpty();
    }
  }

  /** What a list says of one slot. */
  private void judge(RackSet set, NodeSetSpec spec, NodeSlot slot, Instant begun) {
    RackSet.Slot known = set.slot(slot);
    if (isOurs(reservations.get(nameOf(set.key, slot)), set.key)) {
      known.existedAt = Optional.of(begun);
      known.lost = false;
      known.failure = Optional.empty();
    } else if (!known.underWay
        && (known.existedAt.filter(at -> at.isBefore(begun)).isPresent()
            || spec.knownSlots().contains(slot))) {
      known.lost = true;
    }
  }

  private static boolean isOurs(Rack.@Nullable Reservation reservation, NodeSetKey key) {
    return reservation != null && key.ownerUid().equals(reservation.labels().get(OWNER));
  }

  private String nameOf(NodeSetKey key, NodeSlot slot) {
    return NodeNames.of(context().installation(), key, slot);
  }

  private List<Rack.Reservation> owned(NodeSetKey key) {
    return reservations.values().stream().filter(one -> isOurs(one, key)).toList();
  }

  @Override
  public NodeSetStatus ensure(NodeSetSpec spec) {
    List<Runnable> requests = new ArrayList<>();
    NodeSetStatus status;
    synchronized (lock) {
      RackSet set = sets.computeIfAbsent(spec.key(), RackSet::new);
      if (set.countsFrom.isEmpty()) {
        boolean isNew = !set.spec.equals(Optional.of(spec));
        set.spec = Optional.of(spec);
        if (isNew && listBegun.isPresent()) {
          spec.slots().forEach(slot -> judge(set, spec, slot, listBegun.get()));
        }
        if (spec.purchaseAllowed() && isSynced()) {
          spec.slots().forEach(slot -> reserve(set, spec, slot, requests));
          surplus(set, spec).forEach(one -> free(set, one.name(), requests));
        }
      }
      status = status(set);
    }
    requests.forEach(Runnable::run);
    return status;
  }

  private List<Rack.Reservation> surplus(RackSet set, NodeSetSpec spec) {
    List<String> wanted = spec.slots().stream().map(slot -> nameOf(set.key, slot)).toList();
    return owned(set.key).stream()
        .filter(one -> !wanted.contains(one.name()))
        .filter(
            one ->
                spec.slots().stream()
                    .noneMatch(
                        slot ->
                            slot.index() == slotOf(one).index()
                                && slot.epoch() < slotOf(one).epoch()))
        .toList();
  }

  private static NodeSlot slotOf(Rack.Reservation reservation) {
    return new NodeSlot(
        Integer.parseInt(reservation.labels().getOrDefault(SLOT, "0")),
        Integer.parseInt(reservation.labels().getOrDefault(EPOCH, "0")));
  }

  private void reserve(RackSet set, NodeSetSpec spec, NodeSlot slot, List<Runnable> requests) {
    RackSet.Slot known = set.slot(slot);
    String name = nameOf(set.key, slot);
    if (known.underWay
        || known.lost
        || known.existedAt.isPresent()
        || now().isBefore(known.notBefore)) {
      return;
    }
    known.underWay = true;
    Rack.Reservation wanted = new Rack.Reservation(name, labels(spec, slot));
    requests.add(
        () -> {
          var unused =
              safely(() -> rack.reserve(wanted))
                  .handle(
                      (answer, error) -> {
                        synchronized (lock) {
                          answered(set, slot, name, answer);
                        }
                        context().changes().accept(set.key);
                        return null;
                      });
        });
  }

  /** A call that throws is a call without answer. */
  private static <T> java.util.concurrent.CompletionStage<T> safely(
      Supplier<java.util.concurrent.CompletionStage<T>> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      return java.util.concurrent.CompletableFuture.failedFuture(e);
    }
  }

  private static Map<String, String> labels(NodeSetSpec spec, NodeSlot slot) {
    Map<String, String> labels = new TreeMap<>(spec.labels());
    labels.put(OWNER, spec.key().ownerUid());
    labels.put(SLOT, Integer.toString(slot.index()));
    labels.put(EPOCH, Integer.toString(slot.epoch()));
    return labels;
  }

  private void answered(RackSet set, NodeSlot slot, String name, Rack.@Nullable Answer answer) {
    RackSet.Slot known = set.slot(slot);
    known.underWay = false;
    if (answer instanceof Rack.Answer.Reserved reserved) {
      if (isOurs(reserved.reservation(), set.key)) {
        known.existedAt = Optional.of(now());
        known.attempts = 0;
        known.failure = Optional.empty();
      } else {
        fail(
            known,
            ProvisionFailure.Kind.FOREIGN_RESOURCE,
            "NameTaken",
            "reservation " + name + " is not this workspace's; it is left alone",
            Duration.ZERO);
      }
    } else if (answer instanceof Rack.Answer.Busy busy) {
      fail(known, ProvisionFailure.Kind.THROTTLED, "Busy", "the rack is busy", busy.retryAfter());
    } else if (answer instanceof Rack.Answer.Full) {
      fail(
          known,
          ProvisionFailure.Kind.CAPACITY,
          "Full",
          "no machine of the rack is free; free one or add one",
          Duration.ZERO);
    } else {
      // It may have taken effect. To reserve is idempotent by name, so it is simply repeated.
      fail(
          known,
          ProvisionFailure.Kind.TRANSIENT,
          "NoAnswer",
          "the rack gave no answer",
          Duration.ZERO);
      set.lateArrivalUntil = now().plus(LATE_ARRIVAL);
    }
  }

  private void fail(
      RackSet.Slot slot,
      ProvisionFailure.Kind kind,
      String code,
      String message,
      Duration retryAfter) {
    Duration own = Duration.ofSeconds(1L << Math.min(slot.attempts++, 8));
    Duration wait = retryAfter.compareTo(own) > 0 ? retryAfter : own;
    slot.notBefore = now().plus(wait);
    slot.failure =
        Optional.of(ProvisionFailure.builder().kind(kind).code(code).message(message).build());
  }

  private void free(RackSet set, String name, List<Runnable> requests) {
    if (!set.beingFreed.add(name)) {
      return;
    }
    requests.add(
        () -> {
          var unused =
              safely(() -> rack.free(name))
                  .handle(
                      (done, error) -> {
                        synchronized (lock) {
                          set.beingFreed.remove(name);
                        }
                        return null;
                      });
        });
  }

  @Override
  public NodeSetStatus release(NodeSetKey key, Instant countsFrom) {
    List<Runnable> requests = new ArrayList<>();
    NodeSetStatus status;
    synchronized (lock) {
      RackSet set = sets.computeIfAbsent(key, RackSet::new);
      if (set.countsFrom.isEmpty()) {
        set.countsFrom = Optional.of(countsFrom.isAfter(now()) ? countsFrom : now());
        set.spec = Optional.empty();
      }
      owned(key).forEach(one -> free(set, one.name(), requests));
      status = status(set);
    }
    requests.forEach(Runnable::run);
    return status;
  }

  @Override
  public NodeSetStatus observe(NodeSetKey key) {
    synchronized (lock) {
      return status(sets.getOrDefault(key, new RackSet(key)));
    }
  }

  private NodeSetStatus status(RackSet set) {
    return set.countsFrom.isPresent()
        ? releaseStatus(set)
        : set.spec.map(spec -> ensureStatus(set, spec)).orElseGet(() -> unasked(set));
  }

  private NodeSetStatus unasked(RackSet set) {
    NodeSetStatus.Builder status = NodeSetStatus.builder().phase(NodePhase.PENDING);
    owned(set.key)
        .forEach(
            one ->
                status.addSlots(
                    SlotStatus.builder()
                        .slot(slotOf(one))
                        .requestName(one.name())
                        .phase(NodePhase.CREATING)
                        .build()));
    return status.build();
  }

  private NodeSetStatus ensureStatus(RackSet set, NodeSetSpec spec) {
    NodeSetStatus.Builder status = NodeSetStatus.builder().wanted(spec.count());
    boolean ready = true;
    NodePhase first = NodePhase.READY;
    Optional<ProvisionFailure> failure = Optional.empty();
    for (NodeSlot slot : spec.slots()) {
      SlotStatus one = slotStatus(set, spec, slot);
      status.addSlots(one);
      if (ready && one.phase() != NodePhase.READY) {
        ready = false;
        first = one.phase();
      }
      failure = failure.isPresent() ? failure : one.failure();
    }
    return status
        .phase(first)
        .failure(failure)
        .nextLook(ready ? Optional.empty() : Optional.of(now().plus(LOOK_EVERY)))
        .build();
  }

  private SlotStatus slotStatus(RackSet set, NodeSetSpec spec, NodeSlot slot) {
    RackSet.Slot known = set.slot(slot);
    SlotStatus.Builder status =
        SlotStatus.builder()
            .slot(slot)
            .requestName(nameOf(set.key, slot))
            .failure(known.failure)
            .isLost(known.lost);
    if (known.notBefore.isAfter(now())) {
      status.nextTry(known.notBefore);
    }
    Optional<NodeInfo> node = node(set.key, slot);
    if (known.lost || (known.existedAt.isEmpty() && !known.underWay)) {
      return status.phase(NodePhase.PENDING).build();
    }
    if (known.underWay || node.isEmpty()) {
      return status.phase(NodePhase.CREATING).message("the machine is being switched on").build();
    }
    NodeInfo joined = node.get();
    long gpus = joined.allocatable().getOrDefault(spec.gpuResource(), 0L);
    boolean ready = joined.isReady() && !joined.isDeleting() && gpus >= spec.gpusPerNode();
    return status
        .nodeName(joined.name())
        .phase(ready ? NodePhase.READY : NodePhase.INITIALIZING)
        .message(ready ? "" : "node " + joined.name() + " shows " + gpus + " GPUs")
        .build();
  }

  private Optional<NodeInfo> node(NodeSetKey key, NodeSlot slot) {
    return context().nodes().byLabel(OWNER, key.ownerUid()).stream()
        .filter(node -> Integer.toString(slot.index()).equals(node.labels().get(SLOT)))
        .filter(node -> Integer.toString(slot.epoch()).equals(node.labels().get(EPOCH)))
        .findFirst();
  }

  private NodeSetStatus releaseStatus(RackSet set) {
    Optional<NodeInfo> left =
        context().nodes().byLabel(OWNER, set.key.ownerUid()).stream().findFirst();
    if (set.provedEmpty && left.isEmpty()) {
      return NodeSetStatus.builder().phase(NodePhase.GONE).build();
    }
    NodeSetStatus.Builder status =
        NodeSetStatus.builder().phase(NodePhase.RELEASING).nextLook(now().plus(LOOK_EVERY));
    left.filter(node -> set.provedEmpty)
        .ifPresent(
            node ->
                status.failure(
                    ProvisionFailure.builder()
                        .kind(ProvisionFailure.Kind.TRANSIENT)
                        .code("NodeLeftOver")
                        .message("Node " + node.name() + " has no reservation any more")
                        .build()));
    return status.build();
  }

  @Override
  public NodeConstraints constraints(NodeSetSpec spec) {
    Map<String, String> labels = new TreeMap<>(spec.labels());
    labels.put(OWNER, spec.key().ownerUid());
    return new NodeConstraints(labels, List.of());
  }

  @Override
  public void forget(NodeSetKey key) {
    synchronized (lock) {
      sets.remove(key);
    }
  }

  @Override
  public List<String> validate(NodeSetSpec spec) {
    return spec.gpusPerNode() > 8
        ? List.of("a machine of the rack has 8 GPUs, found a wish for " + spec.gpusPerNode())
        : List.of();
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      timer.cancel();
    }
  }
}

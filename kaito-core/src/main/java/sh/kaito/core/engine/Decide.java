package sh.kaito.core.engine;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoFinalizers;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.SlotStatus;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.internal.kube.ResourceType;

/**
 * The decision: a pure function from an observation and a time to steps. No I/O, clock, randomness
 * or logging.
 */
final class Decide {
  /** Upstream's finalizer: its presence keeps the Workspace until its nodes are gone. */
  static final String FINALIZER = KaitoFinalizers.WORKSPACE;

  /** Annotation that holds the {@link Ledger}. */
  static final String LEDGER = KaitoAnnotations.NODES;

  private final Observation seen;
  private final Instant now;
  private final Instant noEarlierPurchaseAfter;
  private final List<Step> steps = new ArrayList<>();
  private @Nullable Instant nextLook;

  private Decide(Observation seen, Instant now, Instant noEarlierPurchaseAfter) {
    this.seen = seen;
    this.now = now;
    this.noEarlierPurchaseAfter = noEarlierPurchaseAfter;
  }

  /**
   * Decides.
   *
   * @param noEarlierPurchaseAfter from this instant on no purchase that an earlier leader sent can
   *     still arrive
   */
  static Decision decide(Observation seen, Instant now, Instant noEarlierPurchaseAfter) {
    Decide decide = new Decide(seen, now, noEarlierPurchaseAfter);
    if (seen.workspace().deleting()) {
      decide.deletion();
    } else if (seen.intent() instanceof Intent.Run run) {
      decide.run(run);
    } else if (seen.intent() instanceof Intent.Refused refused) {
      decide.writeStatus(StatusReport.refused(seen, refused.message()));
    }
    return new Decision(decide.steps, Optional.ofNullable(decide.nextLook));
  }

  private void deletion() {
    ObservedWorkspace workspace = seen.workspace();
    boolean held = workspace.finalizers().contains(FINALIZER);
    if (held && seen.nodes().phase() == NodePhase.GONE) {
      steps.add(removeFinalizer(workspace));
      return;
    }
    if (!held && seen.nodes().slots().isEmpty()) {
      return;
    }
    // Without our finalizer the Workspace may vanish at any moment; its nodes go all the same.
    steps.add(new Step.ReleaseNodes(nodeSet(), releaseFrom()));
    look(seen.nodes().nextLook());
    if (held) {
      writeStatus(StatusReport.deleting(seen));
    }
  }

  /** The instant of the first release, on every call: a later one would push the proof ahead. */
  private Instant releaseFrom() {
    return seen.memory()
        .releaseFrom()
        .orElse(
            seen.memory().ownedFromBirth() || noEarlierPurchaseAfter.isBefore(now)
                ? now
                : noEarlierPurchaseAfter);
  }

  private static Step removeFinalizer(ObservedWorkspace workspace) {
    int at = workspace.finalizers().indexOf(FINALIZER);
    String path = "/metadata/finalizers/" + at;
    return new Step.RemoveFinalizer(
        array(
            object("op", "test", "path", "/metadata/uid", "value", workspace.uid()),
            object("op", "test", "path", path, "value", FINALIZER),
            object("op", "remove", "path", path)));
  }

  private void run(Intent.Run run) {
    ObservedWorkspace workspace = seen.workspace();
    String annotation = workspace.annotations().get(LEDGER);
    if (!Ledger.isReadable(annotation)) {
      writeStatus(StatusReport.unreadableLedger(seen, LEDGER));
      return;
    }
    Optional<Ledger> persisted = Ledger.read(annotation);
    Ledger ledger = replaceLost(persisted.orElse(Ledger.of(seen.nodes().slots())));
    boolean owned = persisted.isPresent() && workspace.finalizers().contains(FINALIZER);
    List<NodeSlot> slots = ledger.slots(run.count());
    boolean alive = false;
    if (!owned || !ledger.equals(persisted.orElse(null))) {
      steps.add(claimOwnership(workspace, ledger));
      steps.add(announce(run, slots));
      alive = true;
    } else if (mustBuy(slots)) {
      steps.add(new Step.ProveAlive(workspace.uid(), FINALIZER));
      alive = true;
    }
    steps.add(
        new Step.EnsureNodes(
            NodeSetSpec.builder().from(run.nodes()).slots(slots).purchaseAllowed(alive).build()));
    look(seen.nodes().nextLook());
    boolean exhausted =
        seen.nodes().slots().stream().anyMatch(SlotStatus::isLost) && !ledger.mayReplace(now);
    if (exhausted) {
      look(ledger.nextReplacement(now));
    }
    if (owned && !seen.memory().ensured()) {
      // A process that has just started knows nothing of the nodes yet. Until it does, the status
      // keeps what the process before it wrote.
      return;
    }
    int beforeChildren = steps.size();
    String obstacle = seen.nodes().phase() == NodePhase.READY ? children(run) : "";
    if (obstacle.isEmpty()) {
      obstacle = seen.memory().obstacle();
    }
    List<Step> childSteps = List.copyOf(steps.subList(beforeChildren, steps.size()));
    boolean failedBefore = !seen.memory().obstacle().isEmpty();
    if (failedBefore) {
      // What failed once may fail again and end the run; its reason must be in the status before.
      steps.subList(beforeChildren, steps.size()).clear();
    }
    writeStatus(StatusReport.running(seen, run, obstacle, exhausted));
    if (failedBefore) {
      steps.addAll(childSteps);
    }
  }

  /** Raises the epoch of each slot whose claim was seen and has vanished, as far as allowed. */
  private Ledger replaceLost(Ledger ledger) {
    Ledger raised = ledger;
    for (SlotStatus slot : seen.nodes().slots()) {
      boolean current = slot.slot().epoch() == ledger.epoch(slot.slot().index());
      if (slot.isLost() && current && raised.mayReplace(now)) {
        raised = raised.replace(slot.slot().index(), now);
      }
    }
    return raised;
  }

  /**
   * Whether a wanted slot has nothing yet, or an unwanted claim is to go: both need a live owner.
   */
  private boolean mustBuy(List<NodeSlot> slots) {
    return seen.memory().ensured()
        && seen.nodes().slots().stream()
            .filter(slot -> slot.nextTry().filter(time -> time.isAfter(now)).isEmpty())
            .anyMatch(
                slot ->
                    slots.contains(slot.slot())
                        ? slot.phase() == NodePhase.PENDING && !slot.isLost()
                        : slot.phase() == NodePhase.RELEASING);
  }

  private static Step claimOwnership(ObservedWorkspace workspace, Ledger ledger) {
    ArrayNode finalizers = array();
    workspace.finalizers().forEach(finalizers::add);
    if (!workspace.finalizers().contains(FINALIZER)) {
      finalizers.add(FINALIZER);
    }
    return new Step.ClaimOwnership(
        object(
            "metadata",
            object(
                "uid",
                workspace.uid(),
                "resourceVersion",
                workspace.resourceVersion(),
                "finalizers",
                finalizers,
                "annotations",
                object(LEDGER, ledger.write()))));
  }

  private Step announce(Intent.Run run, List<NodeSlot> slots) {
    // Named by the epochs that it announces: repeated after a crash, it is the same Event.
    String epochs =
        slots.stream().map(slot -> Integer.toString(slot.epoch())).collect(Collectors.joining("-"));
    String name =
        seen.workspace().key().name()
            + "."
            + seen.workspace().uid().replace("-", "").substring(0, 12)
            + "."
            + epochs;
    return new Step.Emit(name, "Normal", "NodesRequested", run.summary());
  }

  /** Brings the children to what is wanted; returns what stands in the way, if something does. */
  private String children(Intent.Run run) {
    String uid = seen.workspace().uid();
    for (Map.Entry<ResourceType, ObservedChild> entry : seen.children().entrySet()) {
      ObservedChild child = entry.getValue();
      boolean wanted = run.children().stream().anyMatch(c -> c.type().equals(entry.getKey()));
      if (!wanted && child.ownerUid().equals(uid)) {
        // The old workload holds the GPUs: the new one comes when it is gone.
        if (!child.deleting()) {
          steps.add(new Step.DeleteChild(entry.getKey(), child.name(), child.uid()));
        }
        return "waiting until " + entry.getKey().plural() + "/" + child.name() + " is gone";
      }
    }
    String obstacle = "";
    for (Intent.Child child : run.children()) {
      ObservedChild observed = seen.children().get(child.type());
      if (observed == null) {
        steps.add(new Step.CreateChild(child.type(), child.name(), child.body()));
      } else if (!observed.ownerUid().equals(uid)) {
        obstacle =
            child.type().plural()
                + "/"
                + observed.name()
                + " exists and belongs to somebody else; delete or rename it, or rename the Workspace";
      } else if (observed.deleting()) {
        obstacle = "waiting until " + child.type().plural() + "/" + observed.name() + " is gone";
      } else if (!observed.inputHash().equals(child.inputHash())
          || observed.replicas() != child.replicas()) {
        steps.add(new Step.UpdateChild(child.type(), child.name(), observed.uid(), child.body()));
      }
    }
    return obstacle;
  }

  private void writeStatus(StatusReport report) {
    ObservedWorkspace workspace = seen.workspace();
    Optional<ObjectNode> change = report.changeOf(workspace, now);
    change.ifPresent(
        status ->
            steps.add(
                new Step.WriteStatus(
                    object(
                        "metadata",
                        object(
                            "uid", workspace.uid(), "resourceVersion", workspace.resourceVersion()),
                        "status",
                        status))));
  }

  private NodeSetKey nodeSet() {
    ObservedWorkspace workspace = seen.workspace();
    return new NodeSetKey(
        workspace.key().namespace(), workspace.key().name(), workspace.uid(), NodeSetKey.WORKERS);
  }

  private void look(Optional<Instant> time) {
    if (time.isPresent() && (nextLook == null || time.get().isBefore(nextLook))) {
      nextLook = time.get();
    }
  }

  /**
   * For so long after its sending a purchase can still arrive: the transport gives a request up
   * after 60 seconds, and a minute is added for what is on the way by then.
   */
  static final Duration LATE_ARRIVAL = Duration.ofMinutes(2);
}

package sh.kaito.core.engine;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.model.ConditionType;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoFinalizers;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.SlotStatus;
import sh.kaito.core.engine.Observation.JobProgress;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedPod;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.manifest.Manifests;

/**
 * The decision: a pure function from an observation and a time to steps. No I/O, clock, randomness
 * or logging.
 */
final class Decide {
  /** Upstream's finalizer: its presence keeps the Workspace until its nodes are gone. */
  static final String FINALIZER = KaitoFinalizers.WORKSPACE;

  /** Annotation that holds the {@link Ledger}. */
  static final String LEDGER = KaitoAnnotations.NODES;

  /** Reason of the Event that tells of a replacement. */
  static final String NODE_LOST = "NodeLost";

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
    switch (seen.operation()) {
      case OURS -> decide.ours();
      case LEFT_TO_GO -> decide.leaveAlone(Adoption.leftToGo(seen.workspace()));
      case ADOPTING -> decide.adopt();
      case HANDING_BACK -> decide.handBack();
      case HANDED_BACK -> decide.fallSilent();
    }
    return new Decision(decide.steps, Optional.ofNullable(decide.nextLook));
  }

  private void ours() {
    if (seen.workspace().deleting()) {
      deletion();
    } else if (seen.intent() instanceof Intent.Run run) {
      run(run);
    } else if (seen.intent() instanceof Intent.Refused refused && !endedBefore(refused)) {
      writeStatus(refused(refused));
    }
  }

  private void leaveAlone(Intent.Refused why) {
    writeStatus(StatusReport.leftAlone(seen, why));
  }

  /** Only what was told of the hand-over itself is taken back. */
  private void fallSilent() {
    if (Adoption.isTold(seen.workspace())) {
      writeStatus(StatusReport.silent(seen));
    }
  }

  /**
   * Takes a Workspace of the Go operator over. One that is being deleted is taken over with all of
   * its nodes, so that they are let go as our own are; whether they fit is of no matter then.
   */
  private void adopt() {
    boolean deleting = seen.workspace().deleting();
    if (!seen.handoverProblem().isEmpty()) {
      leaveAlone(Adoption.refused(seen.handoverProblem()));
    } else if (!seen.memory().hold().isEmpty()) {
      // Looked for again; nothing else wakes this Workspace when the other operator is gone.
      look(Optional.of(now.plus(PurchaseGuard.FRESH)));
      leaveAlone(Adoption.refused(seen.memory().hold()));
    } else if (deleting && seen.workspace().finalizers().contains(FINALIZER)) {
      steps.add(new Step.AdoptNodes(nodeSet(), Optional.empty(), Optional.empty()));
    } else if (seen.intent() instanceof Intent.Refused refused) {
      leaveAlone(Adoption.refused(refused.message()));
    } else if (seen.intent() instanceof Intent.Run run) {
      if (!seen.memory().refusal().isEmpty()) {
        leaveAlone(Adoption.refused(seen.memory().refusal()));
      }
      steps.add(
          new Step.AdoptNodes(
              nodeSet(),
              Optional.of(new Adoption.Wanted(run.nodes().instanceType(), run.count())),
              Adoption.finished(seen, run)));
      steps.add(
          new Step.Emit(
              eventName("adopted"),
              "Normal",
              "Adopted",
              "taken over from the Go operator with its nodes and its model"));
    }
  }

  /** Nothing is bought, changed or released from the first write on; the last turns it over. */
  private void handBack() {
    Ledger ledger = Ledger.read(seen.workspace().annotations().get(LEDGER)).orElseThrow();
    if (ledger.leaving().isEmpty()) {
      Optional<Intent.Refused> problem = Adoption.handBackProblem(seen, ledger);
      if (problem.isPresent()) {
        leaveAlone(problem.get());
      } else {
        steps.add(claimOwnership(seen.workspace(), ledger.leave(now)));
      }
      return;
    }
    Instant quiet = ledger.leaving().get().plus(LATE_ARRIVAL);
    if (now.isBefore(quiet) && !Adoption.areAllThere(seen)) {
      // A purchase that had no answer may still arrive, with our labels on it.
      look(Optional.of(quiet));
      return;
    }
    if (!seen.memory().refusal().isEmpty()) {
      leaveAlone(Adoption.halfWay(seen.memory().refusal()));
    }
    steps.add(new Step.HandBack(nodeSet(), Adoption.marked(seen)));
    steps.add(
        new Step.Emit(
            eventName("handed-back." + Hashes.sha256(quiet.toString()).substring(0, 8)),
            "Normal",
            "HandedBack",
            "handed over to the Go operator with its nodes and its model"));
  }

  private void deletion() {
    ObservedWorkspace workspace = seen.workspace();
    boolean held = WorkspacePatches.FINALIZERS.stream().anyMatch(workspace.finalizers()::contains);
    if (held && seen.nodes().phase() == NodePhase.GONE) {
      if (isAdopted()) {
        // What a release looks for are our labels. A claim that the Go operator sent while the
        // Workspace was taken over has none, and must have them before nobody asks for it.
        steps.add(new Step.ReleaseNodes(nodeSet(), releaseFrom()));
        steps.add(new Step.AdoptLate(nodeSet(), Optional.empty()));
      }
      steps.add(new Step.RemoveFinalizer(WorkspacePatches.withoutFinalizers(workspace)));
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
    boolean nodesAlone =
        seen.nodes().phase() == NodePhase.RELEASING && seen.nodes().slots().isEmpty();
    if (held && nodesAlone && isAdopted()) {
      // A process that died while it took a late claim over may have marked the Node and not yet
      // the claim, and then nothing would ever ask for the claim.
      steps.add(new Step.AdoptLate(nodeSet(), Optional.empty()));
    }
  }

  private boolean isAdopted() {
    return Ledger.read(seen.workspace().annotations().get(LEDGER))
        .filter(Ledger::isAdopted)
        .isPresent();
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

  private void run(Intent.Run run) {
    ObservedWorkspace workspace = seen.workspace();
    String annotation = workspace.annotations().get(LEDGER);
    if (!Ledger.isReadable(annotation)) {
      writeStatus(StatusReport.unreadableLedger(seen, LEDGER));
      return;
    }
    Optional<Ledger> persisted = Ledger.read(annotation);
    String wantedType = run.nodes().instanceType();
    Ledger before = persisted.orElse(Ledger.of(wantedType, seen.nodes().slots()));
    if (!before.instanceType().isEmpty() && !before.instanceType().equals(wantedType)) {
      writeStatus(StatusReport.refused(seen, otherType(before.instanceType(), wantedType)));
      return;
    }
    boolean owned = persisted.isPresent() && workspace.finalizers().contains(FINALIZER);
    List<Step> takeOver = before.isAdopted() ? Adoption.children(seen, run) : List.of();
    if (!takeOver.isEmpty()) {
      // Before anything is bought: a Job that has ended needs no node.
      if (!seen.memory().refusal().isEmpty()) {
        leaveAlone(Adoption.halfWay(seen.memory().refusal()));
      }
      steps.addAll(takeOver);
      return;
    }
    if (owned && run.isTuning() && ended(run, before)) {
      return;
    }
    boolean held = !seen.memory().hold().isEmpty();
    if (held) {
      // Looked for again; nothing else wakes this Workspace when the other operator is gone.
      look(Optional.of(now.plus(PurchaseGuard.FRESH)));
    }
    if (held && !owned) {
      writeStatus(
          StatusReport.refused(seen, new Intent.Refused("AnotherOperator", seen.memory().hold())));
      return;
    }
    Ledger ledger = held ? before : replaceLost(before);
    List<NodeSlot> slots = ledger.slots(run.count());
    boolean alive = false;
    if (before.isAdopted() && (!owned || !ledger.equals(before) || (!held && mustBuy(slots)))) {
      if (!seen.memory().refusal().isEmpty()) {
        leaveAlone(Adoption.halfWay(seen.memory().refusal()));
      }
      steps.add(
          new Step.AdoptLate(
              nodeSet(), Optional.of(new Adoption.Late(before, wantedType, run.count()))));
    }
    if (!owned || !ledger.equals(before)) {
      if (!seen.memory().missing().isEmpty()) {
        writeStatus(
            StatusReport.refused(
                seen, new Intent.Refused("SecretNotFound", seen.memory().missing())));
      }
      if (!run.secrets().isEmpty()) {
        steps.add(new Step.RequireSecrets(run.secrets()));
      }
      steps.add(claimOwnership(workspace, ledger));
      steps.add(announce(run, slots, owned));
      alive = true;
    } else if (!held && mustBuy(slots)) {
      steps.add(new Step.ProveAlive(workspace.uid(), FINALIZER));
      alive = true;
    }
    steps.add(
        new Step.EnsureNodes(
            NodeSetSpec.builder()
                .from(run.nodes())
                .slots(slots)
                .knownSlots(known(before, slots))
                .adoptedNames(ledger.adoptedNames(slots))
                .addAllKnownSlots(ledger.adoptedNames(slots).keySet())
                .purchaseAllowed(alive)
                .build()));
    look(seen.nodes().nextLook());
    boolean exhausted =
        !ledger.mayReplace(now)
            && seen.nodes().slots().stream()
                .anyMatch(
                    slot ->
                        slot.isLost() && slot.slot().epoch() == ledger.epoch(slot.slot().index()));
    if (exhausted) {
      look(ledger.nextReplacement(now));
    }
    if (owned && !seen.memory().ensured()) {
      // A process that has just started knows nothing of the nodes yet. Until it does, the status
      // keeps what the process before it wrote.
      return;
    }
    workloadAndStatus(run, exhausted);
  }

  /** Written before it is told: whoever comes after must not run it again, Job or no Job. */
  private Ledger.Finished recordEnd(Ledger ledger, String input, JobProgress job) {
    Ledger.Finished end =
        new Ledger.Finished(input, seen.workspace().generation(), job.isComplete());
    steps.add(claimOwnership(seen.workspace(), ledger.finish(end)));
    return end;
  }

  /**
   * Whether the Job of this specification has ended, although that, or what it refers to, cannot be
   * read any more: its end is recorded and stands. The end of a Job of an earlier specification is
   * recorded too, and says nothing of this one.
   */
  private boolean endedBefore(Intent.Refused refused) {
    Optional<Ledger> ledger = Ledger.read(seen.workspace().annotations().get(LEDGER));
    if (ledger.isEmpty()) {
      return false;
    }
    Optional<Ledger.Finished> end =
        ledger.get().finished(refused.inputHash(), seen.workspace().generation());
    String message = "";
    for (ObservedChild child : seen.children().values()) {
      JobProgress job = child.job().orElse(null);
      if (end.isEmpty()
          && job != null
          && !job.end().isEmpty()
          && !child.marks().isForeign()
          && child.ownerUid().equals(seen.workspace().uid())) {
        String input = child.marks().inputHash();
        if (Manifests.isSameSpecification(input, refused.inputHash())) {
          end = Optional.of(recordEnd(ledger.get(), input, job));
          message = seen.endOf(child);
        } else if (ledger.get().finished(input, Ledger.Finished.EARLIER).isEmpty()) {
          steps.add(
              claimOwnership(
                  seen.workspace(),
                  ledger
                      .get()
                      .finish(
                          new Ledger.Finished(input, Ledger.Finished.EARLIER, job.isComplete()))));
        }
      }
    }
    if (end.isPresent()) {
      writeStatus(StatusReport.finished(seen, end.get(), message));
    }
    return end.isPresent();
  }

  private StatusReport refused(Intent.Refused refused) {
    String notice = RunningTraining.notice(seen, refused);
    tell(notice);
    return notice.isEmpty()
        ? StatusReport.refused(seen, refused)
        : StatusReport.training(seen, notice);
  }

  private void tell(String trainingGoesOn) {
    JsonNode told = seen.workspace().condition(ConditionType.JOB_STARTED.wireName());
    if (!trainingGoesOn.isEmpty() && !told.path("message").asText().equals(trainingGoesOn)) {
      String name = eventName(Hashes.sha256(trainingGoesOn));
      steps.add(new Step.Emit(name, "Normal", "TrainingGoesOn", cut(trainingGoesOn)));
    }
  }

  private static Intent.Refused otherType(String bought, String wanted) {
    return new Intent.Refused(
        Intent.Refused.INVALID,
        "resource.instanceType: is "
            + (wanted.isEmpty() ? "not set" : wanted)
            + " now, and nodes of "
            + bought
            + " were requested for this Workspace; it cannot change. Set it back, or make another"
            + " Workspace");
  }

  /** Whether the Job has ended: then it is told, and nothing is bought, made or repaired. */
  private boolean ended(Intent.Run run, Ledger ledger) {
    String input = run.workload().inputHash();
    Optional<ObservedChild> job =
        seen.child(run.workload().key())
            .filter(child -> child.ownerUid().equals(seen.workspace().uid()))
            // The settings may have changed while it ran; the end is of this specification.
            .filter(child -> Manifests.isSameSpecification(child.marks().inputHash(), input))
            .filter(child -> child.job().filter(now -> !now.end().isEmpty()).isPresent());
    String message = job.map(seen::endOf).orElse("");
    long generation = seen.workspace().generation();
    Optional<Ledger.Finished> end = ledger.finished(input, generation);
    if (end.isEmpty() && job.isPresent()) {
      end = job.flatMap(ObservedChild::job).map(last -> recordEnd(ledger, input, last));
    }
    if (end.isEmpty()) {
      return false;
    }
    if (seen.memory().ensured()) {
      // Of nodes that are lost now none is replaced: nothing would run on it.
      steps.add(
          new Step.EnsureNodes(
              NodeSetSpec.builder()
                  .from(run.nodes())
                  .slots(ledger.slots(run.count()))
                  .adoptedNames(ledger.adoptedNames(ledger.slots(run.count())))
                  .knownSlots(ledger.adoptedNames(ledger.slots(run.count())).keySet())
                  .purchaseAllowed(false)
                  .build()));
    }
    writeStatus(StatusReport.finished(seen, end.get(), message));
    return true;
  }

  private void workloadAndStatus(Intent.Run run, boolean exhausted) {
    ChildDecisions.Outcome children =
        seen.areNodesReady(run.count())
            ? ChildDecisions.decide(seen, run)
            : new ChildDecisions.Outcome(List.of(), "");
    String obstacle =
        children.obstacle().isEmpty() ? seen.memory().obstacle() : children.obstacle();
    boolean failedBefore = !seen.memory().obstacle().isEmpty();
    if (!failedBefore) {
      steps.addAll(children.steps());
    }
    Optional<Stall> stall = stall(run, exhausted);
    String notice = RunningTraining.notice(seen, run);
    tell(notice);
    writeStatus(
        run.isTuning()
            ? StatusReport.tuning(seen, run, obstacle, stall, notice)
            : StatusReport.serving(seen, run, obstacle, stall));
    if (failedBefore) {
      // What failed once may fail again and end the run; its reason must be in the status before.
      steps.addAll(children.steps());
    }
  }

  private Optional<Stall> stall(Intent.Run run, boolean exhausted) {
    if (!seen.memory().hold().isEmpty() && !seen.areNodesReady(run.count())) {
      return Optional.of(new Stall("AnotherOperator", seen.memory().hold()));
    }
    if (exhausted) {
      return Optional.of(
          new Stall(
              "NodeReplacementsExhausted",
              "nodes were lost "
                  + Ledger.REPLACEMENTS
                  + " times within an hour; no more are bought until the hour is over"));
    }
    Optional<Stall> nodes = seen.nodes().failure().flatMap(Stall::of);
    if (nodes.isPresent()) {
      return nodes;
    }
    Optional<Stall> late = Optional.empty();
    for (ObservedPod pod : seen.pods()) {
      Optional<Instant> deadline = Stall.deadline(pod, run);
      if (deadline.isPresent() && !deadline.get().isAfter(now)) {
        late = Optional.of(Stall.late(pod, run));
      } else {
        look(deadline);
      }
    }
    return late;
  }

  /**
   * The slots whose nodes the status proves to have existed: it called all of them ready, after the
   * last of them was replaced. A claim that vanished while no controller ran is then known as lost,
   * and counted, instead of being bought again as if it were the first.
   */
  private Set<NodeSlot> known(Ledger persisted, List<NodeSlot> slots) {
    JsonNode ready = seen.workspace().condition(ConditionType.RESOURCE_READY.wireName());
    if (!ready.path("status").asText().equals("True")) {
      return Set.of();
    }
    Instant since;
    try {
      since = Instant.parse(ready.path("lastTransitionTime").asText());
    } catch (DateTimeException e) {
      return Set.of();
    }
    boolean replacedSince =
        persisted.lastReplaced().filter(time -> !time.isBefore(since)).isPresent();
    return replacedSince
        ? Set.of()
        : slots.stream()
            // A set that grew has slots that were never bought.
            .filter(slot -> slot.index() < seen.workspace().status().path("workerNodes").size())
            .filter(slot -> persisted.epoch(slot.index()) == slot.epoch())
            .collect(Collectors.toSet());
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
    return new Step.ClaimOwnership(WorkspacePatches.ownership(workspace, ledger));
  }

  private Step announce(Intent.Run run, List<NodeSlot> slots, boolean replacing) {
    // Named by the epochs that it announces: repeated after a crash, it is the same Event.
    String epochs =
        slots.stream().map(slot -> Integer.toString(slot.epoch())).collect(Collectors.joining("-"));
    String name = eventName(epochs.length() <= 40 ? epochs : Hashes.sha256(epochs));
    String warnings = seen.memory().warnings();
    if (replacing) {
      return new Step.Emit(name, "Warning", NODE_LOST, "a node was lost; " + run.summary());
    }
    return warnings.isEmpty()
        ? new Step.Emit(name, "Normal", "NodesRequested", run.summary())
        : new Step.Emit(
            name, "Warning", "NodesRequested", cut(run.summary() + "; BUT " + warnings));
  }

  private String eventName(String what) {
    // 253 characters are allowed; a Workspace name may have as many itself.
    String owner = seen.workspace().key().name();
    return (owner.length() <= 150 ? owner : owner.substring(0, 150))
        + "."
        + seen.workspace().uid().replace("-", "").substring(0, 12)
        + "."
        + (what.length() <= 64 ? what : what.substring(0, 64));
  }

  private void writeStatus(StatusReport report) {
    ObservedWorkspace workspace = seen.workspace();
    Optional<ObjectNode> change = report.change(now);
    report
        .newStall()
        .ifPresent(
            stall ->
                steps.add(
                    new Step.Emit(
                        eventName(Hashes.sha256(stall.reason() + "\n" + stall.message())),
                        "Warning",
                        stall.reason(),
                        cut(stall.message()))));
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

  /** Events longer than this are refused (core/v1 Event, {@code message}). */
  private static String cut(String message) {
    return message.length() <= 1024 ? message : Conditions.cut(message, 1021) + "...";
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

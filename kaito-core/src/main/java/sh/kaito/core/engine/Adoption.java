package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import sh.kaito.api.model.ConditionType;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeHandover.FoundNode;
import sh.kaito.api.provision.NodeHandover.Survey;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.core.engine.Observation.JobProgress;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.internal.kube.ResourceType;

/** What is decided of Workspaces that change hands between the Go operator and this one. Pure. */
final class Adoption {
  /** Rendered hash of what this library did not render: it equals no rendering, so it is held. */
  static final String NOT_RENDERED = "adopted";

  /** Reason of what is told, or was told, of a Workspace that the Go operator runs. */
  static final String LEFT = "MadeByGoOperator";

  private static final String REFUSED = "AdoptionRefused";
  private static final String HAND_BACK_REFUSED = "HandBackRefused";
  private static final String HALF_WAY = "HandoverIncomplete";

  private Adoption() {}

  /** What a Workspace asks for. */
  record Wanted(String instanceType, int count) {}

  /** Whether nodes fit what is wanted. */
  sealed interface Fit {
    /** They do: which fills which slot. */
    record Take(Map<NodeSlot, FoundNode> slots) implements Fit {}

    /** They do not, or there are others that nobody could take over. */
    record Refuse(String why) implements Fit {}
  }

  /**
   * Gives each node a slot: the one that it has already, else the lowest that is free.
   *
   * @param wanted empty where nothing is wanted any more, because the Workspace is being deleted:
   *     then all are taken, to be let go
   * @param workers Nodes that the Workspace's status names and that exist
   */
  static Fit fit(Survey survey, Optional<Wanted> wanted, List<String> workers) {
    List<FoundNode> nodes = survey.nodes().stream().filter(node -> !node.isDeleting()).toList();
    if (wanted.isPresent()) {
      List<String> problems = problems(survey, nodes, wanted.get(), workers);
      if (!problems.isEmpty()) {
        return new Fit.Refuse(String.join("; ", problems));
      }
    }
    int count = wanted.map(Wanted::count).orElse(Integer.MAX_VALUE);
    Map<Integer, NodeSlot> taken = new TreeMap<>();
    Map<NodeSlot, FoundNode> slots = new LinkedHashMap<>();
    List<FoundNode> rest = new ArrayList<>();
    for (FoundNode node : nodes) {
      NodeSlot slot = node.slot().orElse(new NodeSlot(Integer.MAX_VALUE, 1));
      if (slot.index() < count && taken.putIfAbsent(slot.index(), slot) == null) {
        slots.put(slot, node);
      } else {
        rest.add(node);
      }
    }
    int free = 0;
    for (FoundNode node : rest) {
      while (taken.containsKey(free)) {
        free++;
      }
      NodeSlot slot = new NodeSlot(free, 1);
      taken.put(free, slot);
      slots.put(slot, node);
    }
    return new Fit.Take(slots);
  }

  /**
   * A slot for each claim that is there, of a Workspace that is being deleted: it has one or not.
   */
  static Map<NodeSlot, FoundNode> all(Survey survey) {
    Map<NodeSlot, FoundNode> slots = new LinkedHashMap<>();
    survey.nodes().stream()
        .filter(FoundNode::isMarked)
        .forEach(node -> node.slot().ifPresent(slot -> slots.putIfAbsent(slot, node)));
    int index = 0;
    for (FoundNode node : survey.nodes()) {
      if (node.isMarked()) {
        continue;
      }
      while (slots.containsKey(new NodeSlot(index, 1))) {
        index++;
      }
      slots.put(new NodeSlot(index, 1), node);
    }
    return slots;
  }

  /** What a Workspace that was taken over is about to buy for. */
  record Late(Ledger ledger, String instanceType, int count) {}

  /**
   * Gives each claim that turned up late a slot for which nothing is there. It gets an epoch of its
   * own: one that this library may have asked for in the meantime is of an older one then, and
   * goes.
   *
   * @return slots of which the ledger does not know; none when nothing has turned up
   */
  static Fit late(Survey survey, Late wanted) {
    Ledger ledger = wanted.ledger();
    Set<String> named = Set.copyOf(ledger.adopted().orElse(Map.of()).values());
    Map<NodeSlot, FoundNode> slots = new LinkedHashMap<>();
    Set<Integer> filled = new HashSet<>();
    List<FoundNode> strays = new ArrayList<>();
    for (FoundNode node : survey.nodes()) {
      if (node.isDeleting()) {
        continue;
      }
      Optional<NodeSlot> slot = node.slot();
      if (named.contains(node.name())) {
        ledger.adopted().orElse(Map.of()).entrySet().stream()
            .filter(entry -> entry.getValue().equals(node.name()))
            .forEach(entry -> filled.add(entry.getKey()));
      } else if (slot.isEmpty()) {
        strays.add(node);
      } else {
        int epoch = ledger.epoch(slot.get().index());
        if (slot.get().epoch() >= epoch) {
          filled.add(slot.get().index());
        }
        if (slot.get().epoch() > epoch) {
          // Labelled before a crash, and not in the ledger yet: that is written before a purchase.
          slots.put(slot.get(), node);
        }
      }
    }
    if (strays.isEmpty()) {
      return new Fit.Take(slots);
    }
    List<Integer> free = new ArrayList<>();
    for (int index = 0; index < wanted.count(); index++) {
      if (!filled.contains(index)) {
        free.add(index);
      }
    }
    List<String> why = new ArrayList<>(survey.problems());
    if (strays.size() > free.size()) {
      why.add("it needs " + wanted.count() + " nodes, and there are more claims");
    }
    if (strays.stream().anyMatch(node -> !node.instanceType().equals(wanted.instanceType()))) {
      why.add("its nodes are of " + wanted.instanceType());
    }
    if (!why.isEmpty()) {
      return new Fit.Refuse(
          "claims of the Go operator have turned up after it was taken over: "
              + strays.stream()
                  .map(node -> node.name() + " (" + node.instanceType() + ")")
                  .collect(Collectors.joining(", "))
              + ": "
              + String.join("; ", why)
              + "; delete those whose nodes run no pod of it");
    }
    for (int i = 0; i < strays.size(); i++) {
      int index = free.get(i);
      slots.put(new NodeSlot(index, ledger.epoch(index) + 1), strays.get(i));
    }
    return new Fit.Take(slots);
  }

  private static List<String> problems(
      Survey survey, List<FoundNode> nodes, Wanted wanted, List<String> workers) {
    List<String> problems = new ArrayList<>(survey.problems());
    List<String> others =
        nodes.stream()
            .filter(node -> !node.instanceType().equals(wanted.instanceType()))
            .map(node -> node.name() + " (" + node.instanceType() + ")")
            .toList();
    if (!others.isEmpty()) {
      problems.add(
          "resource.instanceType is "
              + wanted.instanceType()
              + " and there are claims of another one: "
              + String.join(", ", others)
              + "; set it back to what was bought");
    }
    if (nodes.size() > wanted.count()) {
      problems.add(
          "it needs "
              + wanted.count()
              + " nodes and there are "
              + nodes.size()
              + " claims: "
              + nodes.stream().map(FoundNode::name).collect(Collectors.joining(", "))
              + "; delete those whose nodes run no pod of it");
    }
    List<String> itsOwn =
        survey.nodes().stream().flatMap(node -> node.nodeName().stream()).toList();
    List<String> strangers = workers.stream().filter(node -> !itsOwn.contains(node)).toList();
    if (!strangers.isEmpty()) {
      problems.add(
          "its status names Nodes that no claim of it stands for: "
              + String.join(", ", strangers)
              + "; nodes of one's own cannot be taken over with a provisioner that buys nodes");
    }
    return problems;
  }

  /** How the Job of a Workspace that is taken over has ended, if it has: it must not run again. */
  static Optional<Ledger.Finished> finished(Observation seen, Intent.Run run) {
    if (!run.isTuning()) {
      return Optional.empty();
    }
    Optional<ObservedChild> child =
        seen.child(run.workload().key())
            .filter(job -> job.ownerUid().equals(seen.workspace().uid()));
    Optional<JobProgress> ended =
        child.flatMap(ObservedChild::job).filter(job -> !job.end().isEmpty());
    boolean told =
        child.isEmpty() && seen.workspace().isTrue(ConditionType.WORKSPACE_SUCCEEDED.wireName());
    if (ended.isEmpty() && !told) {
      return Optional.empty();
    }
    return Optional.of(
        new Ledger.Finished(
            run.workload().inputHash(),
            seen.workspace().generation(),
            ended.map(JobProgress::isComplete).orElse(true)));
  }

  /**
   * The objects of a Workspace that was taken over which still are as the Go operator left them:
   * those that it names after the Workspace. What else somebody has made the Workspace's is theirs.
   */
  static List<Step> children(Observation seen, Intent.Run run) {
    String name = seen.workspace().key().name();
    List<Step> steps = new ArrayList<>();
    seen.children().values().stream()
        .filter(child -> child.ownerUid().equals(seen.workspace().uid()))
        .filter(child -> child.marks().isForeign() && !child.deleting())
        .filter(
            child ->
                child.key().name().equals(name)
                    || child.key().name().equals(name + "-headless")
                    || wanted(run, child).isPresent())
        .sorted(Comparator.comparing(child -> child.key().toString()))
        .forEach(
            child ->
                steps.add(
                    new Step.AdoptChild(
                        child.key(),
                        child.uid(),
                        wanted(run, child).orElse(run.workload()).inputHash(),
                        child.marks().pinned())));
    return steps;
  }

  private static Optional<Intent.Child> wanted(Intent.Run run, ObservedChild child) {
    return run.children().stream().filter(one -> one.key().equals(child.key())).findFirst();
  }

  /**
   * Whether nothing that was bought can still be on its way: of every node that is wanted a machine
   * exists, so its claim does. One that is only being created may be a request without answer.
   */
  static boolean areAllThere(Observation seen) {
    return seen.intent() instanceof Intent.Run run
        && seen.nodes().slots().stream()
                .filter(slot -> !slot.isLost())
                .filter(
                    slot ->
                        slot.phase() != NodePhase.PENDING
                            && slot.phase() != NodePhase.CREATING
                            && slot.phase() != NodePhase.RELEASING)
                .count()
            >= run.count();
  }

  /** The objects from which the marks of this library go when a Workspace is handed over. */
  static List<ObservedChild> marked(Observation seen) {
    return seen.children().values().stream()
        .filter(child -> child.ownerUid().equals(seen.workspace().uid()))
        .filter(child -> !child.marks().isForeign() && !child.deleting())
        .sorted(Comparator.comparing(child -> child.key().toString()))
        .toList();
  }

  // ---- what is told

  /** Whether its status still says that somebody should see to the hand-over. */
  static boolean isTold(ObservedWorkspace workspace) {
    JsonNode stalled = workspace.condition(ConditionType.STALLED.wireName());
    return stalled.path("status").asText().equals("True")
        && List.of(LEFT, REFUSED, HAND_BACK_REFUSED, HALF_WAY)
            .contains(stalled.path("reason").asText());
  }

  static Intent.Refused leftToGo(ObservedWorkspace workspace) {
    String asked = workspace.labels().getOrDefault(KaitoLabels.OPERATOR, "");
    return new Intent.Refused(
        LEFT,
        "annotation "
            + KaitoAnnotations.WORKSPACE_HASH
            + " says that the Go operator runs this Workspace, with nodes of its own; nothing is"
            + " bought, changed or released here. To have it taken over with its nodes and its"
            + " model, stop the Go operator and set the label "
            + KaitoLabels.OPERATOR
            + "="
            + KaitoLabels.OPERATOR_JAVA
            + (asked.isEmpty() ? "" : " (found \"" + asked + "\")"));
  }

  static Intent.Refused refused(String why) {
    return new Intent.Refused(
        REFUSED,
        "cannot take this Workspace over from the Go operator, so nothing was touched: " + why);
  }

  /** It has begun, and waits for somebody. */
  static Intent.Refused halfWay(String why) {
    return new Intent.Refused(
        HALF_WAY,
        "between this operator and the Go operator; nothing is bought or released, and it goes on"
            + " as soon as it can: "
            + why);
  }

  /** Why a Workspace cannot be handed over now; empty when it can. */
  static Optional<Intent.Refused> handBackProblem(Observation seen, Ledger ledger) {
    boolean jobIsGone =
        ledger.finished().isPresent()
            && seen.children().values().stream()
                .noneMatch(
                    child ->
                        child.key().type().equals(ResourceType.JOBS)
                            && child.ownerUid().equals(seen.workspace().uid()));
    String why = seen.handoverProblem();
    if (why.isEmpty() && jobIsGone) {
      why = "its Job has ended and is gone, and the Go operator would train again";
    }
    return why.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Intent.Refused(
                HAND_BACK_REFUSED,
                "cannot hand this Workspace over to the Go operator: "
                    + why
                    + ". Take the label "
                    + KaitoLabels.OPERATOR
                    + " off; nodes and model are left as they are"));
  }
}

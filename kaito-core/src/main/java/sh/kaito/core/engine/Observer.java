package sh.kaito.core.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.provision.NodeHandover;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.core.engine.Observation.Marks;
import sh.kaito.core.engine.Observation.ObservedChild;
import sh.kaito.core.engine.Observation.ObservedWorkspace;

/** Takes the snapshot that a decision rests on. */
final class Observer {
  private final IntentReader intents;
  private final NodeProvisioner provisioner;
  private final AdoptionPolicy adoption;

  Observer(IntentReader intents, NodeProvisioner provisioner, AdoptionPolicy adoption) {
    this.intents = intents;
    this.provisioner = provisioner;
    this.adoption = adoption;
  }

  Observation observe(Caches now, Caches.CachedWorkspace cached, KeyState state) {
    ObservedWorkspace workspace = cached.observed();
    NodeSetKey nodes =
        new NodeSetKey(
            workspace.key().namespace(),
            workspace.key().name(),
            workspace.uid(),
            NodeSetKey.WORKERS);
    Map<ChildKey, ObservedChild> children = now.owned(workspace.uid());
    Intent intent =
        workspace.deleting() ? new Intent.Unread() : intent(now, cached, nodes, children, state);
    if (intent instanceof Intent.Run run) {
      // What stands in the place of a child is looked at whoever owns it.
      for (Intent.Child child : run.children()) {
        now.child(workspace.key().namespace(), child.key())
            .ifPresent(found -> children.put(child.key(), found));
      }
    }
    NodeSetStatus status = provisioner.observe(nodes);
    Observation.Memory memory;
    synchronized (state) {
      state.settle(children);
      memory = state.memory();
    }
    Operation operation = Operation.of(workspace, adoption);
    return new Observation(
        workspace,
        intent,
        status,
        children,
        now.pods(workspace.key()),
        memory,
        operation,
        handoverProblem(operation));
  }

  private String handoverProblem(Operation operation) {
    if (operation != Operation.ADOPTING && operation != Operation.HANDING_BACK) {
      return "";
    }
    if (!(provisioner instanceof NodeHandover handover)) {
      return "provisioner "
          + provisioner.name()
          + " can neither take nodes over nor hand them over";
    }
    return operation == Operation.HANDING_BACK ? handover.handBackProblem().orElse("") : "";
  }

  /**
   * Whether a workload of the Go operator is to be gone on with: while the Workspace is taken over,
   * and afterwards until the workload is.
   */
  private boolean goesOnWithGo(ObservedWorkspace workspace) {
    return Operation.of(workspace, adoption) == Operation.ADOPTING
        || Ledger.read(workspace.annotations().get(KaitoAnnotations.NODES))
            .filter(Ledger::isAdopted)
            .isPresent();
  }

  /** The intent, worked out anew only when something that it rests on has changed. */
  private Intent intent(
      Caches now,
      Caches.CachedWorkspace cached,
      NodeSetKey nodes,
      Map<ChildKey, ObservedChild> children,
      KeyState state) {
    Workspace model = cached.model();
    if (model == null) {
      return new Intent.Refused(Intent.Refused.INVALID, cached.problem());
    }
    ObservedWorkspace observed = cached.observed();
    Optional<ObservedChild> running = running(children, child -> !child.marks().isForeign());
    if (running.isEmpty() && goesOnWithGo(observed)) {
      running = running(children, child -> child.ownerUid().equals(observed.uid()));
    }
    List<Optional<Map<String, String>>> configs =
        cached.configs().stream()
            .map(name -> now.configs().find(observed.key().namespace(), afterSlash(name)))
            .toList();
    // Bought nodes are made for the plan; own ones are what the plan is made for.
    Optional<List<Map<String, String>>> own =
        provisioner.buysNodes()
            ? Optional.empty()
            : Optional.of(OwnNodes.labels(model, observed.uid(), now.nodes()));
    List<Object> from =
        List.of(
            own,
            observed.apiVersion(),
            observed.generation(),
            observed.asked(),
            observed.labels(),
            configs);
    Optional<Marks> marks = running.map(ObservedChild::marks);
    if (!state.intentFrom.equals(from)
        || !(state.intentMarks.equals(marks) || isMadeFrom(state.intent, marks))) {
      state.intent = intents.read(observed, model, nodes, running, now.configs(), own);
      state.intentFrom = from;
    }
    state.intentMarks = marks;
    return state.intent;
  }

  /** Whether the workload is the one of this intent: its pinned choices are those made for it. */
  private static boolean isMadeFrom(Intent intent, Optional<Marks> workload) {
    return intent instanceof Intent.Run run
        && workload
            .filter(marks -> marks.inputHash().equals(run.workload().inputHash()))
            .filter(marks -> marks.renderedHash().equals(run.workload().renderedHash()))
            .isPresent();
  }

  private static Optional<ObservedChild> running(
      Map<ChildKey, ObservedChild> children, Predicate<ObservedChild> condition) {
    return children.values().stream()
        .filter(child -> !child.marks().pinned().isEmpty())
        .filter(condition)
        .findFirst();
  }

  private static String afterSlash(String name) {
    return name.substring(name.indexOf('/') + 1);
  }
}

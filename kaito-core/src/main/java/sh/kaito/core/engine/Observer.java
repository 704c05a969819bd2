package sh.kaito.core.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.Workspace;
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

  Observer(IntentReader intents, NodeProvisioner provisioner) {
    this.intents = intents;
    this.provisioner = provisioner;
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
    return new Observation(workspace, intent, status, children, now.pods(workspace.key()), memory);
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
    Optional<ObservedChild> running =
        children.values().stream()
            .filter(child -> !child.marks().isForeign() && !child.marks().pinned().isEmpty())
            .findFirst();
    List<Optional<Map<String, String>>> configs =
        cached.configs().stream()
            .map(name -> now.configs().find(observed.key().namespace(), afterSlash(name)))
            .toList();
    // Bought nodes are made for the plan; own ones are what the plan is made for.
    Optional<List<Map<String, String>>> own =
        provisioner.buysNodes()
            ? Optional.empty()
            : Optional.of(OwnNodes.kinds(model, observed.uid(), now.nodes()));
    List<Object> from =
        List.of(own, observed.generation(), observed.asked(), observed.labels(), configs);
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

  private static String afterSlash(String name) {
    return name.substring(name.indexOf('/') + 1);
  }
}

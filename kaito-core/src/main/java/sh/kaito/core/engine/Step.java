package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.core.engine.Observation.ObservedChild;

/** One thing to do, in the order of the decision; the first that fails ends the run. */
sealed interface Step {

  /**
   * Live look at the metadata of Secrets; goes on only if all exist. What is missing is remembered,
   * told, and looked for again.
   */
  record RequireSecrets(List<String> names) implements Step {}

  /**
   * Merge patch of the Workspace's metadata that carries uid and resourceVersion. Its answer shows
   * the Workspace alive, and covers the purchases that follow it.
   */
  record ClaimOwnership(ObjectNode patch) implements Step {}

  /** Live read of the Workspace; goes on only if it is alive and the finalizer is on it. */
  record ProveAlive(String uid, String finalizer) implements Step {}

  /** Tells the provisioner what is wanted; in memory. */
  record EnsureNodes(NodeSetSpec spec) implements Step {}

  /** Tells the provisioner that nothing is wanted; in memory. */
  record ReleaseNodes(NodeSetKey key, Instant countsFrom) implements Step {}

  /** Server-side apply that must create the object: refused with 409 if one is there. */
  record CreateChild(ChildKey key, ObjectNode body) implements Step {}

  /**
   * Server-side apply to the object of this uid only.
   *
   * @param why what it changes, for the log
   */
  record UpdateChild(ChildKey key, String uid, ObjectNode body, String why) implements Step {}

  /**
   * Merge patch of the object of this uid only: for what must change without the rest being
   * rendered anew.
   */
  record PatchChild(ChildKey key, String uid, ObjectNode patch, String why) implements Step {}

  /** Delete of the object of this uid only; its pods go first. */
  record DeleteChild(ChildKey key, String uid, String why) implements Step {}

  /** One Event on the Workspace; its name is a function of what happened, so it comes once. */
  record Emit(String name, String type, String reason, String message) implements Step {}

  /** Merge patch of the status that carries uid and resourceVersion. */
  record WriteStatus(ObjectNode patch) implements Step {}

  /** A step by which a Workspace changes hands between the Go operator and this one. */
  sealed interface Handover extends Step {}

  /**
   * Live look at what the Go operator bought, the decision whether it fits, our labels on each of
   * its claims, and then the ledger that names them. Until that is written nothing is bought.
   *
   * @param wanted empty where the Workspace is being deleted
   * @param finished how its Job has ended, if it has
   */
  record AdoptNodes(
      NodeSetKey nodes, Optional<Adoption.Wanted> wanted, Optional<Ledger.Finished> finished)
      implements Handover {}

  /**
   * Live look for claims that the Go operator made and that turned up after the Workspace was taken
   * over. They get our labels, and the ledger names them; then it is decided anew. Goes on only if
   * there are none.
   *
   * @param wanted empty where the Workspace is being deleted: then any claim stops it, whoever made
   *     it
   */
  record AdoptLate(NodeSetKey nodes, Optional<Adoption.Late> wanted) implements Handover {}

  /**
   * Takes over the object of this uid: annotations and ownership of fields, nothing that a pod
   * would notice.
   */
  record AdoptChild(ChildKey key, String uid, String inputHash, String pinned)
      implements Handover {}

  /**
   * Takes our marks off claims, Nodes and objects, and at last off the Workspace.
   *
   * @param children the objects that carry marks
   */
  record HandBack(NodeSetKey nodes, List<ObservedChild> children) implements Handover {
    public HandBack {
      children = List.copyOf(children);
    }
  }

  /** JSON patch that tests uid and value of what it removes. */
  record RemoveFinalizer(JsonNode patch) implements Step {}
}

package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.core.internal.kube.ResourceType;

/** What a Workspace asks for, worked out from its specification alone. */
sealed interface Intent {

  /**
   * It can be done.
   *
   * @param count number of nodes
   * @param nodes the nodes without slots; the ledger adds them
   * @param children the objects to run, in the order of creation
   * @param summary one line for the event of the purchase: what is bought and why
   */
  record Run(int count, NodeSetSpec nodes, List<Child> children, String summary) implements Intent {
    public Run {
      children = List.copyOf(children);
    }
  }

  /** Not looked at: a Workspace that is being deleted needs no plan, and none may hold it up. */
  record Unread() implements Intent {}

  /**
   * It cannot be done; nothing is bought.
   *
   * @param message every violation, for a person
   */
  record Refused(String message) implements Intent {}

  /**
   * One object to run.
   *
   * @param inputHash hash of what the user asked for
   * @param renderedHash hash of what was made of it
   * @param body the object for server-side apply, with both hashes in its annotations
   */
  record Child(
      ResourceType type, String name, String inputHash, String renderedHash, ObjectNode body) {

    /** Number of pods that it is to run; 0 for kinds without. */
    int replicas() {
      return body.path("spec").path("replicas").asInt(0);
    }
  }
}

package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.core.plan.Deadlines;
import sh.kaito.core.plan.WorkloadKind;

/** What a Workspace asks for, worked out from its specification and what that refers to. */
sealed interface Intent {

  /**
   * It can be done.
   *
   * @param kind what runs: a server, a template of the user's, or a Job
   * @param nodes the nodes without slots; the ledger adds them
   * @param children the objects to run, in the order of creation
   * @param secrets names of Secrets without which the pods cannot start; looked at before the
   *     purchase, because a node that waits for a Secret is paid for
   * @param claims whether the provisioner requests nodes by objects of their own, which a condition
   *     then tells of
   * @param upgrade whether a changed rendering of unchanged wishes is applied now
   * @param deadlines how long the phases after the purchase may take
   * @param summary one line for the event of the purchase: what is bought and why
   */
  record Run(
      WorkloadKind kind,
      int count,
      NodeSetSpec nodes,
      List<Child> children,
      List<String> secrets,
      boolean claims,
      boolean upgrade,
      Deadlines deadlines,
      String summary)
      implements Intent {
    public Run {
      children = List.copyOf(children);
      secrets = List.copyOf(secrets);
    }

    boolean isTuning() {
      return kind == WorkloadKind.TUNING;
    }

    /** The object that runs the pods. */
    Child workload() {
      return children.stream()
          .filter(Child::isWorkload)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("nothing of " + children + " runs pods"));
    }
  }

  /** Not looked at: a Workspace that is being deleted needs no plan, and none may hold it up. */
  record Unread() implements Intent {}

  /**
   * It cannot be done; nothing is bought, and what runs already goes on.
   *
   * @param reason condition reason, such as {@code WorkspaceInvalid}
   * @param message every violation, for a person
   * @param inputHash hash of what the user asked for; empty where that cannot be told
   */
  record Refused(String reason, String message, String inputHash) implements Intent {
    static final String INVALID = "WorkspaceInvalid";
    static final String CONFIG_MAP_NOT_FOUND = "ConfigMapNotFound";

    Refused(String reason, String message) {
      this(reason, message, "");
    }
  }

  /**
   * One object to run.
   *
   * @param inputHash hash of what the user asked for
   * @param renderedHash hash of what was made of it
   * @param rendered the object for server-side apply, with both hashes in its annotations
   * @param fixed which fields of an existing object, given as JSON, differ although the API server
   *     refuses to change them
   */
  record Child(
      ChildKey key,
      String inputHash,
      String renderedHash,
      Body rendered,
      Function<byte[], List<String>> fixed) {

    Child(
        ChildKey key,
        String inputHash,
        String renderedHash,
        ObjectNode body,
        Function<byte[], List<String>> fixed) {
      this(key, inputHash, renderedHash, Body.of(body, body::deepCopy), fixed);
    }

    /** The object for server-side apply, each time a new tree. */
    ObjectNode body() {
      return rendered.tree();
    }

    /** Whether it runs pods. */
    boolean isWorkload() {
      return rendered.isWorkload();
    }

    /** Number of pods that it is to run; 0 for kinds without. */
    int replicas() {
      return rendered.replicas();
    }
  }

  /**
   * An object of which not the tree is kept, which takes ten times what its text does and is looked
   * at once or twice in the life of a Workspace, but the way to make it.
   *
   * @param maker makes a new tree with each call, always the same
   */
  record Body(Supplier<ObjectNode> maker, boolean isWorkload, int replicas) {
    /**
     * A body.
     *
     * @param made what the maker makes; it is not kept
     */
    static Body of(ObjectNode made, Supplier<ObjectNode> maker) {
      JsonNode spec = made.path("spec");
      return new Body(maker, spec.has("template"), spec.path("replicas").asInt(0));
    }

    ObjectNode tree() {
      return maker.get();
    }
  }
}

package sh.kaito.core.provision;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeHandover.FoundNode;
import sh.kaito.api.provision.NodeHandover.Survey;
import sh.kaito.api.provision.NodeNames;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.WriteOptions;

/**
 * Claims that change hands: from the Go operator to this library, and back. Nothing is created or
 * deleted here. Requests follow one another; the first that fails ends the run, and the next run
 * finds what this one has done.
 */
final class ClaimHandover {
  private static final Logger LOG = LoggerFactory.getLogger(ClaimHandover.class);

  /** Static pools in which the Go operator v0.12.0 keeps the nodes of a Workspace on Karpenter. */
  private static final ResourceType NODE_POOLS =
      ResourceType.cluster("karpenter.sh", "v1", "nodepools", "NodePool");

  /** A claim is known again by its name up to this epoch; three an hour are bought at most. */
  private static final int EPOCHS = 64;

  /** Slots of which names are tried; no preset needs a tenth of them. */
  private static final int SLOTS = 32;

  private final KubeClient client;
  private final ClaimDialect dialect;
  private final String installation;

  ClaimHandover(KubeClient client, ClaimDialect dialect, String installation) {
    this.client = client;
    this.dialect = dialect;
    this.installation = installation;
  }

  // ---- survey

  private static ListOptions theirs(NodeSetKey key) {
    return ListOptions.all()
        .labelSelector(
            KaitoLabels.WORKSPACE
                + "="
                + key.name()
                + ","
                + KaitoLabels.WORKSPACE_NAMESPACE
                + "="
                + key.namespace());
  }

  CompletionStage<Survey> surveyClaims(NodeSetKey key) {
    return client
        .list(dialect.type(), theirs(key))
        .thenApply(
            result -> {
              if (!result.isSuccess()) {
                return failed(ApiFailures.of(result, dialect.type()));
              }
              Survey.Builder survey = Survey.builder();
              survey.nodes(claims(key, items(result), survey));
              return survey.build();
            })
        .exceptionally(error -> failed(ApiFailures.of(error)));
  }

  /** Those of the owner and those without marks, oldest first; what is wrong with the latter. */
  private List<FoundNode> claims(NodeSetKey key, Iterable<JsonNode> claims, Survey.Builder survey) {
    List<FoundNode> found = new ArrayList<>();
    for (JsonNode claim : claims) {
      String owner = claim.path("metadata").path("labels").path(KaitoLabels.OWNER_UID).asText();
      if (owner.isEmpty() || owner.equals(key.ownerUid())) {
        if (owner.isEmpty()) {
          problem(claim).ifPresent(survey::addProblems);
        }
        found.add(found(key, claim));
      }
    }
    found.sort(Comparator.comparing(FoundNode::createdAt).thenComparing(FoundNode::name));
    return found;
  }

  /** Why a claim cannot be gone on with; empty when it can. */
  private Optional<String> problem(JsonNode claim) {
    Optional<String> foreign =
        claim.path("metadata").path("ownerReferences").isEmpty()
            ? dialect.foreignness(claim)
            : Optional.of("another object owns it and would make it again");
    return foreign.map(
        why ->
            dialect.type().kind()
                + " "
                + claim.path("metadata").path("name").asText()
                + " is not one that provisioner "
                + dialect.name()
                + " goes on with: "
                + why);
  }

  CompletionStage<Survey> survey(NodeSetKey key) {
    ListOptions theirs = theirs(key);
    ListOptions pools =
        ListOptions.all()
            .labelSelector(
                KaitoLabels.KARPENTER_WORKSPACE_NAME
                    + "="
                    + key.name()
                    + ","
                    + KaitoLabels.KARPENTER_WORKSPACE_NAMESPACE
                    + "="
                    + key.namespace())
            .metadataOnly();
    ResourceType others =
        dialect.type().equals(ResourceType.MACHINES)
            ? ResourceType.NODECLAIMS
            : ResourceType.MACHINES;
    List<KubeResult> answers = new ArrayList<>();
    return list(dialect.type(), theirs, answers)
        .thenCompose(go -> go ? list(others, theirs.metadataOnly(), answers) : stop())
        .thenCompose(go -> go ? list(NODE_POOLS, pools, answers) : stop())
        .thenCompose(go -> go ? list(ResourceType.NODES, theirs.metadataOnly(), answers) : stop())
        .thenApply(
            go ->
                go
                    ? judge(key, others, answers)
                    : failed(ApiFailures.of(answers.get(answers.size() - 1), dialect.type())))
        .exceptionally(error -> failed(ApiFailures.of(error)));
  }

  private static Survey failed(ProvisionFailure failure) {
    return Survey.builder().failure(failure).build();
  }

  private static CompletionStage<Boolean> stop() {
    return CompletableFuture.completedFuture(false);
  }

  /** Asks for a list; a kind that is not served has no objects. */
  private CompletionStage<Boolean> list(
      ResourceType type, ListOptions options, List<KubeResult> answers) {
    return client
        .list(type, options)
        .thenApply(
            result -> {
              answers.add(result);
              boolean missing = result.isNotFound() && !type.equals(dialect.type());
              return result.isSuccess() || missing;
            });
  }

  private Survey judge(NodeSetKey key, ResourceType others, List<KubeResult> answers) {
    Survey.Builder survey = Survey.builder();
    List<FoundNode> found = new ArrayList<>();
    Set<String> itsNodes = new HashSet<>();
    int withoutNode = 0;
    for (JsonNode claim : items(answers.get(0))) {
      problem(claim).ifPresent(survey::addProblems);
      FoundNode node = found(key, claim);
      found.add(node);
      node.nodeName().ifPresent(itsNodes::add);
      withoutNode += node.nodeName().isPresent() ? 0 : 1;
    }
    found.sort(Comparator.comparing(FoundNode::createdAt).thenComparing(FoundNode::name));
    for (JsonNode other : items(answers.get(1))) {
      survey.addProblems(
          others.kind()
              + " "
              + other.path("metadata").path("name").asText()
              + " belongs to this Workspace, and provisioner "
              + dialect.name()
              + " works with "
              + dialect.type().plural());
    }
    for (JsonNode pool : items(answers.get(2))) {
      survey.addProblems(
          "NodePool "
              + pool.path("metadata").path("name").asText()
              + " has this Workspace's nodes; a pool cannot be taken over");
    }
    List<String> strangers = new ArrayList<>();
    for (JsonNode node : items(answers.get(3))) {
      String name = node.path("metadata").path("name").asText();
      if (!itsNodes.contains(name)) {
        strangers.add(name);
      }
    }
    if (strangers.size() > withoutNode) {
      survey.addProblems(
          "Node "
              + String.join(", ", strangers)
              + " carries this Workspace's labels and none of its "
              + dialect.type().plural()
              + " names it");
    }
    return survey.nodes(found).build();
  }

  private static Iterable<JsonNode> items(KubeResult result) {
    return result.body().path("items");
  }

  private FoundNode found(NodeSetKey key, JsonNode claim) {
    JsonNode metadata = claim.path("metadata");
    String name = metadata.path("name").asText();
    ClaimInfo marked = ClaimInfo.decode(claim);
    boolean isMarked = marked != null && marked.key().equals(key);
    Optional<NodeSlot> slot =
        marked != null && isMarked ? Optional.of(marked.slot()) : named(key, name);
    return FoundNode.builder()
        .name(name)
        .uid(metadata.path("uid").asText())
        .resourceVersion(metadata.path("resourceVersion").asText())
        .instanceType(ClaimInfo.instanceType(claim))
        .nodeName(
            Optional.of(claim.path("status").path("nodeName").asText())
                .filter(node -> !node.isEmpty()))
        .createdAt(
            ClaimInfo.instant(metadata.path("creationTimestamp").asText()).orElse(Instant.EPOCH))
        .isDeleting(metadata.hasNonNull("deletionTimestamp"))
        .slot(slot)
        .isMarked(isMarked)
        .build();
  }

  /** The slot that this installation once bought it for: the same name must not be bought again. */
  private Optional<NodeSlot> named(NodeSetKey key, String name) {
    for (int index = 0; index < SLOTS; index++) {
      for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        NodeSlot slot = new NodeSlot(index, epoch);
        if (NodeNames.of(installation, key, slot).equals(name)) {
          return Optional.of(slot);
        }
      }
    }
    return Optional.empty();
  }

  // ---- adopt

  CompletionStage<Optional<ProvisionFailure>> adopt(
      NodeSetKey key, Map<NodeSlot, FoundNode> slots) {
    return each(slots.entrySet().iterator(), entry -> mark(key, entry.getKey(), entry.getValue()));
  }

  private CompletionStage<Optional<ProvisionFailure>> mark(
      NodeSetKey key, NodeSlot slot, FoundNode found) {
    if (found.isMarked() && found.slot().filter(slot::equals).isPresent()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    LOG.info(
        "{}: taking over {} {} of the Go operator as slot {}",
        key.owner(),
        dialect.type().kind(),
        found.name(),
        slot.index());
    Map<String, String> labels = ClaimDialect.ownership(key, slot);
    ObjectNode patch =
        object(
            "metadata",
            object(
                "uid",
                found.uid(),
                "resourceVersion",
                found.resourceVersion(),
                "labels",
                labels,
                "annotations",
                object(
                    ClaimDialect.OWNER, key.owner(), KaitoAnnotations.ADOPTED_BY, installation)));
    // The Node first: a claim that is marked is one of which nothing is left to be done.
    CompletionStage<Optional<ProvisionFailure>> node =
        found
            .nodeName()
            .map(name -> markNode(key, name, labels))
            .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    return node.thenCompose(
        failure ->
            failure.isPresent()
                ? CompletableFuture.completedFuture(failure)
                : patch(dialect.type(), found.name(), patch));
  }

  private CompletionStage<Optional<ProvisionFailure>> markNode(
      NodeSetKey key, String name, Map<String, String> labels) {
    return client
        .getMetadata(ResourceType.NODES, ObjectKey.clusterScoped(name))
        .thenCompose(
            node -> {
              if (node.isNotFound()) {
                return CompletableFuture.completedFuture(Optional.<ProvisionFailure>empty());
              }
              if (!node.isSuccess()) {
                return CompletableFuture.completedFuture(
                    Optional.of(ApiFailures.of(node, ResourceType.NODES)));
              }
              JsonNode theirs = node.body().path("metadata").path("labels");
              if (!theirs.path(KaitoLabels.WORKSPACE).asText().equals(key.name())) {
                return CompletableFuture.completedFuture(Optional.<ProvisionFailure>empty());
              }
              return patch(
                  ResourceType.NODES,
                  name,
                  object("metadata", object("uid", node.uid(), "labels", labels)));
            })
        .exceptionally(error -> Optional.of(ApiFailures.of(error)));
  }

  // ---- hand back

  CompletionStage<Optional<ProvisionFailure>> handBack(NodeSetKey key) {
    return unmarkAll(key, dialect.type())
        .thenCompose(
            failure ->
                failure.isPresent()
                    ? CompletableFuture.completedFuture(failure)
                    : unmarkAll(key, ResourceType.NODES));
  }

  private CompletionStage<Optional<ProvisionFailure>> unmarkAll(NodeSetKey key, ResourceType type) {
    ListOptions ours =
        ListOptions.all()
            .labelSelector(KaitoLabels.OWNER_UID + "=" + key.ownerUid())
            .metadataOnly();
    return client
        .list(type, ours)
        .thenCompose(
            result ->
                result.isSuccess()
                    ? each(items(result).iterator(), object -> unmark(key, type, object))
                    : CompletableFuture.completedFuture(Optional.of(ApiFailures.of(result, type))))
        .exceptionally(error -> Optional.of(ApiFailures.of(error)));
  }

  private CompletionStage<Optional<ProvisionFailure>> unmark(
      NodeSetKey key, ResourceType type, JsonNode object) {
    JsonNode metadata = object.path("metadata");
    String name = metadata.path("name").asText();
    LOG.info("{}: handing {} {} over to the Go operator", key.owner(), type.kind(), name);
    Map<String, NullNode> nothing = new TreeMap<>();
    for (String label : ClaimDialect.ownership(key, new NodeSlot(0, 1)).keySet()) {
      nothing.put(label, NullNode.getInstance());
    }
    if (type.equals(ResourceType.NODES)) {
      // Pods that were rendered here go to Nodes with this label only, those that replace them too.
      // Nothing is bought, counted or collected by it: that is done by claims, which lose theirs.
      nothing.remove(KaitoLabels.OWNER_UID);
    }
    ObjectNode patch =
        object("metadata", object("uid", metadata.path("uid").asText(), "labels", nothing));
    if (!type.equals(ResourceType.NODES)) {
      ObjectNode annotations = patch.withObject("/metadata/annotations");
      annotations.putNull(ClaimDialect.OWNER);
      annotations.putNull(KaitoAnnotations.ADOPTED_BY);
      patch
          .withObject("/metadata")
          .put("resourceVersion", metadata.path("resourceVersion").asText());
    }
    return patch(type, name, patch);
  }

  // ---- requests

  private CompletionStage<Optional<ProvisionFailure>> patch(
      ResourceType type, String name, ObjectNode patch) {
    return client
        .patch(type, ObjectKey.clusterScoped(name), PatchType.MERGE, patch, WriteOptions.defaults())
        .<Optional<ProvisionFailure>>thenApply(
            result -> {
              if (result.isSuccess()) {
                return Optional.empty();
              }
              return Optional.of(
                  result.isConflict() || result.isNotFound()
                      ? changed(type, name)
                      : ApiFailures.of(result, type));
            })
        .exceptionally(error -> Optional.of(ApiFailures.of(error)));
  }

  private static ProvisionFailure changed(ResourceType type, String name) {
    return ProvisionFailure.builder()
        .kind(ProvisionFailure.Kind.CONFLICT)
        .code("Changed")
        .message(type.kind() + " " + name + " was changed since it was looked at")
        .build();
  }

  /** One after the other, until one fails. */
  private static <T> CompletionStage<Optional<ProvisionFailure>> each(
      Iterator<T> items, Function<T, CompletionStage<Optional<ProvisionFailure>>> action) {
    if (!items.hasNext()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return action
        .apply(items.next())
        .thenCompose(
            failure ->
                failure.isPresent()
                    ? CompletableFuture.completedFuture(failure)
                    : each(items, action));
  }
}

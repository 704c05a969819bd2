package sh.kaito.core.provision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.NodeView;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.ProvisionerContext;
import sh.kaito.api.provision.PurchaseInventory;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.WriteOptions;

/**
 * Bring-your-own nodes: takes Nodes that are in the cluster already. It buys nothing and deletes no
 * Node, ever.
 *
 * <p>A set takes Nodes that match the owner's labels (and the instance type, where the owner names
 * one and the Node carries the label), that are Ready, not cordoned, show enough GPUs, belong to
 * nobody and were not bought by a provisioner; those of {@code preferredNodes} first. It takes all
 * that it needs or none. All must be of one kind.
 *
 * <p>A Node that is taken carries the label {@code java.kaito.sh/assigned-uid} with the owner's UID
 * and the annotation {@code java.kaito.sh/assigned}; both are written with a resourceVersion
 * precondition, so no Node counts for two owners, and pods of the owner alone fit it. Release takes
 * exactly these two off. Needs the rights to get, list, watch and patch Nodes.
 *
 * <p>Thread-safe.
 */
public final class ByoProvisioner implements NodeProvisioner, PurchaseInventory {
  private static final Logger LOG = LoggerFactory.getLogger(ByoProvisioner.class);

  private final Object lock = new Object();
  private final Map<NodeSetKey, ByoSet> sets = new HashMap<>();
  private volatile @Nullable Running running;
  private volatile boolean closed;

  private ByoProvisioner() {}

  /** A provisioner that takes what is there. */
  public static ByoProvisioner create() {
    return new ByoProvisioner();
  }

  private record Running(ProvisionerContext context, KubeClient client) {
    NodeView nodes() {
      return context.nodes();
    }

    Instant now() {
      return context.scheduler().clock().instant();
    }
  }

  @Override
  public String name() {
    return "byo";
  }

  @Override
  public void start(ProvisionerContext context) {
    running = new Running(context, KubeClient.of(context.transport(), context.fieldManager()));
    context.nodes().onChange(node -> nodeChanged(context, node));
  }

  private void nodeChanged(ProvisionerContext context, NodeView.NodeInfo node) {
    List<NodeSetKey> wake = new ArrayList<>();
    synchronized (lock) {
      if (closed) {
        return;
      }
      String uid = node.labels().getOrDefault(KaitoLabels.ASSIGNED_UID, "");
      sets.forEach(
          (key, set) -> {
            boolean itsNode = key.ownerUid().equals(uid) || set.reserved().contains(node.name());
            if (itsNode || set.isWaiting()) {
              wake.add(key);
            }
          });
    }
    wake.forEach(context.changes());
  }

  private Running running() {
    Running now = running;
    if (now == null) {
      throw new IllegalStateException("provisioner byo was not started");
    }
    return now;
  }

  @Override
  public boolean isSynced() {
    return running().nodes().isSynced();
  }

  @Override
  public NodeSetStatus ensure(NodeSetSpec spec) {
    return act(spec.key(), set -> set.want(spec));
  }

  @Override
  public NodeSetStatus release(NodeSetKey key, Instant countsFrom) {
    return act(key, set -> set.release(countsFrom));
  }

  @Override
  public NodeSetStatus observe(NodeSetKey key) {
    Running now = running();
    synchronized (lock) {
      ByoSet set = sets.get(key);
      ByoSet seen = set == null ? new ByoSet(key, now.context().installation()) : set;
      return seen.status(now.nodes(), node -> isTaken(node, key), now.now());
    }
  }

  private boolean isTaken(String node, NodeSetKey by) {
    return sets.entrySet().stream()
        .anyMatch(
            other -> !other.getKey().equals(by) && other.getValue().reserved().contains(node));
  }

  private NodeSetStatus act(NodeSetKey key, Consumer<ByoSet> change) {
    Running now = running();
    List<ByoSet.Request> due;
    NodeSetStatus status;
    synchronized (lock) {
      ByoSet set = sets.computeIfAbsent(key, k -> new ByoSet(k, now.context().installation()));
      change.accept(set);
      due =
          now.nodes().isSynced() && !closed
              ? set.due(now.nodes(), node -> isTaken(node, key), now.now())
              : List.of();
      status = set.status(now.nodes(), node -> isTaken(node, key), now.now());
    }
    due.forEach(request -> send(now, key, request));
    return status;
  }

  private void send(Running now, NodeSetKey key, ByoSet.Request request) {
    if (request instanceof ByoSet.Request.Assign assign) {
      assign(now, key, assign);
    } else if (request instanceof ByoSet.Request.Unassign unassign) {
      unassign(now, key, unassign.node());
    } else if (request instanceof ByoSet.Request.Look) {
      look(now, key);
    } else if (request instanceof ByoSet.Request.Sweep) {
      sweep(now, key);
    }
  }

  /** What became of one request; null result: there was no answer. */
  private interface Answered {
    void accept(ByoSet set, @Nullable KubeResult result, @Nullable Throwable error, Instant time);
  }

  private void answer(
      Running now, NodeSetKey key, CompletionStage<KubeResult> stage, Answered answered) {
    BiConsumer<@Nullable KubeResult, @Nullable Throwable> report =
        (result, error) -> {
          synchronized (lock) {
            ByoSet set = sets.get(key);
            if (set == null) {
              return;
            }
            answered.accept(set, result, error, now.now());
          }
          now.context().changes().accept(key);
        };
    var unused = stage.whenComplete(report);
  }

  private static ProvisionFailure failure(@Nullable KubeResult result, @Nullable Throwable error) {
    return result == null ? ApiFailures.of(error) : ApiFailures.of(result, ResourceType.NODES);
  }

  private void assign(Running now, NodeSetKey key, ByoSet.Request.Assign assign) {
    NodeSlot slot = assign.assignment().slot();
    ObjectKey node = ObjectKey.clusterScoped(assign.node());
    CompletionStage<KubeResult> written =
        now.client()
            .getMetadata(ResourceType.NODES, node)
            .thenCompose(
                live -> {
                  boolean mayWrite =
                      live.isSuccess()
                          && NodeAssignment.uid(live.body()).isEmpty()
                          && !isDeleting(live.body())
                          && isStillWanted(key);
                  if (!mayWrite) {
                    return CompletableFuture.completedFuture(live);
                  }
                  LOG.info(
                      "{}: takes node {} as its number {}",
                      key.owner(),
                      assign.node(),
                      slot.index());
                  return patch(now, node, assign.assignment().patch(live.body()));
                });
    answer(
        now,
        key,
        written,
        (set, result, error, time) -> {
          if (result == null) {
            set.failed(slot, ApiFailures.of(error), ApiFailures.mayHaveTakenEffect(error), time);
          } else if (result.isSuccess() && isAssigned(result.body(), assign.assignment())) {
            set.assigned(slot, assign.node(), time);
          } else if (result.isSuccess() || result.isNotFound() || result.isConflict()) {
            // Somebody was faster, or has changed the Node meanwhile: look at the fleet anew.
            set.notToBeHad(slot, time);
          } else {
            set.failed(slot, failure(result, null), result.status() >= 500, time);
          }
        });
  }

  private boolean isStillWanted(NodeSetKey key) {
    synchronized (lock) {
      ByoSet set = sets.get(key);
      return !closed && set != null && !set.isReleased();
    }
  }

  private static boolean isDeleting(JsonNode node) {
    return node.path("metadata").hasNonNull("deletionTimestamp");
  }

  private static boolean isAssigned(JsonNode node, NodeAssignment wanted) {
    return NodeAssignment.of(node)
        .filter(one -> one.key().equals(wanted.key()) && one.slot().equals(wanted.slot()))
        .isPresent();
  }

  private static CompletionStage<KubeResult> patch(Running now, ObjectKey node, ObjectNode body) {
    return now.client()
        .patch(ResourceType.NODES, node, PatchType.MERGE, body, WriteOptions.defaults());
  }

  private void unassign(Running now, NodeSetKey key, String name) {
    ObjectKey node = ObjectKey.clusterScoped(name);
    CompletionStage<KubeResult> written =
        now.client()
            .getMetadata(ResourceType.NODES, node)
            .thenCompose(
                live -> {
                  if (!live.isSuccess()
                      || !NodeAssignment.uid(live.body()).equals(key.ownerUid())) {
                    return CompletableFuture.completedFuture(live);
                  }
                  LOG.info("{}: giving node {} back", key.owner(), name);
                  return patch(now, node, NodeAssignment.removal(live.body()));
                });
    answer(
        now,
        key,
        written,
        (set, result, error, time) -> {
          boolean done = result != null && (result.isSuccess() || result.isNotFound());
          set.unassigned(name, done ? null : failure(result, error), time);
        });
  }

  private static CompletionStage<KubeResult> assignedNodes(Running now, NodeSetKey key) {
    return now.client()
        .list(
            ResourceType.NODES,
            ListOptions.all()
                .labelSelector(KaitoLabels.ASSIGNED_UID + "=" + key.ownerUid())
                .metadataOnly());
  }

  private void look(Running now, NodeSetKey key) {
    answer(
        now,
        key,
        assignedNodes(now, key),
        (set, result, error, time) -> {
          if (result == null || !result.isSuccess() || !result.body().path("items").isArray()) {
            set.lookFailed(failure(result, error), time);
            return;
          }
          Map<NodeSlot, String> filled = new HashMap<>();
          for (JsonNode node : result.body().path("items")) {
            NodeAssignment.of(node)
                .filter(one -> one.key().set().equals(key.set()))
                .ifPresent(
                    one ->
                        filled.putIfAbsent(
                            one.slot(), node.path("metadata").path("name").asText()));
          }
          set.looked(filled, time);
        });
  }

  private void sweep(Running now, NodeSetKey key) {
    answer(
        now,
        key,
        assignedNodes(now, key),
        (set, result, error, time) -> {
          if (result == null || !result.isSuccess() || !result.body().path("items").isArray()) {
            set.lookFailed(failure(result, error), time);
            return;
          }
          List<String> left = new ArrayList<>();
          result
              .body()
              .path("items")
              .forEach(node -> left.add(node.path("metadata").path("name").asText()));
          List<ByoSet.Request> found = set.swept(left, time);
          // Not from here: the lock is held.
          now.context()
              .scheduler()
              .executor()
              .execute(() -> found.forEach(request -> send(now, key, request)));
        });
  }

  /** No: the user brings them. */
  @Override
  public boolean buysNodes() {
    return false;
  }

  @Override
  public NodeConstraints constraints(NodeSetSpec spec) {
    Map<String, String> labels = new TreeMap<>(spec.labels());
    labels.put(KaitoLabels.ASSIGNED_UID, spec.key().ownerUid());
    return new NodeConstraints(labels, List.of(ClaimDialect.gpuTaint()));
  }

  @Override
  public List<String> validate(NodeSetSpec spec) {
    List<String> problems = new ArrayList<>();
    if (spec.labels().isEmpty()) {
      problems.add(
          "resource.labelSelector.matchLabels is empty: every node of the cluster would match");
    }
    for (String label : spec.labels().keySet()) {
      if (label.startsWith("java.kaito.sh/")) {
        problems.add("label " + label + " is reserved for the library");
      }
    }
    return problems;
  }

  @Override
  public List<Purchase> inventory() {
    Running now = running();
    List<Purchase> inventory = new ArrayList<>();
    for (NodeView.NodeInfo node : now.nodes().all()) {
      NodeAssignment.of(node)
          .filter(one -> one.installation().equals(now.context().installation()))
          .ifPresent(
              one ->
                  inventory.add(
                      Purchase.builder()
                          .name(node.name())
                          .key(one.key())
                          .slot(one.slot())
                          .createdAt(one.since())
                          .isDeleting(false)
                          .build()));
    }
    return inventory;
  }

  @Override
  public void forget(NodeSetKey key) {
    synchronized (lock) {
      sets.remove(key);
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
  }
}

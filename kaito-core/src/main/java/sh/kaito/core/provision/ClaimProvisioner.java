package sh.kaito.core.provision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.api.provision.NodeHandover;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSetStatus;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.ProvisionerContext;
import sh.kaito.api.provision.PurchaseInventory;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.DeleteOptions;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stored;
import sh.kaito.core.internal.kube.WriteOptions;

/**
 * Nodes by claims: one Karpenter {@code NodeClaim} or {@code Machine} a node, fulfilled by another
 * controller in the cluster. Claims are cluster-scoped and have no owner reference, so it is this
 * class that sees to it that none is left: it knows its claims by the labels {@code
 * java.kaito.sh/owner-uid}, {@code set}, {@code slot}, {@code epoch}.
 *
 * <p>When the cloud has no machine, no quota or no offer of an instance type, no further claim of
 * that type is made for 10 minutes, whoever wants it, and twice as long after each single try that
 * fails, up to 30 minutes. What was requested already is left as it is.
 *
 * <p>Thread-safe.
 */
public final class ClaimProvisioner implements NodeProvisioner, PurchaseInventory, NodeHandover {
  private static final Logger LOG = LoggerFactory.getLogger(ClaimProvisioner.class);

  private final ClaimDialect dialect;
  private final Object lock = new Object();
  private final Map<NodeSetKey, ClaimSet> sets = new HashMap<>();
  private final PurchaseGate gate = new PurchaseGate();
  private final KnownNames names = new KnownNames();
  private volatile @Nullable Running running;
  private volatile boolean closed;

  private ClaimProvisioner(ClaimDialect dialect) {
    this.dialect = dialect;
  }

  /** For Azure's gpu-provisioner, the second controller of a Kaito installation. */
  public static ClaimProvisioner gpuProvisioner() {
    return new ClaimProvisioner(new GpuProvisionerDialect());
  }

  /**
   * For a gpu-provisioner before 0.3, which serves {@code karpenter.sh/v1alpha5} Machines: the
   * default of the Go operator v0.3.1.
   */
  public static ClaimProvisioner machine() {
    return new ClaimProvisioner(new MachineDialect());
  }

  /** For a stock Karpenter whose provider knows this node class. */
  public static ClaimProvisioner karpenter(NodeClassRef nodeClass) {
    return new ClaimProvisioner(new KarpenterDialect(nodeClass));
  }

  /** What exists from {@link #start} to {@link #close}. */
  private record Running(
      ProvisionerContext context, KubeClient client, ClaimCache cache, Claims claims) {}

  /** The claims of the cache, and the names of those that are to be. */
  interface Claims {
    /** The claim of that name, if the cache has it as the owner's. */
    Optional<ClaimInfo> find(NodeSetKey key, String name);

    /** All claims of a set, of any epoch. */
    Collection<ClaimInfo> of(NodeSetKey key);

    /** The name that the claim of a slot has or will have, unless it was taken over. */
    String name(NodeSetKey key, NodeSlot slot);

    /** Whether the cache has not reached this resourceVersion yet. */
    boolean isBehind(String resourceVersion);
  }

  @Override
  public String name() {
    return dialect.name();
  }

  @Override
  public void start(ProvisionerContext context) {
    KubeClient client = KubeClient.of(context.transport(), context.fieldManager());
    ClaimCache cache =
        ClaimCache.start(context, dialect.type(), change -> changed(context, change));
    Claims claims =
        new Claims() {
          @Override
          public Optional<ClaimInfo> find(NodeSetKey key, String name) {
            return cache.byName(name).filter(c -> c.key().ownerUid().equals(key.ownerUid()));
          }

          @Override
          public Collection<ClaimInfo> of(NodeSetKey key) {
            return cache.byOwner(key.ownerUid()).stream()
                .filter(claim -> claim.key().set().equals(key.set()))
                .toList();
          }

          @Override
          public String name(NodeSetKey key, NodeSlot slot) {
            return names.of(context.installation(), key, slot);
          }

          @Override
          public boolean isBehind(String resourceVersion) {
            return cache.isBehind(resourceVersion);
          }
        };
    running = new Running(context, client, cache, claims);
  }

  private void changed(ProvisionerContext context, Change<ClaimInfo> change) {
    Stored<ClaimInfo> before = change.before();
    Stored<ClaimInfo> after = change.after();
    Set<NodeSetKey> wake = new HashSet<>();
    synchronized (lock) {
      if (after != null) {
        learn(after.value(), wake);
      }
      if (before != null) {
        ClaimSet set = sets.get(before.value().key());
        if (after == null && set != null) {
          set.lastSeen(before.value());
        }
      }
    }
    if (before != null) {
      wake.add(before.value().key());
    }
    if (after != null) {
      wake.add(after.value().key());
    }
    wake.forEach(context.changes());
  }

  /** What a claim tells of its instance type. */
  private void learn(ClaimInfo claim, Set<NodeSetKey> wake) {
    if (claim.launched().isTrue()) {
      claim
          .launched()
          .since()
          .ifPresent(at -> wake.addAll(gate.launched(claim.instanceType(), at)));
      return;
    }
    ClaimReadiness.told(claim)
        .filter(failure -> PurchaseGate.concerns(failure.kind()))
        .ifPresent(
            failure ->
                gate.refused(
                    claim.instanceType(),
                    claim.name(),
                    failure.kind(),
                    failure.message(),
                    claim.launched().since().orElse(claim.createdAt()),
                    PurchaseGate.FIRST_PAUSE));
  }

  private Running running() {
    Running now = running;
    if (now == null) {
      throw new IllegalStateException("provisioner " + name() + " was not started");
    }
    return now;
  }

  @Override
  public boolean isSynced() {
    return running().cache().isSynced();
  }

  @Override
  public NodeSetStatus ensure(NodeSetSpec spec) {
    return act(spec.key(), set -> set.want(spec));
  }

  @Override
  public NodeSetStatus release(NodeSetKey key, Instant countsFrom) {
    Set<NodeSetKey> wake;
    synchronized (lock) {
      wake = gate.released(key);
    }
    wake.forEach(running().context().changes());
    return act(key, set -> set.release(countsFrom));
  }

  @Override
  public NodeSetStatus observe(NodeSetKey key) {
    Running now = running();
    synchronized (lock) {
      ClaimSet set = sets.getOrDefault(key, new ClaimSet(key, gate));
      return set.status(
          now.claims(), now.context().nodes(), now.context().scheduler().clock().instant());
    }
  }

  /**
   * Instance types of which nothing more is requested for now, because the cloud refused one, for
   * whoever watches over it; {@code kaito.purchases.paused.types} counts them.
   */
  public Set<String> pausedInstanceTypes() {
    Instant now = running().context().scheduler().clock().instant();
    synchronized (lock) {
      return gate.paused(now);
    }
  }

  @Override
  public List<Purchase> inventory() {
    Running now = running();
    String installation = now.context().installation();
    List<Purchase> inventory = new ArrayList<>();
    for (ClaimInfo claim : now.cache().all()) {
      // The name is derived from the installation too: another one's claim has another name. One
      // that was taken over keeps the name that it had.
      if (claim.name().equals(names.once(installation, claim.key(), claim.slot()))
          || claim.adoptedBy().equals(installation)) {
        inventory.add(
            Purchase.builder()
                .name(claim.name())
                .key(claim.key())
                .slot(claim.slot())
                .createdAt(claim.createdAt())
                .isDeleting(claim.deleting())
                .build());
      }
    }
    return inventory;
  }

  @Override
  public CompletionStage<Survey> survey(NodeSetKey key) {
    return handover().survey(key);
  }

  @Override
  public CompletionStage<Survey> surveyClaims(NodeSetKey key) {
    return handover().surveyClaims(key);
  }

  @Override
  public CompletionStage<Optional<ProvisionFailure>> adopt(
      NodeSetKey key, Map<NodeSlot, FoundNode> slots) {
    return handover().adopt(key, slots);
  }

  @Override
  public CompletionStage<Optional<ProvisionFailure>> handBack(NodeSetKey key) {
    Instant time = running().context().scheduler().clock().instant();
    synchronized (lock) {
      ClaimSet set = sets.get(key);
      if (set != null && !set.isSettled(time)) {
        return CompletableFuture.completedFuture(Optional.of(ApiFailures.onItsWay()));
      }
      // With the lock held: a set that is forgotten sends nothing any more.
      forget(key);
    }
    return handover().handBack(key);
  }

  @Override
  public Optional<String> handBackProblem() {
    return dialect.handBackProblem();
  }

  private ClaimHandover handover() {
    Running now = running();
    return new ClaimHandover(now.client(), dialect, now.context().installation());
  }

  @Override
  public void forget(NodeSetKey key) {
    synchronized (lock) {
      sets.remove(key);
    }
    names.forget(key);
  }

  private NodeSetStatus act(NodeSetKey key, Consumer<ClaimSet> change) {
    Running now = running();
    Instant time = now.context().scheduler().clock().instant();
    List<ClaimSet.Request> due;
    NodeSetStatus status;
    synchronized (lock) {
      ClaimSet set = sets.computeIfAbsent(key, k -> new ClaimSet(k, gate));
      change.accept(set);
      // Until the cache is complete, what it does not show may well exist.
      due =
          now.cache().isSynced() && !closed
              ? set.due(now.claims(), now.context().nodes(), time)
              : new ArrayList<>();
      status = set.status(now.claims(), now.context().nodes(), time);
    }
    due.forEach(request -> send(now, key, request));
    return status;
  }

  private void send(Running now, NodeSetKey key, ClaimSet.Request request) {
    if (request instanceof ClaimSet.Request.Create create) {
      create(now, key, create);
    } else if (request instanceof ClaimSet.Request.Look look) {
      look(now, key, look);
    } else if (request instanceof ClaimSet.Request.Delete delete) {
      delete(now, key, delete);
    } else if (request instanceof ClaimSet.Request.Sweep) {
      sweep(now, key);
    }
  }

  private void create(Running now, NodeSetKey key, ClaimSet.Request.Create create) {
    NodeSetSpec spec;
    synchronized (lock) {
      ClaimSet set = sets.get(key);
      spec = set == null || closed ? null : set.wanted();
      if (set != null && spec == null) {
        // Released between the decision and the sending: nothing is sent.
        set.notSent(create.slot());
      }
    }
    if (spec == null) {
      return;
    }
    ObjectNode claim = dialect.render(spec, create.slot(), create.name());
    LOG.info(
        "{}: requesting a node of {} as {} {}",
        key.owner(),
        spec.instanceType(),
        dialect.type().kind(),
        create.name());
    answer(
        now,
        key,
        now.client().create(dialect.type(), "", claim, WriteOptions.defaults()),
        (set, result, time) -> {
          if (result.isSuccess()) {
            set.exists(create.slot(), result.uid(), result.resourceVersion());
          } else if (result.isAlreadyExists()) {
            set.nameTaken(create.slot());
          } else if (result.status() >= 500) {
            set.unanswered(create.slot(), ApiFailures.of(result, dialect.type()), time);
          } else {
            set.failed(create.slot(), ApiFailures.of(result, dialect.type()), time);
          }
        },
        (set, failure, sent, time) -> {
          if (sent) {
            set.unanswered(create.slot(), failure, time);
          } else {
            set.failed(create.slot(), failure, time);
          }
        });
  }

  private void look(Running now, NodeSetKey key, ClaimSet.Request.Look look) {
    answer(
        now,
        key,
        now.client().get(dialect.type(), ObjectKey.clusterScoped(look.name())),
        (set, result, time) -> {
          if (result.isNotFound() && ApiFailures.namesObject(result)) {
            set.absent(look.slot(), time);
          } else if (!result.isSuccess()) {
            set.failed(look.slot(), ApiFailures.of(result, dialect.type()), time);
          } else {
            ClaimInfo found = ClaimInfo.decode(result.body());
            if (found != null && found.key().ownerUid().equals(key.ownerUid())) {
              set.found(look.slot(), found.uid(), found.resourceVersion(), time);
            } else {
              // Somebody else's, or ours with its labels taken off: either way nothing is bought.
              set.failed(look.slot(), ApiFailures.foreign(dialect.type(), look.name()), time);
            }
          }
        },
        (set, failure, sent, time) -> set.failed(look.slot(), failure, time));
  }

  private void delete(Running now, NodeSetKey key, ClaimSet.Request.Delete delete) {
    LOG.info("{}: deleting {} {}", key.owner(), dialect.type().kind(), delete.name());
    answer(
        now,
        key,
        now.client()
            .delete(
                dialect.type(),
                ObjectKey.clusterScoped(delete.name()),
                DeleteOptions.defaults().uid(delete.uid())),
        (set, result, time) -> {
          // Not so 409, which an admission webhook may answer too, nor a 404 that names no object,
          // as while a definition is established anew: the next answer, or the cache, tells.
          boolean isGone = result.isNotFound() && ApiFailures.namesObject(result);
          set.deleteAnswered(
              delete.uid(),
              isGone,
              result.isSuccess() || isGone ? null : ApiFailures.of(result, dialect.type()),
              time);
        },
        (set, failure, sent, time) -> set.deleteAnswered(delete.uid(), false, failure, time));
  }

  private void sweep(Running now, NodeSetKey key) {
    ListOptions ours =
        ListOptions.all()
            .labelSelector(KaitoLabels.OWNER_UID + "=" + key.ownerUid())
            .metadataOnly();
    answer(
        now,
        key,
        now.client()
            .list(dialect.type(), ours)
            .thenCompose(
                claims -> {
                  boolean none = isEmptyList(claims) || isMissing(now, claims);
                  if (!none) {
                    deleteFound(now, key, claims);
                  }
                  return none
                      ? now.client().list(ResourceType.NODES, ours)
                      : CompletableFuture.completedFuture(claims);
                }),
        (set, result, time) ->
            set.swept(
                isEmptyList(result),
                result.isSuccess() ? null : ApiFailures.of(result, dialect.type()),
                time),
        (set, failure, sent, time) -> set.swept(false, failure, time));
  }

  /** A list that says so itself; an answer without items proves nothing. */
  private static boolean isEmptyList(KubeResult result) {
    JsonNode items = result.body().path("items");
    return result.isSuccess() && items.isArray() && items.isEmpty();
  }

  /**
   * Whether claims do not exist as a kind: said by this answer and, apart from it, by the watch.
   * One 404 alone may come from an API server that has not read the CRD yet.
   */
  private static boolean isMissing(Running now, KubeResult result) {
    return result.isNotFound() && now.cache().isMissing();
  }

  /**
   * Claims that carry the owner's uid and that the cache does not show are deleted all the same.
   */
  private void deleteFound(Running now, NodeSetKey key, KubeResult claims) {
    Map<String, String> namesByUid = new TreeMap<>();
    for (JsonNode item : claims.body().path("items")) {
      namesByUid.put(
          item.path("metadata").path("uid").asText(), item.path("metadata").path("name").asText());
    }
    List<ClaimSet.Request> deletes;
    synchronized (lock) {
      ClaimSet set = sets.get(key);
      deletes =
          set == null || closed
              ? List.of()
              : set.found(namesByUid, now.context().scheduler().clock().instant());
    }
    deletes.forEach(delete -> send(now, key, delete));
  }

  private interface Answered {
    void accept(ClaimSet set, KubeResult result, Instant time);
  }

  private interface Unanswered {
    void accept(ClaimSet set, ProvisionFailure failure, boolean sent, Instant time);
  }

  private void answer(
      Running now,
      NodeSetKey key,
      CompletionStage<KubeResult> stage,
      Answered answered,
      Unanswered unanswered) {
    var unused =
        stage.handle(
            (result, error) -> {
              Instant time = now.context().scheduler().clock().instant();
              synchronized (lock) {
                ClaimSet set = sets.get(key);
                if (set == null) {
                  return null;
                }
                if (result != null) {
                  answered.accept(set, result, time);
                } else {
                  unanswered.accept(
                      set, ApiFailures.of(error), ApiFailures.mayHaveTakenEffect(error), time);
                }
              }
              now.context().changes().accept(key);
              return null;
            });
  }

  @Override
  public NodeConstraints constraints(NodeSetSpec spec) {
    Map<String, String> labels = new TreeMap<>(spec.labels());
    // Of this owner's uid, not of its name: a node of a deleted namesake must not be used.
    labels.put(KaitoLabels.OWNER_UID, spec.key().ownerUid());
    return new NodeConstraints(labels, List.of(ClaimDialect.gpuTaint()));
  }

  @Override
  public List<String> validate(NodeSetSpec spec) {
    List<String> problems = new ArrayList<>();
    if (spec.instanceType().isEmpty()) {
      problems.add("resource.instanceType is missing: " + name() + " buys nodes of a named size");
    }
    for (String label : spec.labels().keySet()) {
      if (label.startsWith("java.kaito.sh/")) {
        problems.add("label " + label + " is reserved for the library");
      }
    }
    return problems;
  }

  @Override
  public void close() {
    synchronized (lock) {
      // From here on nothing is sent, whatever answers are still on their way.
      closed = true;
    }
    Running now = running;
    if (now != null) {
      now.cache().close();
    }
  }
}

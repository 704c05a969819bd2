package sh.kaito.testkit.internal.sim.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.ClaimBehavior;
import sh.kaito.testkit.ClaimView;
import sh.kaito.testkit.NodeBill;
import sh.kaito.testkit.NodeShape;
import sh.kaito.testkit.internal.sim.KeyedLoop;
import sh.kaito.testkit.internal.sim.Kind;
import sh.kaito.testkit.internal.sim.ObjectCache;
import sh.kaito.testkit.internal.sim.Objects;
import sh.kaito.testkit.internal.sim.Requests;
import sh.kaito.testkit.internal.sim.SimCluster;
import sh.kaito.testkit.internal.sim.Step;

/** Plays the provisioner that fulfils NodeClaims or Machines: one machine for each claim. */
public final class NodeProvisionerLoop implements AutoCloseable {
  private static final String MANAGER = "simulated-nodes";
  private static final String INITIALIZED = "karpenter.sh/initialized";

  private final ClaimDialect dialect;
  private final NodeSettings settings;
  private final SimCluster cluster;
  private final ObjectCache claims;
  private final ObjectCache nodes;
  private final KeyedLoop loop;
  private final Map<String, Machine> machines = new HashMap<>();
  private final Ledger ledger = new Ledger();
  private int seen;

  public NodeProvisionerLoop(KubeTransport transport, Scheduler scheduler, NodeSettings settings) {
    this.settings = settings;
    this.dialect = settings.machines() ? KarpenterClaims.machines() : KarpenterClaims.nodeClaims();
    this.cluster = new SimCluster(transport, scheduler, MANAGER);
    this.loop = new KeyedLoop(MANAGER, cluster, this::decide);
    this.claims = cluster.watch(dialect.kind());
    this.nodes = cluster.watch(Kind.NODE);
    claims.listen((before, after) -> enqueue(after == null ? before : after));
    nodes.listen(
        (before, after) -> {
          String claim = claimOf(after == null ? before : after);
          if (!claim.isEmpty()) {
            loop.enqueue(claim);
          }
        });
  }

  public void start() {
    cluster.start();
  }

  public boolean isSynced() {
    return cluster.isSynced();
  }

  public NodeBill bill() {
    return ledger.bill(cluster.now());
  }

  /** Changes the machine of a claim, then looks at it. */
  public void change(String claimName, Consumer<MachineControl> change) {
    cluster.execute(
        () -> {
          Machine machine = machines.get(claimName);
          if (machine != null) {
            change.accept(new MachineControl(machine, cluster.now(), ledger));
            loop.enqueue(claimName);
          }
        });
  }

  /** What a test may do to a machine. */
  public static final class MachineControl {
    private final Machine machine;
    private final Instant now;
    private final Ledger ledger;

    private MachineControl(Machine machine, Instant now, Ledger ledger) {
      this.machine = machine;
      this.now = now;
      this.ledger = ledger;
    }

    public void ready(boolean ready) {
      machine.readyOverride = ready;
    }

    public void vanish() {
      machine.gone = now;
      ledger.gone(machine.claimUid, now);
    }

    public void letLaunch() {
      machine.launchWorks = now;
    }
  }

  private void enqueue(@Nullable JsonNode claim) {
    if (claim != null) {
      loop.enqueue(Objects.name(claim));
    }
  }

  /** Name of the claim that a node belongs to; empty when the node is none of ours. */
  private String claimOf(@Nullable JsonNode node) {
    if (node != null) {
      for (JsonNode owner : node.path("metadata").path("ownerReferences")) {
        if (owner.path("kind").asText().equals(dialect.kind().kindName())) {
          String claim = owner.path("name").asText();
          return Objects.name(node).equals(NodeObject.name(claim)) ? claim : "";
        }
      }
    }
    return "";
  }

  private static boolean belongs(JsonNode node, String claimUid) {
    for (JsonNode owner : node.path("metadata").path("ownerReferences")) {
      if (owner.path("uid").asText().equals(claimUid)) {
        return true;
      }
    }
    return false;
  }

  private Step decide(String claimName) {
    JsonNode claim = claims.get(claimName);
    JsonNode node = nodes.get(NodeObject.name(claimName));
    Instant now = cluster.now();
    if (claim == null) {
      return withoutClaim(claimName, node, now);
    }
    Machine machine = machine(claim, node, now);
    if (node != null && !belongs(node, machine.claimUid)) {
      // Left over from an earlier claim of this name; the machine joins once it is gone.
      return removeNode(node);
    }
    if (Objects.isDeleting(claim)) {
      return terminate(claim, node, machine, now);
    }
    if (Objects.finalizerIndex(claim, NodeObject.FINALIZER) < 0) {
      return adopt(claim);
    }
    if (machine.launched == null && !now.isBefore(machine.launchDue)) {
      boolean works = machine.shape != null && !now.isBefore(machine.launchWorks);
      if (works) {
        machine.launched = now;
        ledger.bought(machine.claimUid, claimName, machine.instanceType, now);
      } else if (machine.behavior.launchFailure() == ClaimBehavior.LaunchFailure.CLAIM_DELETED) {
        return Requests.delete(dialect.kind(), claim);
      }
    }
    if (node != null && machine.joined == null) {
      machine.joined = now;
    }
    if (machine.gone == null && !now.isBefore(machine.vanishDue())) {
      machine.gone = now;
      ledger.gone(machine.claimUid, now);
    }
    return machine.gone == null
        ? run(claim, node, machine, now)
        : afterVanishing(claim, node, machine.gone, now);
  }

  private Machine machine(JsonNode claim, @Nullable JsonNode node, Instant now) {
    String name = Objects.name(claim);
    Machine known = machines.get(name);
    if (known != null && known.claimUid.equals(Objects.uid(claim))) {
      return known;
    }
    if (known != null) {
      ledger.gone(known.claimUid, now);
    }
    String instanceType = NodeObject.instanceType(claim);
    ClaimView view = new ClaimView(name, Objects.labels(claim), instanceType, seen++);
    Optional<NodeShape> shape = settings.shape().apply(instanceType);
    Machine machine =
        new Machine(
            Objects.uid(claim),
            instanceType,
            settings.behavior().apply(view),
            shape.orElse(null),
            settings.delays(),
            now);
    Instant launched = dialect.launchedAt(claim);
    if (launched != null) {
      // Bought by an earlier run of the simulator.
      machine.launched = launched;
      ledger.bought(machine.claimUid, name, instanceType, launched);
      if (node != null) {
        machine.joined =
            Objects.instant(Objects.text(node, "metadata", "creationTimestamp")).orElse(now);
      }
    }
    machines.put(name, machine);
    return machine;
  }

  /** Finalizer first, and the labels by which {@code kubectl get nodeclaims} prints columns. */
  private Step adopt(JsonNode claim) {
    ObjectNode metadata = Objects.object();
    ArrayNode finalizers = metadata.putArray("finalizers");
    claim.path("metadata").path("finalizers").forEach(finalizers::add);
    finalizers.add(NodeObject.FINALIZER);
    String instanceType = NodeObject.instanceType(claim);
    if (!instanceType.isEmpty() && !Objects.labels(claim).containsKey(NodeObject.INSTANCE_TYPE)) {
      metadata.putObject("labels").put(NodeObject.INSTANCE_TYPE, instanceType);
    }
    return Requests.patchMetadata(dialect.kind(), claim, metadata, true);
  }

  private Step run(JsonNode claim, @Nullable JsonNode node, Machine machine, Instant now) {
    NodeShape shape = machine.shape;
    boolean joins =
        shape != null
            && machine.launched != null
            && machine.behavior.registers()
            && !now.isBefore(machine.joinDue());
    if (joins && shape != null && node == null) {
      if (machine.joined == null) {
        machine.joined = now;
      }
      return Requests.create(Kind.NODE, NodeObject.of(dialect.kind(), claim, machine, shape, now));
    }
    if (node != null && Objects.isDeleting(node)) {
      // Karpenter takes the deletion of a Node for the wish to be rid of the machine.
      return Requests.delete(dialect.kind(), claim);
    }
    Instant next = machine.next(now);
    if (node != null && shape != null) {
      ObjectNode wanted = NodeObject.status(machine, shape, node, now);
      Instant heartbeat = heartbeat(node, machine, now);
      if (!Objects.says(node.path("status"), wanted) || !heartbeat.isAfter(now)) {
        return Requests.patchStatus(Kind.NODE, node, wanted);
      }
      next = heartbeat.isBefore(next) ? heartbeat : next;
      ObjectNode untainted = NodeObject.withoutNotReady(node);
      if (machine.isReady(now) && untainted != null) {
        return Requests.patchExactly(Kind.NODE, node, untainted);
      }
    }
    ObjectNode status =
        dialect.status(claim, machine, node, NodeObject.name(Objects.name(claim)), now);
    if (!Objects.says(claim.path("status"), status)) {
      return Requests.patchStatus(dialect.kind(), claim, status);
    }
    if (node != null
        && dialect.isInitialized(claim)
        && !Objects.labels(node).containsKey(INITIALIZED)) {
      ObjectNode metadata = Objects.object();
      metadata.putObject("labels").put(INITIALIZED, "true");
      return Requests.patchMetadata(Kind.NODE, node, metadata, false);
    }
    return next.equals(Instant.MAX) ? Step.idle() : Step.wake(next);
  }

  private Instant heartbeat(JsonNode node, Machine machine, Instant now) {
    Duration period = settings.heartbeat();
    JsonNode ready = Objects.condition(node, "Ready");
    if (period.isZero() || ready == null || !machine.isReady(now)) {
      return Instant.MAX;
    }
    return Objects.instant(Objects.text(ready, "lastHeartbeatTime")).orElse(now).plus(period);
  }

  /** The cloud no longer has the machine: the Node goes, and later the claim is collected. */
  private Step afterVanishing(JsonNode claim, @Nullable JsonNode node, Instant gone, Instant now) {
    if (node != null) {
      return removeNode(node);
    }
    Instant due = gone.plus(settings.delays().collect());
    return now.isBefore(due) ? Step.wake(due) : Requests.delete(dialect.kind(), claim);
  }

  private static Step removeNode(JsonNode node) {
    if (!Objects.isDeleting(node)) {
      return Requests.delete(Kind.NODE, node);
    }
    return Objects.finalizerIndex(node, NodeObject.FINALIZER) < 0
        ? Step.idle()
        : Requests.removeFinalizer(Kind.NODE, node, NodeObject.FINALIZER);
  }

  /** Node first, then the machine, then the node's finalizer, then the claim's. */
  private Step terminate(JsonNode claim, @Nullable JsonNode node, Machine machine, Instant now) {
    if (node != null && !Objects.isDeleting(node)) {
      return Requests.delete(Kind.NODE, node);
    }
    Step wait = endMachine(machine, settings.delays().terminate(), now);
    if (wait != null) {
      return wait;
    }
    if (node != null) {
      return removeNode(node);
    }
    return Objects.finalizerIndex(claim, NodeObject.FINALIZER) < 0
        ? Step.idle()
        : Requests.removeFinalizer(dialect.kind(), claim, NodeObject.FINALIZER);
  }

  /** Somebody took the finalizer off: the machine is found without claim and collected. */
  private Step withoutClaim(String claimName, @Nullable JsonNode node, Instant now) {
    Machine machine = machines.get(claimName);
    if (machine != null) {
      Step wait = endMachine(machine, settings.delays().collect(), now);
      if (wait != null) {
        return wait;
      }
      machines.remove(claimName);
    }
    return node == null ? Step.idle() : removeNode(node);
  }

  /** Null once the machine is gone. */
  private @Nullable Step endMachine(Machine machine, Duration delay, Instant now) {
    if (machine.gone == null && ledger.isRunning(machine.claimUid)) {
      if (machine.terminationBegan == null) {
        machine.terminationBegan = now;
      }
      Instant due = machine.terminationBegan.plus(delay);
      if (now.isBefore(due)) {
        return Step.wake(due);
      }
      machine.gone = now;
      ledger.gone(machine.claimUid, now);
    }
    return null;
  }

  @Override
  public void close() {
    cluster.close();
  }
}

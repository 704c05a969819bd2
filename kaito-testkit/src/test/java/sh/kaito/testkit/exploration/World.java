package sh.kaito.testkit.exploration;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.KaitoFinalizers;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.NodeBill;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.VirtualScheduler;

/** A cluster, and controller processes that die and come again. */
final class World implements AutoCloseable {
  /** In this time of the virtual clock every run has to come to its end. */
  static final Duration LIMIT = Duration.ofHours(6);

  /** No run needs a tenth of it. */
  private static final int MOST_REQUESTS = 2000;

  private static final Duration LOOK = Duration.ofSeconds(5);

  /** How long a dead controller stays away: what a Deployment takes to start another. */
  private static final Duration RESTART = Duration.ofSeconds(10);

  /**
   * How a controller is made: the real one, or one that is broken on purpose.
   *
   * @param process what is changed of the controller of the nth process, from 1
   */
  record Make(
      UnaryOperator<KubeTransport> transport,
      UnaryOperator<NodeProvisioner> provisioner,
      BiConsumer<Integer, KaitoController.Builder> process) {
    static final Make REAL =
        new Make(transport -> transport, provisioner -> provisioner, (number, builder) -> {});

    static Make transport(UnaryOperator<KubeTransport> change) {
      return new Make(change, REAL.provisioner, REAL.process);
    }

    static Make provisioner(UnaryOperator<NodeProvisioner> change) {
      return new Make(REAL.transport, change, REAL.process);
    }

    static Make process(BiConsumer<Integer, KaitoController.Builder> change) {
      return new Make(REAL.transport, REAL.provisioner, change);
    }
  }

  final VirtualScheduler time;
  final SimulatedCluster cluster;
  final Leash.Count count;
  private final WorkspaceClient client;
  private final Make make;
  private final Told told;
  private final Set<String> workloads = ConcurrentHashMap.newKeySet();
  private final List<Leash> alive = new ArrayList<>();
  private final List<KaitoController> controllers = new ArrayList<>();

  /**
   * @param lag how long after a change the status may tell what was before
   */
  World(long seed, Make make, Leash.Plan plan, Duration lag) {
    this.time =
        VirtualScheduler.builder()
            .seed(seed)
            .startingAt(Instant.parse("2026-11-22T12:00:00Z"))
            .build();
    this.make = make;
    this.count = new Leash.Count(plan);
    this.cluster =
        SimulatedCluster.builder()
            .onVirtualTime(time)
            .nodes(
                nodes ->
                    nodes
                        .launchDelay(Duration.ofMinutes(3))
                        .registerDelay(Duration.ofMinutes(1))
                        .gpuDelay(Duration.ofSeconds(30))
                        .terminationDelay(Duration.ofMinutes(1)))
            .workloads(
                workloads ->
                    workloads
                        .sockets(false)
                        .pullDelay(Duration.ofMinutes(2))
                        .weightsDelay(Duration.ofMinutes(1))
                        .workTime(Duration.ofMinutes(20)))
            .start();
    this.client = WorkspaceClient.create(cluster.transport(), time);
    this.told = new Told(this, lag);
    remember("/apis/apps/v1/namespaces/default/deployments?watch=true");
    remember("/apis/batch/v1/namespaces/default/jobs?watch=true");
  }

  private void remember(String watch) {
    var unused =
        cluster
            .transport()
            .watch(
                KubeRequest.get(watch).build(),
                new KubeWatch.Listener() {
                  @Override
                  public void onEvent(byte[] event) {
                    workloads.add(Json.tree(event).at("/object/metadata/uid").asText());
                  }

                  @Override
                  public void onRejected(KubeResponse response) {
                    throw new AssertionError(watch + ": " + response.bodyText());
                  }

                  @Override
                  public void onEnd(@Nullable Throwable cause) {}
                });
  }

  /** Deployments and Jobs that there have ever been, by uid. */
  Set<String> workloads() {
    return workloads;
  }

  static String path(Workspace workspace) {
    return "/apis/kaito.sh/v1beta1/namespaces/default/workspaces/" + workspace.key().name();
  }

  /** Whether the Workspace says something now. */
  boolean tells(Workspace workspace, String text) {
    return get(path(workspace)).contains(text);
  }

  /** Starts a process; it dies when its leash is cut, and another comes in its place. */
  void startController() {
    Leash[] self = new Leash[1];
    Leash leash =
        new Leash(
            cluster.transport(),
            time,
            count,
            () -> {
              alive.remove(self[0]);
              time.schedule(RESTART, this::startController);
            });
    self[0] = leash;
    alive.add(leash);
    KaitoController.Builder builder =
        KaitoController.builder(make.transport().apply(leash))
            .provisioner(make.provisioner().apply(ClaimProvisioner.gpuProvisioner()))
            .scheduler(time);
    make.process().accept(controllers.size() + 1, builder);
    controllers.add(builder.build().start());
  }

  /** All processes die; one new one starts. */
  void restartControllers() {
    List.copyOf(alive).forEach(Leash::cut);
    alive.clear();
    startController();
  }

  /** All processes but one die. */
  void endRivals() {
    while (alive.size() > 1) {
      alive.remove(alive.size() - 1).cut();
    }
  }

  /** Passes time until something is so. */
  void until(String what, BooleanSupplier condition) {
    Instant end = time.now().plus(LIMIT);
    while (!condition.getAsBoolean()) {
      if (time.now().isAfter(end)) {
        throw new AssertionError("after " + LIMIT.toHours() + " hours it is not so that " + what);
      }
      if (count.requests().size() > MOST_REQUESTS) {
        throw new AssertionError(
            "a hot loop: more than " + MOST_REQUESTS + " requests before it was so that " + what);
      }
      check();
      time.advance(LOOK);
    }
    check();
  }

  private void check() {
    checkFinalizer();
    told.check();
    count.uncovered().ifPresent(AssertionError::new);
  }

  /**
   * At no moment may there be a node that is paid for and nothing that holds its Workspace until
   * the node is gone: whoever deletes it then leaves a bill.
   */
  private void checkFinalizer() {
    if (running().isEmpty()) {
      return;
    }
    for (JsonNode workspace : list("/apis/kaito.sh/v1beta1/workspaces")) {
      if (!workspace.at("/metadata/finalizers").toString().contains(KaitoFinalizers.WORKSPACE)) {
        throw new AssertionError("a node runs, and the Workspace has no finalizer");
      }
    }
  }

  void apply(Workspace workspace) {
    time.await(client.applyAsync(workspace), LIMIT);
  }

  void delete(WorkspaceKey key) {
    time.await(client.deleteAsync(key), LIMIT);
  }

  /** Sends one request as an ordinary user would. */
  KubeResponse send(KubeRequest request) {
    return time.await(cluster.transport().exchange(request), LIMIT);
  }

  void patch(String path, String merge) {
    KubeResponse answer =
        send(
            KubeRequest.patch(path, PatchType.MERGE, merge.getBytes(StandardCharsets.UTF_8))
                .build());
    if (!answer.isSuccess()) {
      throw new AssertionError("PATCH " + path + ": " + answer.bodyText());
    }
  }

  String get(String path) {
    return send(KubeRequest.get(path).build()).bodyText();
  }

  JsonNode list(String path) {
    return Json.tree(get(path).getBytes(StandardCharsets.UTF_8)).path("items");
  }

  NodeBill bill() {
    return cluster.nodes().bill();
  }

  /** The claims that run, by name. */
  Set<String> running() {
    return bill().purchases().stream()
        .filter(purchase -> purchase.until().isEmpty())
        .map(NodeBill.Purchase::claim)
        .collect(Collectors.toSet());
  }

  @Override
  public void close() {
    alive.forEach(Leash::cut);
    controllers.forEach(KaitoController::close);
    client.close();
    cluster.close();
  }
}

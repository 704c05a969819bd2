package sh.kaito.core.engine;

import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.core.plan.Planner;

/** The options of a {@link KaitoController}, with their defaults. Not thread-safe. */
abstract class ControllerOptions<B extends ControllerOptions<B>> {
  final KubeTransport transport;
  final WorkspaceEngine.Builder engine;
  final Telemetry telemetry = new Telemetry();
  @Nullable Supplier<? extends NodeProvisioner> provisioners;
  @Nullable NodeProvisioner single;
  @Nullable Scheduler scheduler;
  @Nullable LeaderElection election;
  boolean alongsideGoOperator;
  int workers = 16;
  double requestsPerSecond;
  int requestBurst;

  ControllerOptions(KubeTransport transport) {
    this.transport = transport;
    this.engine = WorkspaceEngine.builder(transport);
  }

  /** The builder that these are options of. */
  abstract B self();

  Scope scope() {
    return engine.scope();
  }

  String electionName() {
    return election == null ? "" : election.key().toString();
  }

  /**
   * Who gets the GPU nodes; this or {@link #provisioner(Supplier)} is required. Closed with the
   * controller. It serves once: with leader election a controller that loses its lease stops, as a
   * Go operator does, and its process is to be started again.
   */
  public B provisioner(NodeProvisioner provisioner) {
    this.single = provisioner;
    this.provisioners = () -> provisioner;
    return self();
  }

  /**
   * Makes who gets the GPU nodes, anew each time that this process begins to lead: {@code
   * ClaimProvisioner::gpuProvisioner}. A controller that loses its lease then competes again.
   */
  public B provisioner(Supplier<? extends NodeProvisioner> provisioners) {
    this.single = null;
    this.provisioners = provisioners;
    return self();
  }

  /** Time and threads; by default the wall clock and a small pool of its own. */
  public B scheduler(Scheduler scheduler) {
    this.scheduler = scheduler;
    return self();
  }

  /** See {@link WorkspaceEngine.Builder#planner}. */
  public B planner(Planner planner) {
    engine.planner(planner);
    return self();
  }

  /** See {@link WorkspaceEngine.Builder#upgradePolicy}. */
  public B upgradePolicy(UpgradePolicy policy) {
    engine.upgradePolicy(policy);
    return self();
  }

  /** See {@link WorkspaceEngine.Builder#adoptionPolicy}. */
  public B adoptionPolicy(AdoptionPolicy policy) {
    engine.adoptionPolicy(policy);
    return self();
  }

  /** See {@link WorkspaceEngine.Builder#installation}. */
  public B installation(String installation) {
    engine.installation(installation);
    return self();
  }

  /** See {@link WorkspaceEngine.Builder#namespaces}. */
  public B namespaces(Collection<String> namespaces) {
    engine.namespaces(namespaces);
    return self();
  }

  /** See {@link WorkspaceEngine.Builder#selector}. */
  public B selector(String selector) {
    engine.selector(selector);
    return self();
  }

  /** Hears what happens to Workspaces; may be called several times. */
  public B listener(EngineListener listener) {
    telemetry.add(listener);
    return self();
  }

  /**
   * Works only while it holds this Lease, so that several replicas can run; see {@link
   * LeaderElection} for what can be set. Shards that share a cluster need a Lease each.
   */
  public B leaderElection(String namespace, String name) {
    return leaderElection(LeaderElection.builder().namespace(namespace).name(name).build());
  }

  /** Works only while it holds a Lease. */
  public B leaderElection(LeaderElection election) {
    this.election = election;
    return self();
  }

  /**
   * Starts although the Go operator runs, or seems to. Only for clusters in which the two never see
   * the same Workspace, or in a test.
   */
  public B alongsideGoOperator() {
    this.alongsideGoOperator = true;
    return self();
  }

  /**
   * How many Workspaces may have requests under way at once; default 16. No thread waits for them.
   */
  public B workers(int workers) {
    if (workers < 1) {
      throw new IllegalArgumentException("workers: found " + workers + ", allowed is 1 or more");
    }
    this.workers = workers;
    return self();
  }

  /**
   * Limits requests to the API server; requests for the Lease are exempt. By default there is no
   * limit of ours: the server's own (API Priority and Fairness) applies, and its {@code
   * Retry-After} is heeded either way.
   *
   * @param perSecond on average, above 0
   * @param burst at once after a pause, 1 or more
   */
  public B rateLimit(double perSecond, int burst) {
    if (!(perSecond > 0) || burst < 1) {
      throw new IllegalArgumentException(
          "rateLimit: found "
              + perSecond
              + " requests a second and a burst of "
              + burst
              + ", allowed are more than 0 and 1 or more");
    }
    this.requestsPerSecond = perSecond;
    this.requestBurst = burst;
    return self();
  }
}

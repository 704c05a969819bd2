package sh.kaito.core.engine;

import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.core.plan.Planner;

/** The options of a {@link WorkspaceEngine}, with their defaults. Not thread-safe. */
abstract class EngineOptions<B extends EngineOptions<B>> {
  KubeTransport transport;
  @Nullable NodeProvisioner provisioner;
  @Nullable Scheduler scheduler;
  String installation = "default";
  Consumer<WorkspaceKey> onWake = key -> {};
  Planner planner = Planner.builder().build();
  UpgradePolicy upgrades = UpgradePolicy.HOLD;
  AdoptionPolicy adoption = AdoptionPolicy.ON_REQUEST;
  Set<String> namespaces = Set.of();
  String selector = "";
  Telemetry telemetry = new Telemetry();
  boolean metered;
  PurchaseGuard guard = PurchaseGuard.none();

  EngineOptions(KubeTransport transport) {
    this.transport = transport;
  }

  /** Who gets the GPU nodes; required. Closed with the engine. */
  public B provisioner(NodeProvisioner provisioner) {
    this.provisioner = provisioner;
    return self();
  }

  /** Time and threads; by default the wall clock and a small pool of its own. */
  public B scheduler(Scheduler scheduler) {
    this.scheduler = scheduler;
    return self();
  }

  /** Presets, instance types and image registry; by default those of the library on Azure. */
  public B planner(Planner planner) {
    this.planner = planner;
    return self();
  }

  /**
   * Tells installations of this library in one cluster apart; goes into the names of what is
   * bought, so it must never change while nodes exist. Default {@code default}.
   */
  public B installation(String installation) {
    this.installation = installation;
    return self();
  }

  /** What happens to running models when this release would make them otherwise. */
  public B upgradePolicy(UpgradePolicy policy) {
    this.upgrades = policy;
    return self();
  }

  /** Which Workspaces of the Go operator are taken over, with their nodes and models. */
  public B adoptionPolicy(AdoptionPolicy policy) {
    this.adoption = policy;
    return self();
  }

  /** Called with each key that should be reconciled: cheap, on any thread, often. */
  public B onWake(Consumer<WorkspaceKey> onWake) {
    this.onWake = onWake;
    return self();
  }

  /**
   * Works only on Workspaces of these namespaces, with one watch per namespace and kind. Nodes and
   * claims are cluster-scoped and watched whole. Default: all namespaces.
   *
   * @throws IllegalArgumentException when empty
   */
  public B namespaces(Collection<String> namespaces) {
    if (namespaces.isEmpty()) {
      throw new IllegalArgumentException(
          "namespaces: found none; leave the call out to work on all");
    }
    this.namespaces = Set.copyOf(namespaces);
    return self();
  }

  /**
   * Works only on Workspaces whose labels match, so that several engines can share a cluster. Two
   * engines that share it need selectors that never match the same Workspace.
   *
   * @param selector as {@code kubectl -l} takes it: {@code team=a,tier in (gold)}
   */
  public B selector(String selector) {
    this.selector = selector;
    return self();
  }

  /** Hears what happens to Workspaces; may be called several times. */
  public B listener(EngineListener listener) {
    telemetry.add(listener);
    return self();
  }

  /** The builder that these are options of. */
  abstract B self();

  Scope scope() {
    return new Scope(namespaces, selector);
  }

  /** Looks for other operators before a purchase. */
  B guard(PurchaseGuard otherOperators) {
    this.guard = otherOperators;
    return self();
  }

  /** The transport measures by itself, under this telemetry. */
  B metered(KubeTransport meteredTransport, Telemetry telemetry) {
    this.transport = meteredTransport;
    this.telemetry = telemetry;
    this.metered = true;
    return self();
  }
}

package sh.kaito.testkit.internal.apiserver;

import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.PodNetwork;
import sh.kaito.testkit.internal.apiserver.api.Registry;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.api.Schemas;
import sh.kaito.testkit.internal.apiserver.auth.Access;
import sh.kaito.testkit.internal.apiserver.auth.DefaultRoles;
import sh.kaito.testkit.internal.apiserver.auth.Peer;
import sh.kaito.testkit.internal.apiserver.auth.Users;
import sh.kaito.testkit.internal.apiserver.controllers.Controllers;
import sh.kaito.testkit.internal.apiserver.controllers.DefinitionController;
import sh.kaito.testkit.internal.apiserver.controllers.GarbageCollector;
import sh.kaito.testkit.internal.apiserver.controllers.NamespaceController;
import sh.kaito.testkit.internal.apiserver.controllers.RoleAggregation;
import sh.kaito.testkit.internal.apiserver.faults.FaultInjector;
import sh.kaito.testkit.internal.apiserver.handlers.Deletions;
import sh.kaito.testkit.internal.apiserver.handlers.ResourceHandler;
import sh.kaito.testkit.internal.apiserver.handlers.Resources;
import sh.kaito.testkit.internal.apiserver.handlers.RootHandler;
import sh.kaito.testkit.internal.apiserver.handlers.SystemWrites;
import sh.kaito.testkit.internal.apiserver.proxy.PodProxy;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.strategy.FieldOwnership;
import sh.kaito.testkit.internal.apiserver.strategy.Strategies;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.CustomSchema;
import sh.kaito.testkit.internal.schema.Refusal;

/**
 * The server without its front ends: a function from request to answer over one store. Thread-safe.
 */
public final class ApiServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);

  private final Store store;
  private final Registry registry = new Registry();
  private final RootHandler root;
  private final ResourceHandler resourceHandler;
  private final Controllers controllers;
  private final PodProxy proxy;
  private final FaultInjector faults;
  private final SystemWrites system;
  private final Access access;

  public ApiServer(
      Scheduler scheduler, PodNetwork network, int historyLimit, Users users, boolean rbac) {
    CustomSchema.requireRuleEngine();
    Clock clock = scheduler.clock();
    this.store = new Store(historyLimit);
    this.faults = new FaultInjector(scheduler, store::revision);
    this.root = new RootHandler(registry);
    this.proxy = new PodProxy(store, network);
    Schemas schemas = new Schemas();
    Strategies strategies = new Strategies();
    FieldOwnership ownership = new FieldOwnership(registry, schemas, strategies);
    Ids ids = new Ids(scheduler.random().nextLong());
    this.access = new Access(store, users, rbac, clock, ids);
    List<Resources.Admission> admissions =
        List.of(new PodAdmission(store, ids), new ServiceAddresses(store));
    Resources resources =
        new Resources(
            store,
            strategies,
            schemas,
            ownership,
            (type, subresource, object, old, dryRun) ->
                admissions.forEach(
                    admission -> admission.admit(type, subresource, object, old, dryRun)),
            clock,
            ids);
    Deletions deletions = new Deletions(resources, clock);
    this.system = new SystemWrites(resources);
    RoleAggregation aggregation = new RoleAggregation(store, registry, system);
    this.controllers =
        new Controllers(
            store,
            scheduler.executor(),
            new DefinitionController(store, registry, deletions, system, clock),
            new NamespaceController(store, registry, deletions, system),
            new GarbageCollector(store, registry, deletions, system),
            aggregation);
    this.resourceHandler =
        new ResourceHandler(
            registry, store, resources, deletions, schemas, ownership, proxy, access, scheduler);
    for (String namespace : List.of("default", "kube-node-lease", "kube-public", "kube-system")) {
      createNamespace(namespace);
    }
    createApiService();
    if (rbac) {
      createDefaultRoles();
      aggregation.aggregate();
    }
    createPriority(
        "system-node-critical",
        2_000_001_000L,
        "Used for system critical pods that must not be moved from their current node.");
    createPriority(
        "system-cluster-critical",
        2_000_000_000L,
        "Used for system critical pods that must run in the cluster, but can be moved to another"
            + " node if necessary.");
  }

  private void createPriority(String name, long value, String description) {
    system.create(
        Objects.requireNonNull(registry.find("scheduling.k8s.io", "v1", "priorityclasses")),
        null,
        Json.objectOf(
            "metadata", Json.objectOf("name", name), "value", value, "description", description),
        "kube-apiserver");
  }

  private ResourceType core(String plural) {
    return Objects.requireNonNull(registry.find("", "v1", plural));
  }

  private void createDefaultRoles() {
    ResourceType roles = rbacType("clusterroles");
    DefaultRoles.clusterRoles().forEach(role -> system.create(roles, null, role, "kube-apiserver"));
    ResourceType bindings = rbacType("clusterrolebindings");
    DefaultRoles.clusterRoleBindings()
        .forEach(binding -> system.create(bindings, null, binding, "kube-apiserver"));
  }

  private ResourceType rbacType(String plural) {
    return Objects.requireNonNull(registry.find("rbac.authorization.k8s.io", "v1", plural));
  }

  private void createNamespace(String name) {
    system.create(
        core("namespaces"),
        null,
        Json.objectOf("metadata", Json.objectOf("name", name)),
        "kube-apiserver");
  }

  /** Clients expect the Service through which pods reach the API server. */
  private void createApiService() {
    system.create(
        core("services"),
        "default",
        Json.objectOf(
            "metadata",
            Json.objectOf(
                "name",
                "kubernetes",
                "namespace",
                "default",
                "labels",
                Json.objectOf("component", "apiserver", "provider", "kubernetes")),
            "spec",
            Json.objectOf(
                "clusterIP",
                "10.96.0.1",
                "clusterIPs",
                List.of("10.96.0.1"),
                "ports",
                List.of(
                    Json.objectOf(
                        "name", "https", "port", 443L, "protocol", "TCP", "targetPort", 6443L)))),
        "kube-apiserver");
  }

  /** Host and port as clients reach the server. */
  public void address(String hostAndPort) {
    root.address(hostAndPort);
  }

  /** The store, for measurements and compaction. */
  public Store store() {
    return store;
  }

  /** Faults on purpose. */
  public FaultInjector faults() {
    return faults;
  }

  /**
   * Answers a request; never throws.
   *
   * @param peer what the connection tells about the client
   * @return exceptionally only where a fault on purpose breaks the connection
   */
  public CompletionStage<Answer> serve(KubeRequest request, Peer peer) {
    return faults.apply(request, asked -> handle(asked, peer));
  }

  private Answer handle(KubeRequest sent, Peer peer) {
    try {
      Access.Admitted admitted = access.admit(sent, peer);
      KubeRequest request = admitted.request();
      KubeResponse rooted = root.handle(request);
      if (rooted != null) {
        return new Answer.Whole(rooted);
      }
      Answer answer = resourceHandler.handle(request, admitted.caller());
      return answer != null
          ? answer
          : new Answer.Whole(RootHandler.text(404, "404 page not found\n"));
    } catch (ApiFailure e) {
      return new Answer.Whole(e.response());
    } catch (Refusal e) {
      return new Answer.Whole(ApiFailure.of(e).response());
    } catch (Throwable e) {
      // Errors too: a missing class or an endless recursion must not leave a client waiting.
      LOG.error("{} {} failed", sent.method(), sent.path(), e);
      return new Answer.Whole(defect(sent, e).response());
    }
  }

  /** What a client hears of a defect of this server: which one it is, and where the rest stands. */
  private static ApiFailure defect(KubeRequest request, Throwable defect) {
    String message =
        "the embedded API server failed in "
            + request.method()
            + " "
            + request.path()
            + ": "
            + defect.getClass().getSimpleName()
            + (defect.getMessage() == null ? "" : ": " + defect.getMessage())
            + " (its log has the stack trace)";
    return ApiFailure.internal(message);
  }

  @Override
  public void close() {
    controllers.close();
    proxy.close();
  }
}

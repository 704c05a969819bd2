package sh.kaito.core.engine;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import sh.kaito.api.kube.RequestInfo;

/**
 * Measurements of a controller or an engine as Micrometer meters. The one class of the library that
 * knows Micrometer; {@code io.micrometer:micrometer-core} is an optional dependency and must be on
 * the class path where this class is used.
 *
 * <pre>{@code
 * KaitoMetrics metrics = KaitoMetrics.bind(controller, registry);
 * }</pre>
 *
 * <p>Names are Micrometer's; in Prometheus {@code kaito.workspace.count} is {@code
 * kaito_workspace_count}, as the Go operator has it, and timers end in {@code _seconds}. Tags have
 * few values: no name of a Workspace, Node or namespace is one. The page {@code docs/metrics.md}
 * lists all.
 *
 * <p>Thread-safe. {@link #close()} takes the meters out of the registry again.
 */
public final class KaitoMetrics implements AutoCloseable {
  static final List<String> PHASES = List.of("pending", "succeeded", "error", "deleting");

  /** What the library asks for; anything else, such as a sample's own calls, is one value. */
  private static final Set<String> RESOURCES =
      Set.of(
          "workspaces",
          "workspaces/status",
          "nodes",
          "pods",
          "services",
          "endpoints",
          "events",
          "configmaps",
          "secrets",
          "serviceaccounts",
          "persistentvolumeclaims",
          "deployments",
          "statefulsets",
          "jobs",
          "controllerrevisions",
          "daemonsets",
          "leases",
          "nodeclaims",
          "machines",
          "customresourcedefinitions",
          "validatingwebhookconfigurations",
          "resourcequotas",
          "limitranges",
          "namespaces");

  private static final Set<String> VERBS =
      Set.of("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection");

  /** The page's rows: name, type, tags, meaning. */
  static final List<List<String>> TABLE =
      List.of(
          List.of(
              "kaito.workspace.count",
              "gauge",
              "phase: " + String.join(", ", PHASES),
              "Workspaces in each phase. `error` is condition `Stalled`; start-up is `pending`"),
          List.of(
              "kaito.reconcile",
              "timer",
              "outcome: unchanged, wrote, waiting, failed, gone",
              "Reconciles, and how long each took; it never includes a wait for nodes or pods"),
          List.of("kaito.queue.depth", "gauge", "", "Keys that wait for their turn"),
          List.of("kaito.queue.active", "gauge", "", "Keys that are being reconciled"),
          List.of(
              "kaito.api.requests",
              "timer",
              "verb, resource (`other` for what the library does not ask for), code (HTTP status;"
                  + " `none` without answer)",
              "Requests to the API server and their time; watches are counted below"),
          List.of(
              "kaito.api.watches",
              "counter",
              "resource, code",
              "Watches that ended, with 200 where the server ended them in good order"),
          List.of(
              "kaito.api.conflicts",
              "counter",
              "resource",
              "Writes that were answered 409: somebody else had written in between"),
          List.of("kaito.nodes.requested", "counter", "", "Nodes that were asked for: money"),
          List.of(
              "kaito.purchases.paused.types",
              "gauge",
              "",
              "Instance types of which nothing more is requested for now, because the cloud refused"
                  + " one: no quota, no machines, not offered"),
          List.of(
              "kaito.purchases.held",
              "gauge",
              "",
              "1 while nothing is bought because another operator works on Workspaces, else 0"),
          List.of(
              "kaito.orphans.collected",
              "counter",
              "",
              "Vanished owners whose nodes were let go, because nobody else would"),
          List.of(
              "kaito.orphans.pauses",
              "counter",
              "",
              "Looks for such nodes that let go of nothing, because something is wrong that a person"
                  + " should see; the log says what"),
          List.of(
              "kaito.workspace.transitions",
              "counter",
              "to: nodes-ready, ready, not-ready, failed, deleting, deleted",
              "What happened to Workspaces"),
          List.of(
              "kaito.leader",
              "gauge",
              "",
              "1 while this process works on Workspaces, 0 while it stands by or starts"),
          List.of("kaito.ready", "gauge", "", "1 while the readiness probe answers well, else 0"));

  private final MeterRegistry registry;
  private final Telemetry telemetry;
  private final Telemetry.Sink sink = new Measurements();
  private final List<Meter> gauges = new CopyOnWriteArrayList<>();
  private final List<Meter> meters = new CopyOnWriteArrayList<>();

  private KaitoMetrics(MeterRegistry registry, Telemetry telemetry) {
    this.registry = registry;
    this.telemetry = telemetry;
  }

  /**
   * Begins to measure a controller.
   *
   * @param controller started or not
   */
  public static KaitoMetrics bind(KaitoController controller, MeterRegistry registry) {
    KaitoMetrics metrics = new KaitoMetrics(registry, controller.telemetry());
    metrics.phases(controller::phases);
    metrics.gauge("kaito.queue.depth", controller::queueDepth);
    metrics.gauge("kaito.queue.active", controller::active);
    metrics.gauge("kaito.purchases.paused.types", controller::pausedTypes);
    metrics.gauge("kaito.purchases.held", controller::held);
    metrics.gauge("kaito.leader", () -> controller.isLeading() ? 1 : 0);
    metrics.gauge("kaito.ready", () -> controller.isReady() ? 1 : 0);
    metrics.begin();
    return metrics;
  }

  /** Begins to measure an engine inside somebody else's controller: without queue and lease. */
  public static KaitoMetrics bind(WorkspaceEngine engine, MeterRegistry registry) {
    KaitoMetrics metrics = new KaitoMetrics(registry, engine.telemetry());
    metrics.phases(engine::phases);
    metrics.gauge("kaito.purchases.paused.types", engine::pausedTypes);
    metrics.gauge("kaito.ready", () -> engine.isSynced() ? 1 : 0);
    metrics.begin();
    return metrics;
  }

  private void begin() {
    telemetry.add(sink);
  }

  private interface Figure {
    int value();
  }

  private interface Phases {
    Map<String, Integer> now();
  }

  private void gauge(String name, Figure figure) {
    gauges.add(
        Gauge.builder(name, figure, Figure::value)
            .description(describe(name))
            .strongReference(true)
            .register(registry));
  }

  private void phases(Phases phases) {
    for (String phase : PHASES) {
      gauges.add(
          Gauge.builder("kaito.workspace.count", phases, all -> all.now().getOrDefault(phase, 0))
              .tag("phase", phase)
              .description(describe("kaito.workspace.count"))
              .strongReference(true)
              .register(registry));
    }
  }

  private static String describe(String name) {
    for (List<String> row : TABLE) {
      if (row.get(0).equals(name)) {
        return row.get(3);
      }
    }
    throw new IllegalArgumentException("no row of the table describes " + name);
  }

  private Counter counter(String name, String... tags) {
    return kept(Counter.builder(name).tags(tags).description(describe(name)).register(registry));
  }

  private Timer timer(String name, String... tags) {
    return kept(Timer.builder(name).tags(tags).description(describe(name)).register(registry));
  }

  private <M extends Meter> M kept(M meter) {
    if (!meters.contains(meter)) {
      meters.add(meter);
    }
    return meter;
  }

  /** Stops measuring and takes the meters out of the registry. Idempotent. */
  @Override
  public void close() {
    telemetry.remove(sink);
    gauges.forEach(registry::remove);
    meters.forEach(registry::remove);
    gauges.clear();
    meters.clear();
  }

  private final class Measurements implements Telemetry.Sink {
    @Override
    public void request(RequestInfo request, int status, Duration took) {
      String asked = request.isResourceRequest() ? request.resourceAndSubresource() : "discovery";
      String resource = asked.equals("discovery") || RESOURCES.contains(asked) ? asked : "other";
      String verb = VERBS.contains(request.verb()) ? request.verb() : "other";
      String code = status == 0 ? "none" : Integer.toString(status);
      if (verb.equals("watch")) {
        counter("kaito.api.watches", "resource", resource, "code", code).increment();
        return;
      }
      timer("kaito.api.requests", "verb", verb, "resource", resource, "code", code).record(took);
      if (status == 409) {
        counter("kaito.api.conflicts", "resource", resource).increment();
      }
    }

    @Override
    public void reconciled(ReconcileResult.Outcome outcome, Duration took) {
      timer("kaito.reconcile", "outcome", outcome.name().toLowerCase(Locale.ROOT)).record(took);
    }

    @Override
    public void event(EngineEvent event) {
      if (event instanceof EngineEvent.NodesRequested requested) {
        counter("kaito.nodes.requested").increment(requested.nodes());
      } else if (event instanceof EngineEvent.NodesReady) {
        transition("nodes-ready");
      } else if (event instanceof EngineEvent.Ready) {
        transition("ready");
      } else if (event instanceof EngineEvent.NotReady) {
        transition("not-ready");
      } else if (event instanceof EngineEvent.Failed) {
        transition("failed");
      } else if (event instanceof EngineEvent.Deleting) {
        transition("deleting");
      } else if (event instanceof EngineEvent.Deleted) {
        transition("deleted");
      }
    }

    @Override
    public void collected(long owners, long paused) {
      counter("kaito.orphans.collected").increment(owners);
      counter("kaito.orphans.pauses").increment(paused);
    }

    private void transition(String to) {
      counter("kaito.workspace.transitions", "to", to).increment();
    }
  }

  /** The page {@code docs/metrics.md}. */
  static String page() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Metrics

        `KaitoMetrics.bind(controller, registry)` registers these meters with Micrometer, which is an optional dependency
        (`io.micrometer:micrometer-core`). Prometheus writes dots as underscores: `kaito.workspace.count` is
        `kaito_workspace_count`; counters end in `_total`; timers become `_seconds_count`, `_seconds_sum` and `_seconds_max`.
        No tag holds a name of a Workspace, a Node or a namespace, so the number of series does not grow with the cluster.

        This page is written from the code; a test compares the two.

        | Meter | Type | Tags | What it says |
        |---|---|---|---|
        """);
    for (List<String> row : TABLE) {
      page.append("| `").append(row.get(0)).append("` | ");
      page.append(row.get(1)).append(" | ").append(row.get(2)).append(" | ");
      page.append(row.get(3)).append(" |\n");
    }
    page.append(
        """

        An engine inside another controller has no queue and no lease, looks for no other operator and collects no
        nodes without owner: `KaitoMetrics.bind(engine, registry)` leaves `kaito.queue.*`, `kaito.leader`,
        `kaito.purchases.held` and `kaito.orphans.*` out.

        Alerts to begin with:

        | Alert when | Because |
        |---|---|
        | `kaito_workspace_count{phase="error"} > 0` for some minutes | a person must act; the Workspace's condition `Stalled` says how |
        | `sum(kaito_leader) != 1` for more than a minute | nobody works, or two do |
        | `increase(kaito_nodes_requested_total[1h])` above what is usual | nodes are lost and bought again |
        | `kaito_purchases_paused_types > 0` for an hour | Workspaces wait for an instance type that the cloud does not give |
        | `kaito_purchases_held > 0` | another operator has appeared; see the log |
        | `increase(kaito_orphans_pauses_total[1h]) > 0` | nodes may be left over, and a person must decide; see the log |
        | `kaito_queue_depth` stays above zero | more `workers`, or the API server is slow: see `kaito_api_requests_seconds` |
        | `rate(kaito_api_conflicts_total[5m]) > 0` for long | somebody else writes to the same Workspaces |
        """);
    return page.toString();
  }
}

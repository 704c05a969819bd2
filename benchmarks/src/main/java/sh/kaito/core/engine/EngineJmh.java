package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.plan.PlanDiff;
import sh.kaito.core.plan.PlanOutcome;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.VirtualScheduler;

/**
 * The engine's steps under JMH: deciding, reading and writing objects, comparing. It stands in the
 * engine's package because the steps are nobody else's to call. Run in the process that Maven
 * starts, which has the class path:
 *
 * <pre>{@code
 * ./mvnw -q -pl benchmarks -am compile exec:java -Dexec.mainClass=sh.kaito.core.engine.EngineJmh
 * }</pre>
 *
 * <p>Options of JMH go into {@code -Dexec.args}, such as {@code "drift"}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class EngineJmh {
  private static final Duration LIMIT = Duration.ofHours(1);
  private static final WorkspaceKey KEY = WorkspaceKey.of("phi-3");
  private static final String YAML =
      """
      apiVersion: kaito.sh/v1beta1
      kind: Workspace
      metadata: {name: phi-3}
      resource:
        instanceType: Standard_NC24ads_A100_v4
        labelSelector: {matchLabels: {apps: phi-3}}
      inference:
        preset: {name: phi-3-mini-4k-instruct}
      """;

  /** A cluster on virtual time with one Workspace that serves, and an engine over it. */
  @State(Scope.Benchmark)
  public static class Served {
    private final VirtualScheduler time = VirtualScheduler.seeded(1);
    private final SimulatedCluster cluster = SimulatedCluster.onVirtualTime(time);
    private final WorkspaceEngine engine =
        WorkspaceEngine.builder(cluster.transport())
            .scheduler(time)
            .provisioner(ClaimProvisioner.gpuProvisioner())
            .start();
    private byte[] workspace = new byte[0];
    private byte[] deployment = new byte[0];

    /** Brings it to ready. */
    @Setup(Level.Trial)
    public void bringUp() {
      time.await(
          cluster
              .transport()
              .exchange(
                  KubeRequest.post(
                          ResourceType.WORKSPACES_V1BETA1.path("default"),
                          Workspaces.toJson(Workspaces.read(YAML)).getBytes(StandardCharsets.UTF_8))
                      .build()),
          LIMIT);
      for (int minute = 0; minute < 10; minute++) {
        time.advance(Duration.ofMinutes(1));
        reconcile();
      }
      workspace = get("/apis/kaito.sh/v1beta1/namespaces/default/workspaces/phi-3");
      deployment = get("/apis/apps/v1/namespaces/default/deployments/phi-3");
      if (deployment.length < 1000) {
        deployment = get("/apis/apps/v1/namespaces/default/statefulsets/phi-3");
      }
    }

    private byte[] get(String path) {
      return time.await(cluster.transport().exchange(KubeRequest.get(path).build()), LIMIT).body();
    }

    private ReconcileResult reconcile() {
      return time.await(engine.reconcile(KEY), LIMIT);
    }

    /** Ends it. */
    @TearDown(Level.Trial)
    public void close() {
      engine.close();
      cluster.close();
    }
  }

  private final Workspace read = Workspaces.read(YAML);
  private final Workspace changed =
      Workspaces.read(YAML.replace("phi-3-mini-4k-instruct", "phi-3-mini-128k-instruct"));
  private final Planner planner = Planner.builder().build();

  /** Observes, decides, and finds nothing to do: what an event of a ready Workspace costs. */
  @Benchmark
  public Object decideSettled(Served served) {
    return served.reconcile();
  }

  /** A watch event of a workload, from bytes to what the cache keeps. */
  @Benchmark
  public Object decodeWorkload(Served served) throws IOException {
    return Decoders.child(ResourceType.STATEFULSETS, KubeJson.readPruned(served.deployment));
  }

  /** A Workspace, from bytes to its model. */
  @Benchmark
  public Object decodeWorkspace(Served served) {
    return Workspaces.fromJson(served.workspace);
  }

  /** A workload, from its tree to bytes. */
  @Benchmark
  public Object serialiseWorkload(Served served, Tree tree) {
    return KubeJson.write(tree.of(served));
  }

  /** Whether a workload is still what was made. */
  @Benchmark
  public List<String> driftOfWorkload(Served served, Tree tree) {
    JsonNode said = ChildDecisions.said(tree.of(served));
    return Drift.of(said, said);
  }

  /** What a change of a Workspace means. */
  @Benchmark
  public Object planDiff() {
    return PlanDiff.of(read, changed);
  }

  /** The plan of a Workspace. */
  @Benchmark
  public PlanOutcome plan() {
    return planner.plan(read);
  }

  /** A workload, read once. */
  @State(Scope.Benchmark)
  public static class Tree {
    private ObjectNode tree = KubeJson.object();

    private ObjectNode of(Served served) {
      if (tree.isEmpty()) {
        try {
          tree = (ObjectNode) KubeJson.read(served.deployment);
        } catch (IOException e) {
          throw new IllegalStateException("the API server sends JSON", e);
        }
      }
      return tree;
    }
  }

  /** Runs what the arguments name, or all; in this process, for two minutes unless told. */
  public static void main(String[] arguments) throws RunnerException, CommandLineOptionException {
    CommandLineOptions given = new CommandLineOptions(arguments);
    ChainedOptionsBuilder options = new OptionsBuilder().parent(given).forks(0);
    if (given.getIncludes().isEmpty()) {
      options.include(EngineJmh.class.getSimpleName());
    }
    if (!given.getWarmupIterations().hasValue()) {
      options.warmupIterations(3).warmupTime(TimeValue.seconds(1));
    }
    if (!given.getMeasurementIterations().hasValue()) {
      options.measurementIterations(5).measurementTime(TimeValue.seconds(1));
    }
    new Runner(options.build()).run();
  }
}

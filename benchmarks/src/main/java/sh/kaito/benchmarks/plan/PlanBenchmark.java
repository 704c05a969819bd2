package sh.kaito.benchmarks.plan;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceReadException;
import sh.kaito.api.model.Workspaces;
import sh.kaito.core.catalog.GpuCatalog;
import sh.kaito.core.catalog.InstanceType;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.catalog.PresetRegistry;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanDiff;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.plan.Sizing;
import sh.kaito.core.plan.SizingOptions;
import sh.kaito.core.validation.WorkspaceValidator;

/**
 * What reading, validating and planning costs, in processor time of one thread, so that a busy
 * machine does not count: {@code ./mvnw -q -pl benchmarks -am compile exec:java
 * -Dexec.mainClass=sh.kaito.benchmarks.plan.PlanBenchmark}.
 */
public final class PlanBenchmark {
  private static final String PHI_4 =
      """
      apiVersion: kaito.sh/v1beta1
      kind: Workspace
      metadata:
        name: phi-4
        namespace: models
      resource:
        instanceType: Standard_NC24ads_A100_v4
        labelSelector:
          matchLabels:
            apps: phi-4
      inference:
        preset:
          name: phi-4
        adapters:
          - source: {name: support, image: "registry.example.org/adapters/support:1"}
      """;

  private final PrintStream out;
  private long seen;

  private PlanBenchmark(PrintStream out) {
    this.out = out;
  }

  /** Measures and prints. */
  public static void main(String[] arguments) {
    PlanBenchmark benchmark = new PlanBenchmark(System.out);
    benchmark.first();
    benchmark.steady();
    benchmark.hostile();
    System.out.println("(" + benchmark.seen + " results looked at)");
  }

  /** In a fresh process: class loading, catalogues and all. */
  private void first() {
    long start = cpu();
    Workspace workspace = Workspaces.read(PHI_4);
    long read = cpu();
    long heap = used();
    long before = cpu();
    PresetRegistry presets = PresetRegistry.builtIn();
    GpuCatalog gpus = GpuCatalog.builtIn();
    long catalogues = cpu();
    long heapAfter = used();
    long again = cpu();
    seen += Planner.builder().build().plan(workspace).orElseThrow().explain().length();
    long planned = cpu();
    out.printf("first read              %8.1f ms%n", (read - start) / 1e6);
    out.printf("first use of catalogues %8.1f ms%n", (catalogues - before) / 1e6);
    out.printf("first plan, explained   %8.1f ms%n", (planned - again) / 1e6);
    out.printf(
        "classes loaded          %8d%n",
        ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount());
    out.printf(
        "heap of the catalogues  %8d KiB (%d presets, %d instance types)%n",
        (heapAfter - heap) / 1024, presets.presets().size(), gpus.instanceTypes().size());
  }

  private void steady() {
    Planner planner = Planner.builder().build();
    WorkspaceValidator validator = WorkspaceValidator.of(planner);
    Workspace workspace = Workspaces.read(PHI_4);
    Workspace changed = Workspaces.read(PHI_4.replace("support:1", "support:2"));
    Plan plan = planner.plan(workspace).orElseThrow();
    PlanInputs none = PlanInputs.none();
    measure("read", 1_000, () -> Workspaces.read(PHI_4));
    measure("validate", 1_000, () -> validator.validateCreate(workspace));
    measure("plan", 1_000, () -> planner.plan(workspace));
    measure("explain", 1_000, plan::explain);
    measure("diff", 1_000, () -> PlanDiff.of(planner, workspace, none, changed, none));
    measure("sizing of every model on every instance type", 1, PlanBenchmark::sizingTable);
    measure("plan of every preset on every instance type", 1, () -> planTable(planner));
  }

  private static Integer sizingTable() {
    int fit = 0;
    List<InstanceType> types = GpuCatalog.builtIn().instanceTypes();
    for (ModelPreset preset : PresetRegistry.builtIn().presets()) {
      if (preset.facts().isPresent()) {
        for (InstanceType type : types) {
          if (Sizing.of(preset.facts().get(), type.gpu(), SizingOptions.defaults())
              instanceof Sizing) {
            fit++;
          }
        }
      }
    }
    return fit;
  }

  private static Integer planTable(Planner planner) {
    int possible = 0;
    List<InstanceType> types = GpuCatalog.builtIn().instanceTypes();
    for (ModelPreset preset : PresetRegistry.builtIn().presets()) {
      for (InstanceType type : types) {
        Workspace each =
            Workspace.builder()
                .name("w")
                .resource(
                    resource -> resource.instanceType(type.name()).matchLabels(Map.of("apps", "w")))
                .inference(inference -> inference.preset(preset.name()))
                .build();
        if (planner.plan(each) instanceof Plan) {
          possible++;
        }
      }
    }
    return possible;
  }

  private void hostile() {
    measure("refuse 10 MB", 1, () -> refuse("a: " + "x".repeat(10_000_000)));
    measure("refuse depth", 1, () -> refuse("a: " + "[".repeat(700_000)));
    measure("refuse 250,000 entries", 1, () -> refuse("k: v\n".repeat(250_000)));
    measure("refuse 250,000 escapes", 1, () -> refuse("a: \"" + "\\u0041".repeat(250_000) + "\""));
  }

  private static String refuse(String text) {
    try {
      throw new IllegalStateException("accepted: " + Workspaces.readAll(text));
    } catch (WorkspaceReadException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Twenty rounds, of which the best counts: what is left of warming up and collecting goes. */
  private void measure(String what, int calls, Supplier<?> call) {
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      long start = cpu();
      for (int i = 0; i < calls; i++) {
        seen += call.get().hashCode() == 0 ? 0 : 1;
      }
      best = Math.min(best, cpu() - start);
    }
    out.printf("%-45s %10.3f ms%n", what, best / 1e6 / calls);
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}

package sh.kaito.samples.plan;

import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceManifests;
import sh.kaito.api.model.WorkspaceReadException;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;
import sh.kaito.core.manifest.RenderOutcome;
import sh.kaito.core.manifest.RenderRefusal;
import sh.kaito.core.manifest.Rendered;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanDiff;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.validation.WorkspaceValidator;

/** Validates and plans Workspaces without touching a cluster. */
public final class PlanCommand {
  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;
  private final Terminal terminal;
  private boolean refused;

  PlanCommand(InputStream in, PrintStream out, PrintStream err, Terminal terminal) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Terminal terminal = Terminal.of(System.getenv());
    int code = new PlanCommand(System.in, System.out, System.err, terminal).run(List.of(arguments));
    System.out.flush();
    System.exit(code);
  }

  int run(List<String> arguments) {
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage());
      err.print(Options.USAGE);
      return 2;
    }
    if (options.help) {
      out.print(Options.USAGE);
      return 0;
    }
    try {
      return run(options);
    } catch (UncheckedIOException e) {
      err.println(e.getMessage());
      return 2;
    }
  }

  private int run(Options options) {
    Documents now = read(options.files.isEmpty() ? List.of(Path.of("-")) : options.files);
    Documents before = read(options.old.stream().toList());
    Optional<Documents> nodes = options.nodes.map(file -> read(List.of(file)));
    if (nodes.isPresent() && nodes.get().nodeLabels().isEmpty() && !refused) {
      err.println(options.nodes.get() + ": no Node found; write it with kubectl get nodes -o yaml");
      return 2;
    }
    if (now.workspaces().isEmpty() && !refused) {
      boolean piped = options.files.isEmpty() || options.files.equals(List.of(Path.of("-")));
      err.println(
          (piped ? "the standard input holds no Workspace" : "no Workspace found")
              + "; begin with apiVersion: kaito.sh/v1beta1, kind: Workspace, or name a file:"
              + " plan phi-3.yaml");
      return 2;
    }
    Planner planner = Planner.builder().bringYourOwn(nodes.isPresent()).build();
    for (Workspace workspace : now.workspaces()) {
      Optional<Workspace> old = before.same(workspace);
      if (options.old.isPresent() && old.isEmpty()) {
        err.println(
            terminal.warning(
                options.old.get()
                    + " has no Workspace "
                    + Documents.describe(workspace)
                    + "; taken as new"));
      }
      PlanInputs inputs = inputs(workspace, now, nodes);
      if (old.isPresent()) {
        change(options, planner, old.get(), inputs(old.get(), before, nodes), workspace, inputs);
      } else {
        create(options, planner, workspace, inputs, now);
      }
    }
    return refused ? 1 : 0;
  }

  /** Every file is read, so that one answer tells all that is wrong. */
  private Documents read(List<Path> files) {
    Documents documents = new Documents();
    for (Path file : files) {
      try {
        WorkspaceManifests manifests =
            file.toString().equals("-")
                ? Workspaces.readAll(in, "<stdin>")
                : Workspaces.readAll(file);
        documents.add(manifests);
      } catch (WorkspaceReadException e) {
        print(e.violations(), List.of());
      }
    }
    return documents;
  }

  private void create(
      Options options,
      Planner planner,
      Workspace workspace,
      PlanInputs inputs,
      Documents documents) {
    List<Violation> violations = WorkspaceValidator.of(planner).validateCreate(workspace, inputs);
    boolean ours = Violations.hasErrors(violations);
    if (!ours && planner.plan(workspace, inputs) instanceof Plan plan) {
      print(violations, options.output == Options.Output.OBJECTS ? List.of() : plan.warnings());
      switch (options.output) {
        case EXPLAIN -> out.println(terminal.titles(plan.explain()));
        case JSON -> out.println(plan.toJson());
        case OBJECTS -> objects(plan, workspace, documents);
      }
    } else {
      print(violations, List.of());
    }
  }

  private void change(
      Options options,
      Planner planner,
      Workspace old,
      PlanInputs oldInputs,
      Workspace workspace,
      PlanInputs inputs) {
    print(WorkspaceValidator.of(planner).validateUpdate(old, workspace, inputs), List.of());
    PlanDiff diff = PlanDiff.of(planner, old, oldInputs, workspace, inputs);
    refused |= !diff.violations().isEmpty();
    out.println(
        options.output == Options.Output.JSON ? diff.toJson() : terminal.titles(diff.explain()));
  }

  private void objects(Plan plan, Workspace workspace, Documents documents) {
    RenderOutcome outcome =
        Objects.render(plan, workspace, documents.configMaps(Documents.namespace(workspace)));
    if (outcome instanceof Rendered rendered) {
      rendered.manifests().forEach(manifest -> out.print(Objects.yaml(manifest)));
    } else if (outcome instanceof RenderRefusal refusal) {
      print(
          workspace
              .source()
              .map(source -> Violations.locatedIn(source, refusal.violations()))
              .orElse(refusal.violations()),
          List.of());
    } else {
      refused = true;
      err.println(terminal.error(Documents.describe(workspace) + ": " + outcome));
    }
  }

  /** What a plan says itself is not said twice. */
  private void print(List<Violation> violations, List<Violation> said) {
    for (Violation violation : violations) {
      if (violation.isError()) {
        refused = true;
        err.println(terminal.error(violation.toString()));
      } else if (!said.contains(violation)) {
        err.println(terminal.warning(violation.toString()));
      }
    }
  }

  private static PlanInputs inputs(
      Workspace workspace, Documents documents, Optional<Documents> nodes) {
    Map<String, Map<String, String>> configMaps =
        documents.configMaps(Documents.namespace(workspace));
    return PlanInputs.builder()
        .nodeLabels(
            nodes.map(
                all ->
                    all.nodeLabels().stream()
                        .filter(labels -> Objects.selects(workspace, labels))
                        .toList()))
        .inferenceConfig(
            workspace
                .inference()
                .flatMap(inference -> inference.config())
                .flatMap(name -> text(configMaps, name, KaitoApi.INFERENCE_CONFIG_KEY)))
        .trainingConfig(
            workspace
                .tuning()
                .flatMap(tuning -> tuning.config())
                .flatMap(name -> text(configMaps, name, KaitoApi.TRAINING_CONFIG_KEY)))
        .build();
  }

  private static Optional<String> text(
      Map<String, Map<String, String>> configMaps, String name, String key) {
    return Optional.ofNullable(configMaps.getOrDefault(name, Map.of()).get(key));
  }
}

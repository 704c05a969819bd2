package sh.kaito.samples.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.ManifestDocument;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.api.model.WorkspaceManifests;
import sh.kaito.api.model.WorkspaceReadException;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.validation.WorkspaceValidator;

/** Validates and plans Workspaces without touching a cluster. */
public final class PlanCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;

  PlanCommand(InputStream in, PrintStream out, PrintStream err) {
    this.in = in;
    this.out = out;
    this.err = err;
  }

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    int code = new PlanCommand(System.in, System.out, System.err).run(List.of(arguments));
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
    try {
      return run(options);
    } catch (WorkspaceReadException e) {
      err.println(Violations.report(e.violations()));
      return 1;
    } catch (UncheckedIOException e) {
      err.println(e.getMessage());
      return 2;
    }
  }

  private int run(Options options) {
    Optional<List<Map<String, String>>> nodes = options.nodes.map(PlanCommand::nodeLabels);
    Planner planner = Planner.builder().bringYourOwn(nodes.isPresent()).build();
    WorkspaceValidator validator = WorkspaceValidator.of(planner);
    Map<WorkspaceKey, Workspace> before = new HashMap<>();
    options.old.ifPresent(
        file -> Workspaces.readAll(file).workspaces().forEach(old -> before.put(old.key(), old)));

    boolean refused = false;
    for (WorkspaceManifests manifests : read(options.files)) {
      for (Workspace workspace : manifests.workspaces()) {
        PlanInputs inputs = inputs(workspace, manifests.others(), nodes);
        Workspace old = before.get(workspace.key());
        List<Violation> violations =
            old == null
                ? validator.validateCreate(workspace, inputs)
                : validator.validateUpdate(old, workspace, inputs);
        Violations.errors(violations).forEach(err::println);
        if (Violations.hasErrors(violations)) {
          refused = true;
        } else if (planner.plan(workspace, inputs) instanceof Plan plan) {
          out.println(options.json ? plan.toJson() : plan.explain());
        }
      }
    }
    return refused ? 1 : 0;
  }

  private List<WorkspaceManifests> read(List<Path> files) {
    List<WorkspaceManifests> manifests = new ArrayList<>();
    if (files.isEmpty()) {
      manifests.add(Workspaces.readAll(in, "stdin"));
    }
    for (Path file : files) {
      manifests.add(
          file.toString().equals("-") ? Workspaces.readAll(in, "stdin") : Workspaces.readAll(file));
    }
    return manifests;
  }

  private static PlanInputs inputs(
      Workspace workspace,
      List<ManifestDocument> documents,
      Optional<List<Map<String, String>>> nodes) {
    return PlanInputs.builder()
        .nodeLabels(nodes)
        .inferenceConfig(
            workspace
                .inference()
                .flatMap(inference -> inference.config())
                .flatMap(name -> data(documents, name, KaitoApi.INFERENCE_CONFIG_KEY)))
        .trainingConfig(
            workspace
                .tuning()
                .flatMap(tuning -> tuning.config())
                .flatMap(name -> data(documents, name, KaitoApi.TRAINING_CONFIG_KEY)))
        .build();
  }

  /** An entry of a ConfigMap that stands beside the Workspace. */
  private static Optional<String> data(List<ManifestDocument> documents, String name, String key) {
    return documents.stream()
        .filter(document -> document.kind().equals("ConfigMap"))
        .filter(document -> document.name().equals(Optional.of(name)))
        .map(document -> tree(document).path("data").path(key))
        .filter(JsonNode::isTextual)
        .map(JsonNode::textValue)
        .findFirst();
  }

  private static List<Map<String, String>> nodeLabels(Path file) {
    List<Map<String, String>> nodes = new ArrayList<>();
    for (ManifestDocument document : Workspaces.readAll(file).others()) {
      if (document.kind().equals("Node")) {
        Map<String, String> labels = new HashMap<>();
        tree(document)
            .path("metadata")
            .path("labels")
            .properties()
            .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        nodes.add(labels);
      }
    }
    return nodes;
  }

  private static JsonNode tree(ManifestDocument document) {
    try {
      return JSON.readTree(document.toJson());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a document that was read has a JSON form", e);
    }
  }
}

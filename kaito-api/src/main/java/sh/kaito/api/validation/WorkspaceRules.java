package sh.kaito.api.validation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sh.kaito.api.internal.text.Names;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.validation.Violation.Severity;

/**
 * The rules for Workspaces that need no catalogue of models and instance types and no cluster. Pure
 * functions. Whether a preset exists, an instance type is known and the model fits on it is judged
 * with the catalogues, in {@code kaito-core}.
 *
 * <p>The rules are those of the Go operator's admission webhook, the names of which ({@code V-51})
 * the violations carry; where the webhook lets through what cannot work (adapters on creation, a
 * strength of {@code NaN}, a data URL that aims at the node) they are stricter. The page {@code
 * docs/reference/validation.md} lists them all.
 *
 * <p>Where a Workspace was read by {@code Workspaces.read}, its violations carry file, line and
 * column.
 */
public final class WorkspaceRules {

  private WorkspaceRules() {}

  /** Everything that is wrong or doubtful with a Workspace that is about to be created. */
  public static List<Violation> validateCreate(Workspace workspace) {
    return located(workspace, content(workspace));
  }

  /**
   * Everything that is wrong or doubtful with a change. Never an error for a Workspace that is
   * being deleted, and for changes of status or metadata alone: these must always get through. What
   * was wrong before and has not changed is not reported again.
   *
   * <p>{@code resource.instanceType} may be emptied here, since that is right with nodes that the
   * user brings; whether it must be set is judged where the kind of provisioning is known.
   *
   * @param before the object as stored
   * @param after the object as it shall become
   */
  public static List<Violation> validateUpdate(Workspace before, Workspace after) {
    if (after.isDeleting()) {
      return List.of();
    }
    boolean sameSpec =
        before.resource().equals(after.resource())
            && before.inference().equals(after.inference())
            && before.tuning().equals(after.tuning());
    List<Violation> news = new ArrayList<>();
    if (!sameSpec) {
      news.addAll(UpdateRules.validate(before, after));
    }
    Set<List<Object>> known = new HashSet<>();
    content(before).forEach(violation -> known.add(identity(violation)));
    for (Violation violation : content(after)) {
      if (!known.contains(identity(violation))) {
        news.add(
            sameSpec && violation.isError()
                ? violation.toBuilder().severity(Severity.WARNING).build()
                : violation);
      }
    }
    return located(after, news);
  }

  private static List<Object> identity(Violation violation) {
    return List.of(violation.rule(), violation.path(), violation.message());
  }

  /** With positions and in the order of the text, where the Workspace was read from one. */
  private static List<Violation> located(Workspace workspace, List<Violation> violations) {
    Optional<SourceDocument> source = workspace.source();
    if (source.isEmpty()) {
      return List.copyOf(violations);
    }
    List<Violation> located = new ArrayList<>(Violations.locatedIn(source.get(), violations));
    located.sort(
        Comparator.comparingInt((Violation v) -> v.location().map(SourceLocation::line).orElse(0))
            .thenComparingInt(v -> v.location().map(SourceLocation::column).orElse(0)));
    return List.copyOf(located);
  }

  private static List<Violation> content(Workspace workspace) {
    Findings findings = new Findings();
    name(workspace, findings);
    if (workspace.inference().isEmpty() && workspace.tuning().isEmpty()) {
      findings.add(
          "V-11",
          Violation.error("", "neither inference nor tuning is set")
              .addAllowed("inference", "tuning")
              .action("add inference to serve a model, or tuning to fine-tune one"));
    }
    if (workspace.inference().isPresent() && workspace.tuning().isPresent()) {
      findings.add(
          "V-12",
          Violation.error("tuning", "inference and tuning are both set")
              .addAllowed("inference", "tuning")
              .action("keep one of them; make two Workspaces for both"));
    }
    ResourceRules.check(workspace, findings);
    workspace
        .inference()
        .ifPresent(inference -> InferenceRules.check(inference, workspace.apiVersion(), findings));
    workspace
        .tuning()
        .ifPresent(tuning -> TuningRules.check(tuning, workspace.apiVersion(), findings));
    AnnotationRules.check(workspace, findings);
    return findings.toList();
  }

  private static void name(Workspace workspace, Findings findings) {
    String name = workspace.metadata().getName();
    String prefix = workspace.metadata().getGenerateName();
    if (name == null || name.isEmpty()) {
      if (prefix == null || prefix.isEmpty()) {
        findings.add(
            "V-10",
            Violation.error("metadata.name", "required field is missing")
                .action("add name to metadata"));
      }
      return;
    }
    Names.labelProblem(name)
        .ifPresent(
            problem -> {
              Violation.Builder violation =
                  Violation.error("metadata.name", "the name " + Quoted.of(name) + " " + problem)
                      .found(Quoted.shorten(name))
                      .action("choose another name: Service and pods carry it");
              Names.repaired(name).ifPresent(violation::nearest);
              findings.add("V-10", violation);
            });
  }
}

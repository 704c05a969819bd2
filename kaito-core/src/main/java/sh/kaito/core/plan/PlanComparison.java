package sh.kaito.core.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import sh.kaito.api.internal.text.FieldPath;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.Workspaces;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;
import sh.kaito.api.validation.WorkspaceRules;
import sh.kaito.core.catalog.ServingRuntime;

/** Finds the changed fields of a workspace, and decides what each of them does. */
final class PlanComparison {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String INSTANCE_TYPE = NodeResolver.INSTANCE_TYPE;
  private static final List<String> KEYED_MAPS =
      List.of("metadata.labels", "metadata.annotations", "resource.labelSelector.matchLabels");

  private final Workspace before;
  private final Workspace after;
  private final PlanInputs beforeInputs;
  private final PlanInputs afterInputs;
  private final PlanOutcome oldOutcome;
  private final PlanOutcome newOutcome;
  private final List<FieldChange.Builder> changes = new ArrayList<>();
  private final List<String> paths = new ArrayList<>();

  PlanComparison(
      Planner planner,
      Workspace before,
      PlanInputs beforeInputs,
      Workspace after,
      PlanInputs afterInputs) {
    if (!before.key().equals(after.key())) {
      throw new IllegalArgumentException(
          "not the same Workspace: " + before.key() + " and " + after.key());
    }
    this.before = before;
    this.after = after;
    this.beforeInputs = beforeInputs;
    this.afterInputs =
        PlanInputs.builder()
            .from(afterInputs)
            .pinnedRuntime(Optional.empty())
            .pinnedNodeCount(OptionalInt.empty())
            .build();
    this.oldOutcome = planner.plan(before, beforeInputs);
    this.newOutcome = planner.plan(after, this.afterInputs);
  }

  PlanDiff diff() {
    find();
    List<Violation> errors = after.isDeleting() ? List.of() : errors();
    List<FieldChange> classified = new ArrayList<>();
    for (int i = 0; i < changes.size(); i++) {
      classified.add(classify(paths.get(i), changes.get(i), errors));
    }
    return PlanDiff.builder()
        .workspace(after.key())
        .changes(classified)
        .before(oldOutcome)
        .after(newOutcome)
        .violations(errors)
        .build();
  }

  /** What the change would bring in; what was wrong before is not held against it. */
  private List<Violation> errors() {
    List<Violation> errors =
        new ArrayList<>(Violations.errors(WorkspaceRules.validateUpdate(before, after)));
    if (paths.stream().allMatch(path -> FieldEffects.covers("metadata", path))) {
      // Metadata and status are never refused.
      return errors;
    }
    if (newOutcome instanceof PlanRefusal refused) {
      Set<String> known = new HashSet<>();
      if (oldOutcome instanceof PlanRefusal old) {
        old.violations().forEach(violation -> known.add(violation.path() + violation.message()));
      }
      for (Violation violation : refused.violations()) {
        boolean said =
            errors.stream().anyMatch(error -> FieldEffects.covers(error.path(), violation.path()));
        if (!said && !known.contains(violation.path() + violation.message())) {
          errors.add(violation);
        }
      }
    }
    return errors;
  }

  private FieldChange classify(String path, FieldChange.Builder change, List<Violation> errors) {
    FieldEffects.Row row = FieldEffects.of(path);
    Optional<Violation> error =
        errors.stream()
            .filter(
                violation ->
                    FieldEffects.covers(path, violation.path())
                        || (!violation.path().isEmpty()
                            && FieldEffects.covers(violation.path(), path)))
            .findFirst();
    if (error.isPresent()) {
      String action = error.get().action().map(text -> "; " + text).orElse("");
      return change.effect(ChangeEffect.REFUSED).reason(error.get().message() + action).build();
    }
    if (after.isDeleting()) {
      return change.effect(ChangeEffect.NONE).reason("the Workspace is being deleted").build();
    }
    if (row.effect() == ChangeEffect.REFUSED) {
      return fixedField(path, row, change);
    }
    if (row.effect() == ChangeEffect.ROLLING_RESTART) {
      return restart(row, change);
    }
    return change.effect(row.effect()).reason(row.reason()).build();
  }

  /** A field that is fixed, and no rule objected: it means the same, or was not fixed yet. */
  private FieldChange fixedField(String path, FieldEffects.Row row, FieldChange.Builder change) {
    boolean unknown = row.path().equals("inference") || row.path().equals("tuning");
    if (unknown && !path.equals(row.path())) {
      return change
          .effect(ChangeEffect.ROLLING_RESTART)
          .reason("a field that this library does not know; the pods are made anew to be safe")
          .build();
    }
    if (path.equals(INSTANCE_TYPE) && newOutcome instanceof Plan now && changedType(now)) {
      return now.nodes().bringYourOwn()
          ? change.effect(ChangeEffect.NONE).reason("the nodes are yours").build()
          : change
              .effect(ChangeEffect.NEW_NODES)
              .reason("nodes of this type are bought from now on")
              .build();
    }
    return change.effect(ChangeEffect.NONE).reason("means the same as before").build();
  }

  private boolean changedType(Plan now) {
    return now.nodes().bringYourOwn()
        || !(oldOutcome instanceof Plan old)
        || !old.nodes().instanceType().equals(now.nodes().instanceType());
  }

  private FieldChange restart(FieldEffects.Row row, FieldChange.Builder change) {
    if (row.resizes()
        && oldOutcome instanceof Plan old
        && newOutcome instanceof Plan now
        && !old.nodes().bringYourOwn()) {
      int was = old.nodes().count();
      int is = now.nodes().count();
      if (is > was) {
        return change
            .effect(ChangeEffect.NEW_NODES)
            .reason(row.reason() + "; " + PlanText.count(is, "node") + " instead of " + was)
            .build();
      }
      if (is < was) {
        return change
            .effect(ChangeEffect.ROLLING_RESTART)
            .reason(row.reason() + "; " + PlanText.count(was - is, "node") + " can be given back")
            .build();
      }
      Optional<ServingRuntime> oldRuntime = old.runtime().map(RuntimeChoice::runtime);
      Optional<ServingRuntime> newRuntime = now.runtime().map(RuntimeChoice::runtime);
      if (!oldRuntime.equals(newRuntime)) {
        return change
            .effect(ChangeEffect.ROLLING_RESTART)
            .reason(
                row.reason()
                    + "; the runtime becomes "
                    + newRuntime.map(ServingRuntime::wireName).orElse("your template"))
            .build();
      }
    }
    return change.effect(ChangeEffect.ROLLING_RESTART).reason(row.reason()).build();
  }

  private void find() {
    JsonNode old = tree(before);
    JsonNode now = tree(after);
    compare("apiVersion", old.path("apiVersion"), now.path("apiVersion"));
    for (String part : List.of("labels", "annotations", "finalizers", "ownerReferences")) {
      compare("metadata." + part, old.path("metadata").path(part), now.path("metadata").path(part));
    }
    Set<String> blocks = new LinkedHashSet<>(List.of("resource", "inference", "tuning"));
    old.fieldNames().forEachRemaining(blocks::add);
    now.fieldNames().forEachRemaining(blocks::add);
    blocks.removeAll(Set.of("apiVersion", "kind", "metadata", "status"));
    for (String block : blocks) {
      compare(block, old.path(block), now.path(block));
    }
    content(
        "inference.config",
        KaitoApi.INFERENCE_CONFIG_KEY,
        beforeInputs.inferenceConfig(),
        afterInputs.inferenceConfig());
    content(
        "tuning.config",
        KaitoApi.TRAINING_CONFIG_KEY,
        beforeInputs.trainingConfig(),
        afterInputs.trainingConfig());
    if (!old.path("status").equals(now.path("status"))) {
      add("status", FieldChange.Kind.CHANGED, MissingNode.getInstance(), MissingNode.getInstance());
    }
  }

  /** The bytes of a ConfigMap; where it is known on one side alone, nothing can be said. */
  private void content(String field, String key, Optional<String> old, Optional<String> now) {
    if (old.isPresent() && now.isPresent() && !old.equals(now)) {
      add(
          FieldPath.key(field, key),
          FieldChange.Kind.CHANGED,
          MissingNode.getInstance(),
          MissingNode.getInstance());
    }
  }

  private void compare(String path, JsonNode old, JsonNode now) {
    if (old.equals(now) || (nothing(old) && nothing(now))) {
      return;
    }
    if (old.isObject() && now.isObject()) {
      Set<String> names = new LinkedHashSet<>();
      old.fieldNames().forEachRemaining(names::add);
      now.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        compare(child(path, name), old.path(name), now.path(name));
      }
    } else if (path.equals("resource") || KEYED_MAPS.contains(path)) {
      // One side has none at all: still one change for each entry.
      JsonNode there = old.isObject() ? old : now;
      there
          .fieldNames()
          .forEachRemaining(name -> compare(child(path, name), old.path(name), now.path(name)));
    } else if (old.isArray() && now.isArray() && (hasParts(old) || hasParts(now))) {
      for (int i = 0; i < Math.max(old.size(), now.size()); i++) {
        compare(FieldPath.index(path, i), old.path(i), now.path(i));
      }
    } else {
      add(
          path,
          nothing(old)
              ? FieldChange.Kind.ADDED
              : nothing(now) ? FieldChange.Kind.REMOVED : FieldChange.Kind.CHANGED,
          old,
          now);
    }
  }

  private static boolean hasParts(JsonNode list) {
    for (JsonNode element : list) {
      if (element.isContainerNode()) {
        return true;
      }
    }
    return false;
  }

  private static boolean nothing(JsonNode value) {
    return value.isMissingNode() || value.isNull() || (value.isContainerNode() && value.isEmpty());
  }

  private static String child(String path, String name) {
    return KEYED_MAPS.contains(path) ? FieldPath.key(path, name) : FieldPath.child(path, name);
  }

  private void add(String path, FieldChange.Kind kind, JsonNode old, JsonNode now) {
    paths.add(path);
    changes.add(
        FieldChange.builder()
            .path(path)
            .kind(kind)
            .before(shown(path, old))
            .after(shown(path, now)));
  }

  /** Pod templates and volumes can hold secrets in any place; their values are not repeated. */
  private static Optional<String> shown(String path, JsonNode value) {
    boolean mayBeSecret = path.startsWith("inference.template") || path.contains(".volumeSource");
    if (mayBeSecret || nothing(value)) {
      return Optional.empty();
    }
    if (value.isArray() && !hasParts(value)) {
      List<String> elements = new ArrayList<>();
      value.forEach(element -> elements.add(text(path, element)));
      return Optional.of(Quoted.shorten(String.join(", ", elements)));
    }
    return value.isContainerNode() ? Optional.empty() : Optional.of(text(path, value));
  }

  private static String text(String path, JsonNode value) {
    String text = value.asText();
    if (!path.contains(".urls")) {
      return Quoted.shorten(text);
    }
    String quoted = Quoted.url(text);
    return quoted.substring(1, quoted.length() - 1);
  }

  private static JsonNode tree(Workspace workspace) {
    try {
      return JSON.readTree(Workspaces.toJson(workspace));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a Workspace always has a JSON form", e);
    }
  }
}

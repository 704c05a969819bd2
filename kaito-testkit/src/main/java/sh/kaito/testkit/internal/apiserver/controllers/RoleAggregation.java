package sh.kaito.testkit.internal.apiserver.controllers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.api.Registry;
import sh.kaito.testkit.internal.apiserver.handlers.SystemWrites;
import sh.kaito.testkit.internal.apiserver.selectors.LabelSelector;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoreEvent;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.json.Json;

/** Gives ClusterRoles with an aggregation rule the rules of those that it selects. */
public final class RoleAggregation implements Controllers.Controller {
  private static final String STORAGE = "clusterroles.rbac.authorization.k8s.io";
  private static final String MANAGER = "clusterrole-aggregation-controller";

  private final Store store;
  private final Registry registry;
  private final SystemWrites writes;

  public RoleAggregation(Store store, Registry registry, SystemWrites writes) {
    this.store = store;
    this.registry = registry;
    this.writes = writes;
  }

  @Override
  public void onChange(String storage, StoreEvent event) {
    if (storage.equals(STORAGE)) {
      aggregate();
    }
  }

  /** Brings all aggregating roles up to date; one may select another. */
  public void aggregate() {
    int passes = store.count(STORAGE);
    while (passes > 0 && pass()) {
      passes--;
    }
  }

  /** Whether a role got other rules. */
  private boolean pass() {
    boolean changed = false;
    List<StoredObject> roles = store.list(STORAGE, "").objects();
    for (StoredObject role : roles) {
      List<Object> selectors = Json.list(role.json(), "aggregationRule", "clusterRoleSelectors");
      if (selectors != null && !role.deleting()) {
        List<Object> rules = rules(role, selectors, roles);
        List<Object> present = Json.list(role.json(), "rules");
        if (!rules.equals(present == null ? List.of() : present)) {
          write(role.name(), rules);
          changed = true;
        }
      }
    }
    return changed;
  }

  private void write(String name, List<Object> rules) {
    try {
      writes.edit(
          Objects.requireNonNull(registry.find("rbac.authorization.k8s.io", "v1", "clusterroles")),
          name,
          MANAGER,
          role -> role.put("rules", Json.deepCopy(rules)));
    } catch (ApiFailure e) {
      // Deleted meanwhile: nothing is to be kept up to date.
      if (e.code() != 404) {
        throw e;
      }
    }
  }

  private static List<Object> rules(
      StoredObject role, List<Object> selectors, List<StoredObject> roles) {
    List<Object> rules = new ArrayList<>();
    for (Object selector : selectors) {
      LabelSelector labels = LabelSelector.parse(text(selector));
      for (StoredObject other : roles) {
        List<Object> more = Json.list(other.json(), "rules");
        if (more != null
            && !other.name().equals(role.name())
            && labels.matches(Json.object(other.json(), "metadata", "labels"))) {
          more.stream().filter(rule -> !rules.contains(rule)).forEach(rules::add);
        }
      }
    }
    return rules;
  }

  /** A selector object in the words of the {@code labelSelector} parameter. */
  private static String text(@Nullable Object selector) {
    List<String> terms = new ArrayList<>();
    Map<String, Object> labels = Json.object(selector, "matchLabels");
    if (labels != null) {
      labels.forEach((key, value) -> terms.add(key + "=" + value));
    }
    List<Object> expressions = Json.list(selector, "matchExpressions");
    if (expressions != null) {
      for (Object expression : expressions) {
        String key = Json.text(expression, "key");
        List<Object> values = Json.list(expression, "values");
        String set =
            " ("
                + String.join(
                    ",", values == null ? List.of() : values.stream().map(String::valueOf).toList())
                + ")";
        terms.add(
            switch (Json.text(expression, "operator")) {
              case "In" -> key + " in" + set;
              case "NotIn" -> key + " notin" + set;
              case "DoesNotExist" -> "!" + key;
              default -> key;
            });
      }
    }
    return String.join(",", terms);
  }
}

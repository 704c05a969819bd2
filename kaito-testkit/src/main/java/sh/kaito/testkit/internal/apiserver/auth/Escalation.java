package sh.kaito.testkit.internal.apiserver.auth;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Caller;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/**
 * Who writes roles and bindings gives away no rights that they do not have, unless they may {@code
 * escalate} the role or {@code bind} to it. Thread-safe.
 */
public final class Escalation {
  private static final String GROUP = "rbac.authorization.k8s.io";

  private final Rbac rbac;

  public Escalation(Rbac rbac) {
    this.rbac = rbac;
  }

  /**
   * Checks a write to a role or binding; writes to other types pass.
   *
   * @param requestName the name in the path; empty where that has none
   * @param old what stands; null on creation
   * @throws ApiFailure 403; 404 when a binding names a role that does not exist
   */
  public void check(
      Caller caller,
      ResourceType type,
      String requestName,
      Map<String, Object> object,
      @Nullable Map<String, Object> old) {
    if (!type.group().equals(GROUP)
        || caller.groups().contains(Caller.MASTERS)
        || (old != null && onlyForGarbageCollection(object, old))) {
      return;
    }
    String namespace = Json.text(object, "metadata", "namespace");
    String name = Json.text(object, "metadata", "name");
    if (type.plural().endsWith("roles")) {
      if (!may(caller, "escalate", type.plural(), namespace, requestName)) {
        confirm(caller, type, namespace, name, PolicyRule.of(object));
        confirmAggregation(caller, type, name, object);
      }
      return;
    }
    String kind = Json.text(object, "roleRef", "kind");
    String role = Json.text(object, "roleRef", "name");
    String roles = kind.equals("Role") ? "roles" : "clusterroles";
    if (may(caller, "bind", roles, namespace, role)) {
      return;
    }
    List<PolicyRule> rules = rbac.rulesOfRole(kind, namespace, role);
    if (rules == null) {
      throw ApiFailure.of(
              404, "NotFound", roles + "." + GROUP + " " + Quoting.go(role) + " not found")
          .withDetails(Json.objectOf("name", role, "group", GROUP, "kind", roles));
    }
    confirm(caller, type, namespace, name, rules);
  }

  private boolean may(Caller caller, String verb, String resource, String namespace, String name) {
    return rbac.decide(Attributes.resource(caller, verb, GROUP, resource, namespace, name))
        .allowed();
  }

  private void confirm(
      Caller caller, ResourceType type, String namespace, String name, List<PolicyRule> granted) {
    Authorizer.Rules held = rbac.rules(caller, namespace);
    List<PolicyRule> missing = PolicyRule.missing(held.rules(), granted);
    if (!missing.isEmpty()) {
      throw ApiFailure.forbidden(
          type,
          name,
          "user "
              + Quoting.go(caller.name())
              + " (groups="
              + PolicyRule.quoted(caller.groups())
              + ") is attempting to grant RBAC permissions not currently held:\n"
              + String.join("\n", PolicyRule.describe(missing))
              + (held.error().isEmpty() ? "" : "; resolution errors: [" + held.error() + "]"));
    }
  }

  /** An aggregation rule gathers whatever somebody labels: only who has all may set one. */
  private void confirmAggregation(
      Caller caller, ResourceType type, String name, Map<String, Object> object) {
    if (Json.get(object, "aggregationRule") != null
        && !PolicyRule.missing(rbac.rules(caller, "").rules(), PolicyRule.EVERYTHING).isEmpty()) {
      throw ApiFailure.forbidden(
          type, name, "must have cluster-admin privileges to use the aggregationRule");
    }
  }

  /** Owners and finalizers may be changed by controllers that have none of the rights. */
  private static boolean onlyForGarbageCollection(
      Map<String, Object> object, Map<String, Object> old) {
    return Json.deepEquals(withoutLifecycle(object), withoutLifecycle(old));
  }

  private static Map<String, Object> withoutLifecycle(Map<String, Object> object) {
    Map<String, Object> copy = Json.copyObject(object);
    Map<String, Object> metadata = Json.object(copy, "metadata");
    if (metadata != null) {
      List.of("ownerReferences", "finalizers", "managedFields", "resourceVersion", "generation")
          .forEach(metadata::remove);
    }
    return copy;
  }
}

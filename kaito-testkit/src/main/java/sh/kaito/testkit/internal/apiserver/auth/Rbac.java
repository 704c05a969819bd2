package sh.kaito.testkit.internal.apiserver.auth;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Caller;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.json.Json;

/**
 * Role-based access control by the roles and bindings in the store, as they stand at the moment of
 * the question. Members of {@code system:masters} may do everything, whatever the roles say.
 */
public final class Rbac implements Authorizer {
  private static final String GROUP = ".rbac.authorization.k8s.io";

  private final Store store;

  public Rbac(Store store) {
    this.store = store;
  }

  /** A binding that applies to somebody, and how it came to. */
  private record Grant(List<PolicyRule> rules, String description, @Nullable String error) {}

  @Override
  public Decision decide(Attributes wanted) {
    if (wanted.caller().groups().contains(Caller.MASTERS)) {
      return new Decision(true, "");
    }
    Set<String> errors = new LinkedHashSet<>();
    for (Grant grant : grants(wanted.caller(), wanted.namespace())) {
      if (grant.error() != null) {
        errors.add(grant.error());
      } else if (grant.rules().stream().anyMatch(rule -> rule.allows(wanted))) {
        return new Decision(true, "RBAC: allowed by " + grant.description());
      }
    }
    return new Decision(false, errors.isEmpty() ? "" : "RBAC: " + aggregate(errors));
  }

  @Override
  public Rules rules(Caller caller, String namespace) {
    List<PolicyRule> rules = new ArrayList<>();
    Set<String> errors = new LinkedHashSet<>();
    for (Grant grant : grants(caller, namespace)) {
      if (grant.error() != null) {
        errors.add(grant.error());
      }
      rules.addAll(grant.rules());
    }
    return new Rules(rules, errors.isEmpty() ? "" : aggregate(errors));
  }

  private static String aggregate(Set<String> errors) {
    return errors.size() == 1 ? errors.iterator().next() : "[" + String.join(", ", errors) + "]";
  }

  private List<Grant> grants(Caller caller, String namespace) {
    List<Grant> grants = new ArrayList<>();
    for (StoredObject binding : store.list("clusterrolebindings" + GROUP, "").objects()) {
      Object subject = subject(binding, caller);
      if (subject != null) {
        grants.add(grant(binding, "ClusterRoleBinding " + Quoting.go(binding.name()), subject));
      }
    }
    if (!namespace.isEmpty()) {
      for (StoredObject binding : store.list("rolebindings" + GROUP, namespace + "/").objects()) {
        Object subject = subject(binding, caller);
        if (subject != null) {
          grants.add(
              grant(
                  binding, "RoleBinding " + Quoting.go(binding.name() + "/" + namespace), subject));
        }
      }
    }
    return grants;
  }

  /** The first subject of a binding that somebody is; null when there is none. */
  private static @Nullable Object subject(StoredObject binding, Caller caller) {
    List<Object> subjects = Json.list(binding.json(), "subjects");
    if (subjects == null) {
      return null;
    }
    for (Object subject : subjects) {
      String name = Json.text(subject, "name");
      boolean applies =
          switch (Json.text(subject, "kind")) {
            case "User" -> caller.name().equals(name);
            case "Group" -> caller.groups().contains(name);
            case "ServiceAccount" ->
                caller
                    .name()
                    .equals("system:serviceaccount:" + namespace(subject, binding) + ":" + name);
            default -> false;
          };
      if (applies) {
        return subject;
      }
    }
    return null;
  }

  private static String namespace(@Nullable Object subject, StoredObject binding) {
    String namespace = Json.text(subject, "namespace");
    return namespace.isEmpty() ? binding.namespace() : namespace;
  }

  private Grant grant(StoredObject binding, String title, Object subject) {
    String kind = Json.text(binding.json(), "roleRef", "kind");
    String name = Json.text(binding.json(), "roleRef", "name");
    String who =
        Json.text(subject, "kind").equals("ServiceAccount")
            ? Json.text(subject, "name") + "/" + namespace(subject, binding)
            : Json.text(subject, "name");
    String description =
        title
            + " of "
            + kind
            + " "
            + Quoting.go(name)
            + " to "
            + Json.text(subject, "kind")
            + " "
            + Quoting.go(who);
    StoredObject role = role(kind, binding.namespace(), name);
    return role == null
        ? new Grant(
            List.of(),
            description,
            (kind.equals("Role") ? "role" : "clusterrole")
                + GROUP
                + " "
                + Quoting.go(name)
                + " not found")
        : new Grant(PolicyRule.of(role.json()), description, null);
  }

  /** A role that a binding names; null when it does not exist. */
  private @Nullable StoredObject role(String kind, String namespace, String name) {
    return kind.equals("Role")
        ? store.get("roles" + GROUP, namespace + "/" + name)
        : store.get("clusterroles" + GROUP, name);
  }

  /** The rules of a role that a binding names; null when it does not exist. */
  @Nullable List<PolicyRule> rulesOfRole(String kind, String namespace, String name) {
    StoredObject role = role(kind, namespace, name);
    return role == null ? null : PolicyRule.of(role.json());
  }
}

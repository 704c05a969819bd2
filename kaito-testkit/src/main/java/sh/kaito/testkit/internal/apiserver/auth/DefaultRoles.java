package sh.kaito.testkit.internal.apiserver.auth;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * The roles and bindings that every cluster with RBAC has, those of users; the roles of control
 * plane components are left out, since none of those run here. What they grant stands in {@code
 * default-roles.json}.
 */
public final class DefaultRoles {
  private static final String RESOURCE = "/sh/kaito/testkit/internal/apiserver/default-roles.json";
  private static final String GROUP = "rbac.authorization.k8s.io";

  private DefaultRoles() {}

  private static Object read() {
    try (InputStream in = DefaultRoles.class.getResourceAsStream(RESOURCE)) {
      return Objects.requireNonNull(
          Json.parse(
              Objects.requireNonNull(in, RESOURCE + " is not on the class path").readAllBytes()),
          RESOURCE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE, e);
    }
  }

  private static List<Object> list(@Nullable Object parent, String key) {
    List<Object> list = Json.list(parent, key);
    return list == null ? List.of() : list;
  }

  private static Map<String, Object> metadata(Object entry) {
    Map<String, Object> labels = Json.objectOf("kubernetes.io/bootstrapping", "rbac-defaults");
    Map<String, Object> more = Json.object(entry, "labels");
    if (more != null) {
      labels.putAll(more);
    }
    return Json.objectOf(
        "name",
        Json.text(entry, "name"),
        "labels",
        labels,
        "annotations",
        Json.objectOf("rbac.authorization.kubernetes.io/autoupdate", "true"));
  }

  /** ClusterRole objects; those that aggregate have no rules yet. */
  public static List<Map<String, Object>> clusterRoles() {
    List<Map<String, Object>> roles = new ArrayList<>();
    for (Object entry : list(read(), "roles")) {
      Map<String, Object> role = Json.objectOf("metadata", metadata(entry));
      String label = Json.text(entry, "aggregates");
      if (!label.isEmpty()) {
        role.put(
            "aggregationRule",
            Json.objectOf(
                "clusterRoleSelectors",
                List.of(Json.objectOf("matchLabels", Json.objectOf(label, "true")))));
      }
      role.put("rules", Json.deepCopy(list(entry, "rules")));
      roles.add(role);
    }
    return roles;
  }

  /** ClusterRoleBinding objects. */
  public static List<Map<String, Object>> clusterRoleBindings() {
    List<Map<String, Object>> bindings = new ArrayList<>();
    for (Object entry : list(read(), "bindings")) {
      List<Object> subjects = new ArrayList<>();
      for (Object group : list(entry, "groups")) {
        subjects.add(Json.objectOf("apiGroup", GROUP, "kind", "Group", "name", group));
      }
      bindings.add(
          Json.objectOf(
              "metadata",
              metadata(entry),
              "subjects",
              subjects,
              "roleRef",
              Json.objectOf(
                  "apiGroup", GROUP, "kind", "ClusterRole", "name", Json.text(entry, "name"))));
    }
    return bindings;
  }
}

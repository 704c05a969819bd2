package sh.kaito.testkit.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sh.kaito.testkit.access.AccessWorld.CONFIG_MAPS;
import static sh.kaito.testkit.access.AccessWorld.RBAC;
import static sh.kaito.testkit.access.AccessWorld.message;
import static sh.kaito.testkit.access.AccessWorld.rule;
import static sh.kaito.testkit.access.AccessWorld.user;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;

/** Roles and bindings decide who may do what. */
class RbacTest {
  private static final String CONFIG_MAP =
      "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"}}";

  private final AccessWorld world = new AccessWorld();

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void whoHasNoRoleMayDoNothingButAskWhatThereIs() {
    KubeResponse denied = world.get("bob", CONFIG_MAPS);
    assertThat(denied.status()).isEqualTo(403);
    assertThat(message(denied))
        .isEqualTo(
            "configmaps is forbidden: User \"bob\" cannot list resource \"configmaps\" in API group"
                + " \"\" in the namespace \"default\"");
    assertThat(world.get("bob", "/apis").status()).as("discovery for users").isEqualTo(200);
    assertThat(world.get("system:anonymous", "/apis").status())
        .as("discovery for strangers")
        .isEqualTo(403);
    assertThat(world.get("system:anonymous", "/version").status())
        .as("the version for strangers")
        .isEqualTo(200);
  }

  @Test
  void aRoleBindingGrantsInItsNamespaceOnly() {
    world.bindIn("default", "viewers", "view", "{\"kind\":\"Group\",\"name\":\"developers\"}");
    assertThat(world.get("alice", CONFIG_MAPS).status())
        .as("alice is of group developers")
        .isEqualTo(200);
    assertThat(world.get("alice", "/api/v1/namespaces/kube-system/configmaps").status())
        .as("another namespace")
        .isEqualTo(403);
    assertThat(world.get("alice", "/api/v1/configmaps").status())
        .as("all namespaces")
        .isEqualTo(403);
    assertThat(world.get("alice", "/api/v1/namespaces/default/secrets").status())
        .as("view shows no secrets")
        .isEqualTo(403);
    assertThat(world.post("alice", CONFIG_MAPS, CONFIG_MAP).status())
        .as("view does not write")
        .isEqualTo(403);
  }

  @Test
  void aRightMayNameObjectsAndSubresources() {
    world.create(CONFIG_MAPS, CONFIG_MAP);
    world.clusterRole(
        "narrow", rule("get list", "", "configmaps", "a") + "," + rule("get", "", "*/status", ""));
    world.bind("narrow", "narrow", user("bob"));
    assertThat(world.get("bob", CONFIG_MAPS + "/a").status()).isEqualTo(200);
    assertThat(world.get("bob", CONFIG_MAPS + "/b").status()).as("another name").isEqualTo(403);
    assertThat(world.get("bob", CONFIG_MAPS).status()).as("no name").isEqualTo(403);
    assertThat(world.get("bob", CONFIG_MAPS + "?fieldSelector=metadata.name%3Da").status())
        .as("a list of that object alone")
        .isEqualTo(200);
    assertThat(world.get("bob", "/api/v1/namespaces/default/status").status())
        .as("the subresource status of anything")
        .isEqualTo(200);
    assertThat(world.get("bob", "/api/v1/namespaces/default").status()).isEqualTo(403);
  }

  @Test
  void applyingWhatIsNotThereNeedsTheRightToCreate() {
    world.clusterRole("patchers", rule("patch", "", "configmaps", ""));
    world.bind("patchers", "patchers", user("bob"));
    KubeRequest.Builder apply =
        KubeRequest.patch(
            CONFIG_MAPS + "/a?fieldManager=bob",
            PatchType.APPLY,
            CONFIG_MAP.getBytes(StandardCharsets.UTF_8));
    KubeResponse denied = world.as("bob", apply);
    assertThat(denied.status()).as("apply of a new object with patch alone").isEqualTo(403);
    assertThat(message(denied)).contains("User \"bob\" cannot create resource \"configmaps\"");
    world.create(CONFIG_MAPS, CONFIG_MAP);
    assertThat(world.as("bob", apply).status()).as("apply of what stands").isEqualTo(200);
  }

  @Test
  void aBindingToNothingSaysSo() {
    world.bind("dangling", "no-such-role", user("bob"));
    assertThat(message(world.get("bob", CONFIG_MAPS)))
        .endsWith(
            "in the namespace \"default\": RBAC: clusterrole.rbac.authorization.k8s.io"
                + " \"no-such-role\" not found");
  }

  @Test
  void rolesWithTheRightLabelAreAggregated() {
    world.bindIn("default", "viewers", "view", user("bob"));
    String workspaces = "/apis/kaito.sh/v1beta1/namespaces/default/workspaces";
    assertThat(world.get("bob", workspaces).status()).isEqualTo(403);
    world.create(
        RBAC + "/clusterroles",
        """
        {"metadata":{"name":"kaito-view",
          "labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},"rules":[%s]}"""
            .formatted(rule("get list watch", "kaito.sh", "workspaces", "")));
    assertThat(world.get("bob", workspaces).status())
        .as("allowed now, and nothing is installed there")
        .isEqualTo(404);
    assertThat(world.get("admin", RBAC + "/clusterroles/admin").bodyText())
        .as("view is part of edit, and edit of admin")
        .contains("kaito.sh");
  }

  @Test
  void nobodyGrantsWhatTheyDoNotHave() {
    world.clusterRole(
        "granters",
        rule("create", "rbac.authorization.k8s.io", "roles clusterroles clusterrolebindings", "")
            + ","
            + rule("get", "", "pods", ""));
    world.bind("granters", "granters", user("bob"));
    String roles = RBAC + "/namespaces/default/roles";
    assertThat(world.post("bob", roles, role("mine", rule("get", "", "pods", ""))).status())
        .as("a role within the writer's own rights")
        .isEqualTo(201);
    KubeResponse denied =
        world.post("bob", roles, role("more", rule("get list delete", "", "pods secrets", "")));
    assertThat(denied.status()).isEqualTo(403);
    assertThat(message(denied))
        .isEqualTo(
            "roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"bob\""
                + " (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not"
                + " currently held:\n"
                + "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"list\" \"delete\"]}\n"
                + "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\" \"list\" \"delete\"]}");
    String bindings = RBAC + "/clusterrolebindings";
    assertThat(message(world.post("bob", bindings, AccessWorld.binding("b", "view", user("bob")))))
        .startsWith(
            "clusterrolebindings.rbac.authorization.k8s.io \"b\" is forbidden: user \"bob\"");
    KubeResponse missing =
        world.post("bob", bindings, AccessWorld.binding("b", "nothing", user("bob")));
    assertThat(missing.status()).as("a role that does not exist").isEqualTo(404);
    world.clusterRole("binders", rule("bind", "rbac.authorization.k8s.io", "clusterroles", "view"));
    world.bind("binders", "binders", user("bob"));
    assertThat(world.post("bob", bindings, AccessWorld.binding("b", "view", user("bob"))).status())
        .as("bob may bind to view now")
        .isEqualTo(201);
  }

  private static String role(String name, String rules) {
    return "{\"metadata\":{\"name\":\"" + name + "\"},\"rules\":[" + rules + "]}";
  }

  @Test
  void aBindingKeepsItsRole() {
    world.bind("b", "view", user("bob"));
    KubeResponse changed =
        world.as(
            "admin",
            KubeRequest.put(
                RBAC + "/clusterrolebindings/b",
                AccessWorld.binding("b", "edit", user("bob")).getBytes(StandardCharsets.UTF_8)));
    assertThat(changed.status()).isEqualTo(422);
    assertThat(message(changed)).endsWith("cannot change roleRef");
  }

  @Test
  void aServiceAccountHasItsRightsInProcessToo() {
    world.create(
        RBAC + "/clusterrolebindings",
        AccessWorld.binding(
            "engine",
            "view",
            "{\"kind\":\"ServiceAccount\",\"name\":\"kaito\",\"namespace\":\"kaito-system\"}"));
    assertThat(world.get("system:serviceaccount:kaito-system:kaito", CONFIG_MAPS).status())
        .isEqualTo(200);
    assertThat(world.get("system:serviceaccount:kaito-system:other", CONFIG_MAPS).status())
        .isEqualTo(403);
  }

  @Test
  void aUserWhomNobodyNamedIsRefused() {
    assertThatThrownBy(() -> world.server.transport("mallory"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no user \"mallory\"; it has admin, alice, bob, carol");
  }
}

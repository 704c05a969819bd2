package sh.kaito.testkit.access;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.testkit.access.AccessWorld.CONFIG_MAPS;
import static sh.kaito.testkit.access.AccessWorld.body;
import static sh.kaito.testkit.access.AccessWorld.message;
import static sh.kaito.testkit.access.AccessWorld.rule;
import static sh.kaito.testkit.access.AccessWorld.user;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.internal.json.Json;

/** Who a request counts for: tokens, impersonation, and the reviews that tell. */
class IdentityTest {
  private static final String WHO_AM_I = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  private static final String REVIEWS = "/apis/authorization.k8s.io/v1/";

  private final AccessWorld world = new AccessWorld();

  @AfterEach
  void close() {
    world.close();
  }

  private KubeRequest.Builder whoAmI() {
    return KubeRequest.post(WHO_AM_I, "{}".getBytes(StandardCharsets.UTF_8));
  }

  private static @Nullable Object userInfo(KubeResponse answer) {
    assertThat(answer.status()).as(answer.bodyText()).isEqualTo(201);
    return Json.get(body(answer), "status", "userInfo");
  }

  private String token(String account, String spec) {
    KubeResponse answer =
        world.create(
            "/api/v1/namespaces/default/serviceaccounts/" + account + "/token",
            "{\"spec\":" + spec + "}");
    return Json.text(body(answer), "status", "token");
  }

  private KubeResponse withToken(String token, KubeRequest.Builder request) {
    return world.as("system:anonymous", request.header("Authorization", "Bearer " + token));
  }

  @Test
  void aBearerTokenIsItsUser() {
    Object info = userInfo(withToken("token-a", whoAmI()));
    assertThat(Json.text(info, "username")).isEqualTo("alice");
    assertThat(Json.list(info, "groups")).isEqualTo(List.of("developers", "system:authenticated"));
    assertThat(withToken("token-x", whoAmI()).status()).isEqualTo(401);
  }

  @Test
  void aServiceAccountTokenLastsAsLongAsItSaysAndItsAccount() {
    String token = token("default", "{\"expirationSeconds\":600}");
    Object info = userInfo(withToken(token, whoAmI()));
    assertThat(Json.text(info, "username")).isEqualTo("system:serviceaccount:default:default");
    assertThat(Json.list(info, "groups"))
        .isEqualTo(
            List.of(
                "system:serviceaccounts",
                "system:serviceaccounts:default",
                "system:authenticated"));
    world.time.advance(Duration.ofSeconds(599));
    assertThat(withToken(token, whoAmI()).status()).as("a second before its end").isEqualTo(201);
    world.time.advance(Duration.ofSeconds(1));
    assertThat(withToken(token, whoAmI()).status()).as("at its end").isEqualTo(401);
    String second = token("default", "{}");
    world.as("admin", KubeRequest.delete("/api/v1/namespaces/default/serviceaccounts/default"));
    assertThat(withToken(second, whoAmI()).status())
        .as("the account was deleted; its successor has another uid")
        .isEqualTo(401);
  }

  @Test
  void aTokenForSomebodyElseIsNotForTheApiServer() {
    String token = token("default", "{\"audiences\":[\"vault\"]}");
    assertThat(withToken(token, whoAmI()).status()).isEqualTo(401);
    KubeResponse review =
        world.create(
            "/apis/authentication.k8s.io/v1/tokenreviews",
            "{\"spec\":{\"token\":\"" + token + "\",\"audiences\":[\"vault\",\"x\"]}}");
    assertThat(Json.isTrue(body(review), "status", "authenticated")).isTrue();
    assertThat(Json.list(body(review), "status", "audiences")).isEqualTo(List.of("vault"));
  }

  @Test
  void aForgedTokenIsNobodys() {
    String token = token("default", "{}");
    String forged = token.substring(0, token.lastIndexOf('.') + 1) + "AAAA";
    assertThat(withToken(forged, whoAmI()).status()).isEqualTo(401);
    KubeResponse tooShort =
        world.post(
            "admin",
            "/api/v1/namespaces/default/serviceaccounts/default/token",
            "{\"spec\":{\"expirationSeconds\":60}}");
    assertThat(message(tooShort))
        .isEqualTo(
            "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid"
                + " value: 60: may not specify a duration less than 10 minutes");
  }

  @Test
  void impersonationCountsForTheOtherAndNeedsTheRight() {
    KubeRequest.Builder asDan =
        whoAmI()
            .header("Impersonate-User", "dan")
            .header("Impersonate-Group", "ops")
            .header("Impersonate-Uid", "42")
            .header("Impersonate-Extra-Acme.com%2fProject", "p1");
    Object info = userInfo(world.as("admin", asDan));
    assertThat(Json.text(info, "username")).isEqualTo("dan");
    assertThat(Json.text(info, "uid")).isEqualTo("42");
    assertThat(Json.list(info, "groups")).isEqualTo(List.of("ops", "system:authenticated"));
    assertThat(Json.list(info, "extra", "acme.com/project")).isEqualTo(List.of("p1"));
    assertThat(message(world.as("bob", asDan)))
        .isEqualTo(
            "users \"dan\" is forbidden: User \"bob\" cannot impersonate resource \"users\" in API"
                + " group \"\" at the cluster scope");
    world.clusterRole("actors", rule("impersonate", "", "users", "dan"));
    world.bind("actors", "actors", user("bob"));
    assertThat(message(world.as("bob", asDan)))
        .as("each header needs its own right")
        .startsWith("groups \"ops\" is forbidden: User \"bob\" cannot impersonate");
  }

  @Test
  void accessReviewsTellWhatARequestWouldMeet() {
    world.bindIn("default", "viewers", "view", user("bob"));
    String question =
        """
        {"spec":{%s"resourceAttributes":{"namespace":"default","verb":"%s","resource":"pods"}}}""";
    KubeResponse may =
        world.post("bob", REVIEWS + "selfsubjectaccessreviews", question.formatted("", "list"));
    assertThat(Json.isTrue(body(may), "status", "allowed")).isTrue();
    assertThat(Json.text(body(may), "status", "reason"))
        .isEqualTo(
            "RBAC: allowed by RoleBinding \"viewers/default\" of ClusterRole \"view\" to User"
                + " \"bob\"");
    KubeResponse mayNot =
        world.post("bob", REVIEWS + "selfsubjectaccessreviews", question.formatted("", "delete"));
    assertThat(Json.isTrue(body(mayNot), "status", "allowed")).isFalse();
    KubeResponse other =
        world.create(
            REVIEWS + "namespaces/default/localsubjectaccessreviews",
            question.formatted("\"user\":\"bob\",", "list"));
    assertThat(Json.isTrue(body(other), "status", "allowed")).isTrue();
    assertThat(
            world
                .post(
                    "bob",
                    REVIEWS + "subjectaccessreviews",
                    question.formatted("\"user\":\"alice\",", "list"))
                .status())
        .as("asking about others is a right")
        .isEqualTo(403);
  }

  @Test
  void aRulesReviewListsWhatOneMayDo() {
    world.clusterRole("getters", rule("get", "", "configmaps", "a"));
    world.bindIn("default", "getters", "getters", user("bob"));
    KubeResponse rules =
        world.post(
            "bob", REVIEWS + "selfsubjectrulesreviews", "{\"spec\":{\"namespace\":\"default\"}}");
    assertThat(rules.status()).isEqualTo(201);
    assertThat(rules.bodyText())
        .contains(
            "{\"verbs\":[\"get\"],\"apiGroups\":[\"\"],\"resources\":[\"configmaps\"],"
                + "\"resourceNames\":[\"a\"]}")
        .contains("\"incomplete\":false");
  }

  @Test
  void anOpenServerLetsEverybodyDoEverythingAndKnowsWhoItWas() {
    try (KubeApiServer open =
        KubeApiServer.builder().inProcess(world.time).user("eve", "token-e").build()) {
      assertThat(world.send(open.transport("eve"), KubeRequest.get(CONFIG_MAPS)).status())
          .isEqualTo(200);
      assertThat(Json.text(userInfo(world.send(open.transport("eve"), whoAmI())), "username"))
          .isEqualTo("eve");
    }
  }
}

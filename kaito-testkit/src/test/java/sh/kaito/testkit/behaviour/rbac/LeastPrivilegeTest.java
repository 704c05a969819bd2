package sh.kaito.testkit.behaviour.rbac;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.install.KaitoRbac;
import sh.kaito.core.kube.CountingTransport;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.behaviour.Seeds;
import sh.kaito.testkit.behaviour.Story;
import sh.kaito.testkit.behaviour.adoption.GoMade;
import sh.kaito.testkit.junit.KaitoCluster;
import sh.kaito.testkit.junit.Needs;

/** The permissions that the library writes down are enough, and the controller asks for no more. */
@KaitoCluster
@Needs(ClusterFeature.VIRTUAL_TIME)
class LeastPrivilegeTest {
  private static final String ACCOUNT = "system:serviceaccount:kaito-system:kaito";
  private static final Duration SOON = Duration.ofMinutes(1);

  private static KaitoRbac roles() {
    return KaitoRbac.roles()
        .serviceAccount("kaito-system", "kaito")
        .nodeClaims()
        .leaderElection("default", "kaito");
  }

  private static Story story() {
    return Story.without(
        cluster ->
            cluster.server(
                server ->
                    server
                        .rbac(true)
                        .user(ACCOUNT, "secret-of-the-test", "system:serviceaccounts")));
  }

  /** A server that does not enforce rights proves nothing. */
  private static void checkEnforced(Story story) {
    var pods = story.await(limited(story).exchange(KubeRequest.get("/api/v1/pods").build()));
    assertThat(pods.status()).as("without rights nothing is allowed").isEqualTo(403);
  }

  private static void allow(Story story, KaitoRbac roles) {
    for (String object : roles.yaml().split("(?m)^---$")) {
      if (object.isBlank()) {
        continue;
      }
      String namespace = field(object, "namespace");
      String kind = field(object, "kind");
      String path =
          "/apis/rbac.authorization.k8s.io/v1/"
              + (kind.startsWith("Cluster") ? "" : "namespaces/" + namespace + "/")
              + kind.toLowerCase(java.util.Locale.ROOT)
              + "s/"
              + field(object, "name");
      var answer =
          story.await(
              story
                  .cluster
                  .transport()
                  .exchange(
                      KubeRequest.patch(
                              path + "?fieldManager=test",
                              PatchType.APPLY,
                              object.getBytes(StandardCharsets.UTF_8))
                          .build()));
      assertThat(answer.isSuccess()).as(path + ": " + answer.bodyText()).isTrue();
    }
  }

  /** The first field of that name at the top or in the metadata. */
  private static String field(String yaml, String name) {
    Matcher matcher = Pattern.compile("(?m)^(?:  )?" + name + ": (\\S+)$").matcher(yaml);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static KaitoController.Builder controller(Story story, KubeTransport transport) {
    return KaitoController.builder(transport)
        .provisioner(ClaimProvisioner::gpuProvisioner)
        .scheduler(story.time)
        .leaderElection("default", "kaito");
  }

  private static KubeTransport limited(Story story) {
    return story.cluster.simulated().server().transport(ACCOUNT);
  }

  @Test
  void aLifeFromApplyToGoneNeedsNoMoreThanTheRoles() {
    try (Story story = story()) {
      checkEnforced(story);
      allow(story, roles());
      CountingTransport wire = CountingTransport.of(limited(story));
      try (KaitoController controller = controller(story, wire).build().start()) {
        story.time.advanceUntil("it works", controller::isLeading, SOON);
        WorkspaceKey key = story.apply(Seeds.phi3());
        story.awaitReady(key);
        story.delete(key);
        story.time.advance(Duration.ofMinutes(5));
        assertThat(wire.counts().answered(403)).as("%s", wire.counts()).isZero();
        assertThat(story.cluster.nodes().bill().running()).isZero();
        assertThat(controller.isReady()).isTrue();
      }
    }
  }

  @Test
  void changingHandsNeedsTheRolesForIt() {
    try (Story story = story()) {
      checkEnforced(story);
      allow(story, roles().namespaces(List.of("default")));
      CountingTransport wire = CountingTransport.of(limited(story));
      GoMade go = GoMade.of(story, "v0.12.0-phi-4-mini").withoutWaiting();
      WorkspaceKey key = go.make();
      try (KaitoController controller =
          controller(story, wire)
              .namespaces(List.of("default"))
              .alongsideGoOperator()
              .build()
              .start()) {
        story.time.advanceUntil("it works", controller::isLeading, SOON);
        story.await(story.kaito.adoptAsync(key));
        story.time.advance(Duration.ofMinutes(1));
        assertThat(story.status(key)).contains("AdoptionRefused").contains("403");
        allow(story, roles().namespaces(List.of("default")).handover());
        story.time.advance(Duration.ofMinutes(10));
        story.awaitReady(key);
        long refused = wire.counts().answered(403);
        story.await(story.kaito.handBackAsync(key));
        story.time.advance(Duration.ofMinutes(10));
        assertThat(story.status(key)).doesNotContain("\"java.kaito.sh/nodes\":");
        assertThat(wire.counts().answered(403)).as("%s", wire.counts()).isEqualTo(refused);
      }
    }
  }

  @Test
  void withoutTheRolesAHandOverWaitsAndSaysSo() {
    try (Story story = story()) {
      checkEnforced(story);
      allow(story, roles());
      try (KaitoController controller = controller(story, limited(story)).build().start()) {
        story.time.advanceUntil("it works", controller::isLeading, SOON);
        WorkspaceKey key = story.apply(Seeds.phi3());
        story.awaitReady(key);
        story.await(story.kaito.handBackAsync(key));
        story.time.advance(Duration.ofMinutes(10));
        assertThat(story.status(key)).contains("HandoverIncomplete").contains("403");
        assertThat(story.cluster.nodes().bill().running()).isEqualTo(1);
        allow(story, roles().handover());
        story.time.advance(Duration.ofMinutes(10));
        assertThat(story.status(key))
            .doesNotContain("\"java.kaito.sh/nodes\":")
            .doesNotContain("HandoverIncomplete");
      }
    }
  }

  @Test
  void inNamespacesTheRolesReachNoFurther() {
    try (Story story = story()) {
      checkEnforced(story);
      allow(story, roles().namespaces(List.of("default")));
      CountingTransport wire = CountingTransport.of(limited(story));
      try (KaitoController controller =
          controller(story, wire).namespaces(List.of("default")).build().start()) {
        story.time.advanceUntil("it works", controller::isLeading, SOON);
        WorkspaceKey key = story.apply(Seeds.phi3());
        story.awaitReady(key);
        story.delete(key);
        assertThat(wire.counts().answered(403)).as("%s", wire.counts()).isZero();
        assertThat(controller.isReady()).isTrue();
      }
      var everywhere =
          story.await(limited(story).exchange(KubeRequest.get("/api/v1/pods").build()));
      assertThat(everywhere.status()).as("pods of all namespaces").isEqualTo(403);
    }
  }

  @Test
  void withoutAPermissionItSaysWhichAndGoesOnWhenItIsThere() {
    try (Story story = story()) {
      checkEnforced(story);
      allow(story, KaitoRbac.roles().leaderElection("default", "kaito"));
      try (KaitoController controller = controller(story, limited(story)).build().start()) {
        story.time.advance(Duration.ofMinutes(1));
        assertThat(controller.isReady()).as("without NodeClaims").isFalse();
        assertThat(controller.readiness().message()).contains("gpu-provisioner");
        allow(story, roles());
        story.time.advanceUntil("it works", controller::isReady, Duration.ofMinutes(2));
      }
    }
  }
}

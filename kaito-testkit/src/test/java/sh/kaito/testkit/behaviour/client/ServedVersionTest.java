package sh.kaito.testkit.behaviour.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.KaitoCrd;
import sh.kaito.api.model.KaitoCrds;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.client.WorkspaceException;
import sh.kaito.core.client.WorkspaceException.Kind;
import sh.kaito.core.kube.CountingTransport;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.behaviour.Seeds;

/** The client speaks the version that a cluster serves, and says so where it serves none. */
class ServedVersionTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final WorkspaceKey ABSENT = WorkspaceKey.of("absent");

  @Test
  void aClusterThatServesTheOldVersionAloneIsSpokenToInThatVersion() {
    try (SimulatedCluster cluster = SimulatedCluster.builder().crds(onlyV1alpha1()).start();
        WorkspaceClient kaito = WorkspaceClient.create(cluster.transport())) {
      Workspace phi = Seeds.phi3().toBuilder().apiVersion(ApiVersion.V1ALPHA1).build();
      kaito.apply(phi);

      assertThat(kaito.get(phi.key())).map(Workspace::apiVersion).contains(ApiVersion.V1ALPHA1);
      assertThat(kaito.list("default"))
          .extracting(Workspace::key, Workspace::apiVersion)
          .containsExactly(tuple(phi.key(), ApiVersion.V1ALPHA1));
      assertThat(kindOf(() -> kaito.awaitReady(ABSENT, LIMIT))).isEqualTo(Kind.NOT_FOUND);
      assertThat(kaito.delete(ABSENT)).as("nothing to delete").isFalse();
      assertThat(kaito.delete(phi.key())).as("the workspace was there").isTrue();
      kaito.awaitDeleted(phi.key(), LIMIT);
      assertThat(kaito.get(phi.key())).isEmpty();

      WorkspaceException newer =
          catchThrowableOfType(
              WorkspaceException.class,
              () -> kaito.apply(phi.toBuilder().apiVersion(ApiVersion.V1BETA1).build()));
      assertThat(newer.kind()).isEqualTo(Kind.INVALID);
      assertThat(newer).hasMessageContaining("write it in kaito.sh/v1alpha1");
    }
  }

  @Test
  void aClusterWithoutTheApiIsNoClusterWithoutWorkspaces() {
    try (SimulatedCluster cluster = SimulatedCluster.builder().crds(List.of()).start();
        WorkspaceClient kaito = WorkspaceClient.create(cluster.transport())) {
      List<ThrowingCallable> calls =
          List.of(
              () -> kaito.get(ABSENT),
              () -> kaito.list("default"),
              () -> kaito.delete(ABSENT),
              () -> kaito.apply(Seeds.phi3()),
              () -> kaito.awaitReady(ABSENT, LIMIT),
              () -> kaito.awaitDeleted(ABSENT, LIMIT));
      for (ThrowingCallable call : calls) {
        WorkspaceException refused = catchThrowableOfType(WorkspaceException.class, call);
        assertThat(refused)
            .as("call %d", calls.indexOf(call))
            .hasMessage(
                "the Workspace API (kaito.sh) is not served by this cluster; install the CRDs");
        assertThat(refused.kind()).isEqualTo(Kind.UNREACHABLE);
      }
    }
  }

  @Test
  void discoveryIsAskedOnceAndAgainAfterAFailure() {
    try (SimulatedCluster cluster = SimulatedCluster.start()) {
      List<String> paths = new ArrayList<>();
      CountingTransport counted = CountingTransport.of(cluster.transport());
      FakeTransport firstFails =
          new FakeTransport(
              request -> {
                paths.add(request.path());
                return paths.size() == 1 ? FakeTransport.failure() : counted.exchange(request);
              });
      try (WorkspaceClient kaito = WorkspaceClient.create(firstFails)) {
        assertThat(kindOf(() -> kaito.get(ABSENT))).isEqualTo(Kind.UNREACHABLE);
        assertThat(kaito.get(ABSENT)).isEmpty();
        assertThat(kaito.get(ABSENT)).isEmpty();
        assertThat(paths)
            .filteredOn(path -> path.equals("/apis/kaito.sh/v1beta1"))
            .as("one request that failed, one that was answered: %s", paths)
            .hasSize(2);
      }
    }
  }

  private static Kind kindOf(ThrowingCallable call) {
    return catchThrowableOfType(WorkspaceException.class, call).kind();
  }

  private static List<KaitoCrd> onlyV1alpha1() {
    KaitoCrd crd = KaitoCrds.workspaces();
    String yaml =
        crd.yaml().replace("served: true\n    storage: true", "served: false\n    storage: true");
    assertThat(yaml).as("the CRD as it is written").isNotEqualTo(crd.yaml());
    return List.of(new KaitoCrd(crd.name(), yaml));
  }
}

package sh.kaito.testkit.behaviour.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.KaitoCrd;
import sh.kaito.api.model.KaitoCrds;
import sh.kaito.core.install.CrdInstaller;
import sh.kaito.core.install.CrdInstaller.Change;
import sh.kaito.core.install.CrdInstaller.Installed;
import sh.kaito.core.install.CrdRefusedException;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.VirtualScheduler;

/** Definitions are installed once, waited for, and never taken out of other hands unasked. */
class CrdInstallerTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final VirtualScheduler time = VirtualScheduler.seeded(3);
  private final KubeApiServer server = KubeApiServer.inProcess(time);

  @AfterEach
  void close() {
    server.close();
  }

  private List<Installed> install(CrdInstaller installer) {
    return time.await(installer.install(KaitoCrds.all(), LIMIT), LIMIT);
  }

  private CrdInstaller installer() {
    return CrdInstaller.of(server.transport(), time);
  }

  private void send(KubeRequest request) {
    var answer = time.await(server.transport().exchange(request), LIMIT);
    assertThat(answer.isSuccess()).as(request + ": " + answer.bodyText()).isTrue();
  }

  private void appliedBy(String manager, KaitoCrd crd) {
    send(
        KubeRequest.patch(
                crd.path() + "?fieldManager=" + manager,
                PatchType.APPLY,
                crd.yaml().getBytes(StandardCharsets.UTF_8))
            .build());
  }

  @Test
  void anEmptyClusterServesWorkspacesAfterwards() {
    assertThat(install(installer()))
        .containsExactly(new Installed("workspaces.kaito.sh", Change.CREATED));
    send(KubeRequest.get("/apis/kaito.sh/v1beta1/workspaces").build());
    assertThat(install(installer()))
        .as("a second time nothing changes")
        .containsExactly(new Installed("workspaces.kaito.sh", Change.UNCHANGED));
  }

  @Test
  void whatAnotherToolAppliedIsLeftAloneUnlessForced() {
    appliedBy("helm", KaitoCrds.workspaces());
    assertThatThrownBy(() -> install(installer()))
        .hasCauseInstanceOf(CrdRefusedException.class)
        .hasMessageContaining("workspaces.kaito.sh exists and belongs to \"helm\"")
        .hasMessageContaining("CrdInstaller.overwriting()");
    assertThat(install(installer().overwriting()))
        .extracting(Installed::name)
        .containsExactly("workspaces.kaito.sh");
    assertThat(install(installer())).as("it is ours from then on").hasSize(1);
  }

  @Test
  void whatHelmMarkedIsNamedByItsRelease() {
    install(installer());
    send(
        KubeRequest.patch(
                KaitoCrds.workspaces().path(),
                PatchType.MERGE,
                ("{\"metadata\":{\"annotations\":{\"meta.helm.sh/release-name\":\"kaito-ws\"}}}")
                    .getBytes(StandardCharsets.UTF_8))
            .build());
    assertThatThrownBy(() -> install(installer()))
        .hasMessageContaining("belongs to Helm release \"kaito-ws\"");
  }

  @Test
  void namesThatAreTakenAreReported() {
    KaitoCrd ours = KaitoCrds.workspaces();
    appliedBy("kaito-java", ours);
    KaitoCrd rival =
        new KaitoCrd(
            "workplaces.kaito.sh",
            ours.yaml()
                .replace("name: workspaces.kaito.sh", "name: workplaces.kaito.sh")
                .replace("plural: workspaces", "plural: workplaces"));
    assertThatThrownBy(
            () -> time.await(installer().install(List.of(rival), LIMIT), LIMIT.multipliedBy(2)))
        .hasMessageContaining("workplaces.kaito.sh is not accepted");
  }
}

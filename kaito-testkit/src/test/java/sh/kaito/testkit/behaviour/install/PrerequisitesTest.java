package sh.kaito.testkit.behaviour.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.PatchType;
import sh.kaito.core.install.CrdInstaller;
import sh.kaito.core.install.Finding;
import sh.kaito.core.install.KaitoPrerequisites;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.VirtualScheduler;

/** What a cluster lacks is said before anything is bought. */
class PrerequisitesTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final VirtualScheduler time = VirtualScheduler.seeded(3);
  private final KubeApiServer server = KubeApiServer.inProcess(time);

  @AfterEach
  void close() {
    server.close();
  }

  private List<String> check() {
    return time
        .await(
            KaitoPrerequisites.of(server.transport()).namespace("default").nodeClaims().check(),
            LIMIT)
        .stream()
        .map(Finding::toString)
        .toList();
  }

  private void send(KubeRequest request) {
    var answer = time.await(server.transport().exchange(request), LIMIT);
    assertThat(answer.isSuccess()).as(request + ": " + answer.bodyText()).isTrue();
  }

  private void post(String path, String json) {
    send(KubeRequest.post(path, json.getBytes(StandardCharsets.UTF_8)).build());
  }

  private void devicePlugin() {
    send(
        KubeRequest.patch(
                "/apis/apps/v1/namespaces/kube-system/daemonsets/nvidia-device-plugin-daemonset"
                    + "?fieldManager=test",
                PatchType.APPLY,
                KaitoPrerequisites.manifests().getBytes(StandardCharsets.UTF_8))
            .build());
  }

  @Test
  void anEmptyClusterLacksDefinitionsAndADevicePlugin() {
    assertThat(check())
        .satisfiesExactlyInAnyOrder(
            finding ->
                assertThat(finding)
                    .startsWith("ERROR definition workspaces.kaito.sh: is not installed")
                    .contains("CrdInstaller"),
            finding ->
                assertThat(finding)
                    .startsWith("ERROR definition nodeclaims.karpenter.sh: is not installed"),
            finding ->
                assertThat(finding)
                    .startsWith("WARNING device plugin: no DaemonSet")
                    .contains("KaitoPrerequisites.manifests()"));
  }

  @Test
  void aNamespaceThatDoesNotExistIsNamedWithWhatMakesIt() {
    List<String> found =
        time
            .await(
                KaitoPrerequisites.of(server.transport())
                    .namespace("gpu")
                    .leaderElection("kaito-system")
                    .check(),
                LIMIT)
            .stream()
            .map(Finding::toString)
            .toList();
    assertThat(found)
        .as("findings for namespaces that do not exist")
        .anyMatch(it -> it.startsWith("WARNING namespace gpu: does not exist"))
        .anyMatch(
            it ->
                it.startsWith("ERROR namespace kaito-system: does not exist, and the lease")
                    && it.endsWith("kubectl create namespace kaito-system"));
  }

  @Test
  void withDefinitionAndManifestsOnlyTheClaimsAreMissing() {
    time.await(
        CrdInstaller.of(server.transport(), time)
            .install(sh.kaito.api.model.KaitoCrds.all(), LIMIT),
        LIMIT);
    devicePlugin();
    assertThat(check())
        .singleElement()
        .asString()
        .startsWith("ERROR definition nodeclaims.karpenter.sh");
  }

  @Test
  void aDevicePluginThatDoesNotTolerateTheTaintIsFoundOut() {
    post(
        "/apis/apps/v1/namespaces/kube-system/daemonsets",
        """
        {"metadata":{"name":"nvidia"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{
          "metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c",
          "image":"nvcr.io/nvidia/k8s-device-plugin:v0.17.0"}]}}}}
        """);
    assertThat(check())
        .anySatisfy(
            finding ->
                assertThat(finding)
                    .startsWith("WARNING DaemonSet nvidia: does not tolerate the taint sku=gpu"));
  }

  @Test
  void aNamespaceThatLetsNoModelInIsFoundOut() {
    send(
        KubeRequest.patch(
                "/api/v1/namespaces/default",
                PatchType.MERGE,
                ("{\"metadata\":{\"labels\":{\"pod-security.kubernetes.io/enforce\":"
                        + "\"restricted\"}}}")
                    .getBytes(StandardCharsets.UTF_8))
            .build());
    post(
        "/api/v1/namespaces/default/resourcequotas",
        """
        {"metadata":{"name":"small"},"spec":{"hard":{"requests.nvidia.com/gpu":"0","pods":"10",
          "limits.memory":"10Gi"}}}
        """);
    post(
        "/api/v1/namespaces/default/limitranges",
        """
        {"metadata":{"name":"tight"},"spec":{"limits":[{"type":"Container",
          "default":{"memory":"512Mi"}}]}}
        """);
    devicePlugin();
    assertThat(check())
        .filteredOn(finding -> finding.contains("namespace default"))
        .satisfiesExactlyInAnyOrder(
            finding -> assertThat(finding).startsWith("ERROR").contains("\"restricted\""),
            finding ->
                assertThat(finding)
                    .startsWith("ERROR")
                    .contains(
                        "ResourceQuota small leaves no requests.nvidia.com/gpu (0 of 0 used)"),
            finding ->
                assertThat(finding).startsWith("WARNING").contains("small limits limits.memory"),
            finding ->
                assertThat(finding)
                    .startsWith("WARNING")
                    .contains("LimitRange tight gives every container a memory limit of 512Mi"));
  }
}

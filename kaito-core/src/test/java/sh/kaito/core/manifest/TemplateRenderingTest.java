package sh.kaito.core.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sh.kaito.api.model.Workspace;
import sh.kaito.core.plan.TestWorkspaces;

class TemplateRenderingTest {

  private static Workspace template(String template) {
    return TestWorkspaces.read(
        """
        apiVersion: kaito.sh/v1beta1
        kind: Workspace
        metadata: {name: w, namespace: ns}
        resource: {count: 3, instanceType: Standard_NC24ads_A100_v4, labelSelector: {matchLabels: {apps: x}}}
        inference:
          template:
        """
            + template.indent(4));
  }

  private static JsonNode pod(Workspace workspace) {
    return Renderings.json(Renderings.render(workspace).workloadManifest()).at("/spec/template");
  }

  @Test
  void containersOfTheUserAreLeftAlone() {
    JsonNode pod =
        pod(
            template(
                """
                metadata: {labels: {mine: "1"}}
                spec:
                  containers:
                    - name: server
                      image: r.example/s:1
                      command: [serve, "$(HOST)", "$HOME", "$$x"]
                      futureField: kept
                """));

    assertThat(pod.at("/spec/containers").toString())
        .isEqualTo(
            "[{\"command\":[\"serve\",\"$(HOST)\",\"$HOME\",\"$$x\"],\"image\":\"r.example/s:1\","
                + "\"name\":\"server\",\"futureField\":\"kept\"}]");
    assertThat(pod.at("/metadata/labels").toString())
        .isEqualTo("{\"mine\":\"1\",\"kaito.sh/workspace\":\"w\"}");
    assertThat(pod.at("/spec/securityContext").isMissingNode()).isTrue();
  }

  @Test
  void nodesOfTheWorkspaceAreDemandedOnTopOfTheUsersOwnWishes() {
    JsonNode spec =
        pod(template(
                """
                    spec:
                      nodeSelector: {disk: fast}
                      tolerations: [{key: sku, operator: Equal, value: gpu, effect: NoSchedule}]
                      affinity:
                        podAntiAffinity: {}
                        nodeAffinity:
                          requiredDuringSchedulingIgnoredDuringExecution:
                            nodeSelectorTerms:
                              - matchExpressions: [{key: zone, operator: In, values: [a]}]
                              - matchFields: [{key: metadata.name, operator: In, values: [n]}]
                      containers: [{name: s, image: r.example/s:1}]
                    """))
            .path("spec");
    JsonNode terms =
        spec.at("/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution")
            .path("nodeSelectorTerms");

    assertThat(terms).hasSize(2);
    assertThat(terms.get(0).path("matchExpressions").findValuesAsText("key"))
        .containsExactly("zone", "apps", "java.kaito.sh/owner-uid");
    assertThat(terms.get(1).path("matchExpressions").findValuesAsText("key"))
        .containsExactly("apps", "java.kaito.sh/owner-uid");
    assertThat(terms.get(1).has("matchFields")).isTrue();
    assertThat(spec.at("/affinity/podAntiAffinity").isObject()).isTrue();
    assertThat(spec.path("nodeSelector").path("disk").asText()).isEqualTo("fast");
    assertThat(spec.path("tolerations").findValuesAsText("key"))
        .as("a toleration that is there is not added again")
        .containsExactly("sku", "nvidia.com/gpu");
  }

  @Test
  void everyReplicaServes() {
    Rendered rendered =
        Renderings.render(template("spec: {containers: [{name: s, image: r.example/s:1}]}"));

    assertThat(rendered.workload().replicas()).isEqualTo(3);
    assertThat(Renderings.object(rendered, "Service", "w").at("/spec/selector").toString())
        .isEqualTo("{\"kaito.sh/workspace\":\"w\"}");
  }

  @Test
  void aLabelThatWouldHideThePodsIsRefused() {
    RenderOutcome outcome =
        Manifests.render(
            Renderings.inputs(
                    template(
                        """
                        metadata: {labels: {kaito.sh/workspace: other}}
                        spec: {containers: [{name: s, image: r.example/s:1}]}
                        """),
                    Map.of())
                .build());

    assertThat(outcome).isInstanceOf(RenderRefusal.class);
    assertThat(outcome.toString()).contains("other").contains("pods are found by it");
  }
}

package sh.kaito.core.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.core.plan.Plan;
import sh.kaito.core.plan.PlanInputs;
import sh.kaito.core.plan.Planner;

/** Plans and renders workspaces of tests, with the nodes that a claim provisioner would give. */
final class Renderings {
  static final String UID = "0b0c6c1e-0000-4000-8000-000000000000";
  private static final ObjectMapper JSON = new ObjectMapper();

  private Renderings() {}

  static PlanInputs planInputs(Workspace workspace, Map<String, Map<String, String>> configMaps) {
    PlanInputs.Builder planInputs = PlanInputs.builder();
    for (ConfigMapReference reference : Manifests.configMaps(workspace)) {
      Optional<String> text =
          Optional.ofNullable(
              configMaps.getOrDefault(reference.name(), Map.of()).get(reference.key()));
      if (reference.key().equals(KaitoApi.INFERENCE_CONFIG_KEY)) {
        planInputs.inferenceConfig(text);
      } else {
        planInputs.trainingConfig(text);
      }
    }
    return planInputs.build();
  }

  static RenderInputs.Builder inputs(
      Workspace workspace, Map<String, Map<String, String>> configMaps) {
    Plan plan =
        Planner.builder().build().plan(workspace, planInputs(workspace, configMaps)).orElseThrow();
    Map<String, String> labels = new TreeMap<>(plan.nodes().labels());
    labels.put(KaitoLabels.OWNER_UID, UID);
    return RenderInputs.builder()
        .plan(plan)
        .workspace(workspace)
        .owner(new Owner(workspace.key(), "kaito.sh/v1beta1", UID))
        .constraints(
            new NodeConstraints(
                labels, List.of(new NodeConstraints.Taint("sku", "gpu", "NoSchedule"))))
        .configMaps(configMaps);
  }

  static Rendered render(Workspace workspace, Map<String, Map<String, String>> configMaps) {
    return Manifests.render(inputs(workspace, configMaps).build()).orElseThrow();
  }

  static Rendered render(Workspace workspace) {
    return render(workspace, Map.of());
  }

  static JsonNode json(Manifest manifest) {
    try {
      return JSON.readTree(manifest.toJson());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The object of that kind and name. */
  static JsonNode object(Rendered rendered, String kind, String name) {
    return rendered.manifests().stream()
        .filter(manifest -> manifest.kind().equals(kind) && manifest.name().equals(name))
        .map(Renderings::json)
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("no " + kind + "/" + name + " in " + rendered.manifests()));
  }

  static JsonNode pod(Rendered rendered) {
    return json(rendered.workloadManifest()).at("/spec/template/spec");
  }

  /** The container of that name, wherever it stands. */
  static JsonNode container(Rendered rendered, String name) {
    JsonNode pod = pod(rendered);
    return StreamSupport.stream(pod.path("initContainers").spliterator(), false)
        .filter(container -> container.path("name").asText().equals(name))
        .findFirst()
        .or(
            () ->
                StreamSupport.stream(pod.path("containers").spliterator(), false)
                    .filter(container -> container.path("name").asText().equals(name))
                    .findFirst())
        .orElseThrow(() -> new AssertionError("no container " + name + " in " + pod));
  }

  static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }
}

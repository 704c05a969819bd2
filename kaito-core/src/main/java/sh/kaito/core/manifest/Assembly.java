package sh.kaito.core.manifest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.core.internal.naming.DerivedNames;

/** Puts the objects of one Workspace together, in the order in which they are applied. */
final class Assembly {
  private final RenderInputs inputs;
  private final OwnedObjects objects;
  private final List<Manifest> manifests = new ArrayList<>();
  private final String workloadHash;

  Assembly(RenderInputs inputs) {
    this.inputs = inputs;
    this.objects = new OwnedObjects(inputs.owner());
    this.workloadHash = Manifests.inputHash(inputs.workspace(), inputs.configMaps());
  }

  /** What every pod of the Workspace carries. */
  void labels(PodTemplate pod) {
    pod.label(KaitoLabels.WORKSPACE, inputs.owner().key().name());
    Map<String, String> labels = inputs.workspace().metadata().getLabels();
    String set = labels == null ? null : labels.get(KaitoLabels.INFERENCE_SET_CREATED_BY);
    if (set != null) {
      // The routers of an InferenceSet find its pods by this label.
      pod.label(KaitoLabels.INFERENCE_SET_CREATED_BY, set);
    }
  }

  boolean loadBalancer() {
    return inputs
        .workspace()
        .annotation(KaitoAnnotations.ENABLE_LB)
        .filter(KaitoAnnotations.ENABLE_LB_TRUE::equals)
        .isPresent();
  }

  void configMap(String name, Map<String, String> data) {
    manifests.add(new Manifest(objects.configMap(name, data), workloadHash));
  }

  void headlessService(Leader leader, ArrayNode ports) {
    manifests.add(
        new Manifest(
            objects.headlessService(leader.headlessService(), ports),
            InputHash.ofService(inputs.workspace())));
  }

  void service(ArrayNode ports, Optional<String> pod) {
    manifests.add(
        new Manifest(
            objects.service(ports, loadBalancer(), pod), InputHash.ofService(inputs.workspace())));
  }

  Rendered deployment(ObjectNode template) {
    return finish(
        Workload.Type.DEPLOYMENT, objects.deployment(replicas(), template), replicas(), false);
  }

  Rendered statefulSet(String serviceName, ObjectNode template) {
    return finish(Workload.Type.STATEFUL_SET, set(serviceName, template), replicas(), false);
  }

  /** A StatefulSet whose pods are one process group. */
  Rendered processGroup(Leader leader, ObjectNode template) {
    ObjectNode set = set(leader.headlessService(), template);
    return finish(Workload.Type.STATEFUL_SET, set, replicas(), true);
  }

  private ObjectNode set(String serviceName, ObjectNode template) {
    String name = DerivedNames.statefulSet(inputs.owner().key().name());
    return objects.statefulSet(name, serviceName, replicas(), template);
  }

  private int replicas() {
    return inputs.plan().nodes().count();
  }

  Rendered job(String trainer, ObjectNode template) {
    Manifest job = new Manifest(objects.job(template), workloadHash);
    return finish(job, new Workload(Workload.Type.JOB, job.name(), 1, Optional.of(trainer)));
  }

  private Rendered finish(
      Workload.Type type, ObjectNode body, int replicas, boolean startsTogether) {
    Manifest manifest = new Manifest(body, workloadHash, startsTogether);
    return finish(manifest, new Workload(type, manifest.name(), replicas, Optional.empty()));
  }

  private Rendered finish(Manifest manifest, Workload workload) {
    manifests.add(manifest);
    return Rendered.builder()
        .manifests(manifests)
        .workload(workload)
        .pinned(PinnedChoices.of(inputs.plan()))
        .build();
  }
}

package sh.kaito.core.plan;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import java.util.Optional;
import sh.kaito.core.internal.naming.DerivedNames;

/** Plans a workspace that runs the user's own pod template. */
final class TemplatePlanning {
  /** What the Go operator v0.12.0 asks for when it knows no model. */
  private static final int DISK_GIB = 1024;

  private final Planning planning;

  TemplatePlanning(Planning planning) {
    this.planning = planning;
  }

  Plan plan() {
    NodeResolver.Nodes nodes = planning.resolver.resolve();
    planning.loadBalancerHint();
    int count = planning.requestedCount();
    String name = planning.key.name();
    planning.nodeObjects(count);
    planning.objects.add(
        new PlannedObject(
            "apps/v1",
            "StatefulSet",
            DerivedNames.statefulSet(name),
            PlanText.count(count, "replica")));
    planning.objects.add(new PlannedObject("v1", "Service", name, "80 to container port 5000"));
    planning
        .workspace
        .inference()
        .flatMap(inference -> inference.template())
        .map(V1PodTemplateSpec::getSpec)
        .map(V1PodSpec::getContainers)
        .ifPresent(
            containers -> {
              for (V1Container container : containers) {
                Optional.ofNullable(container.getImage())
                    .ifPresent(
                        image ->
                            planning.images.add(
                                new PlannedImage("container " + container.getName(), image)));
              }
            });
    return planning.finishWithDownload(
        planning.start(WorkloadKind.TEMPLATE).deadlines(Deadlines.builder().build()),
        planning
            .nodes(nodes)
            .count(count)
            .reason(planning.countReason(count))
            .gpusPerPod(0)
            .diskGiB(DISK_GIB)
            .build(),
        0);
  }
}

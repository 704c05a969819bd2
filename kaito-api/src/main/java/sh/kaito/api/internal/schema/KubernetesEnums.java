package sh.kaito.api.internal.schema;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ContainerPort;
import io.kubernetes.client.openapi.models.V1EphemeralContainer;
import io.kubernetes.client.openapi.models.V1LabelSelectorRequirement;
import io.kubernetes.client.openapi.models.V1NodeSelectorRequirement;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Toleration;
import io.kubernetes.client.openapi.models.V1TopologySpreadConstraint;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.schema.Shape.Scalar;

/**
 * Closed sets of values inside Kubernetes types. The client's model classes carry them in comments
 * only; these are the ones that people write by hand in a pod template.
 */
final class KubernetesEnums {

  private static final Map<String, Scalar> ENUMS = new HashMap<>();

  static {
    Scalar pull = Scalar.oneOf("Always", "IfNotPresent", "Never");
    put(V1Container.class, "imagePullPolicy", pull);
    put(V1EphemeralContainer.class, "imagePullPolicy", pull);
    Scalar termination = Scalar.oneOf("File", "FallbackToLogsOnError");
    put(V1Container.class, "terminationMessagePolicy", termination);
    put(V1ContainerPort.class, "protocol", Scalar.oneOf("TCP", "UDP", "SCTP"));
    put(V1PodSpec.class, "restartPolicy", Scalar.oneOf("Always", "OnFailure", "Never"));
    put(
        V1PodSpec.class,
        "dnsPolicy",
        Scalar.oneOf("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"));
    put(V1Toleration.class, "operator", Scalar.oneOf("Equal", "Exists", "Lt", "Gt"));
    put(
        V1Toleration.class,
        "effect",
        Scalar.oneOf("NoSchedule", "PreferNoSchedule", "NoExecute", ""));
    put(
        V1LabelSelectorRequirement.class,
        "operator",
        Scalar.oneOf("In", "NotIn", "Exists", "DoesNotExist"));
    put(
        V1NodeSelectorRequirement.class,
        "operator",
        Scalar.oneOf("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"));
    put(
        V1TopologySpreadConstraint.class,
        "whenUnsatisfiable",
        Scalar.oneOf("DoNotSchedule", "ScheduleAnyway"));
  }

  private KubernetesEnums() {}

  static @Nullable Shape of(Class<?> type, String field) {
    return ENUMS.get(type.getSimpleName() + "." + field);
  }

  private static void put(Class<?> type, String field, Scalar shape) {
    ENUMS.put(type.getSimpleName() + "." + field, shape);
  }
}

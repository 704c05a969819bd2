package sh.kaito.core.manifest;

import sh.kaito.core.internal.naming.DerivedNames;

/**
 * The first pod of a StatefulSet, to which the others of a process group connect.
 *
 * @param statefulSet name of the set
 * @param headlessService name of the Service that gives its pods names
 * @param host DNS name of the first pod, in full
 */
record Leader(String statefulSet, String headlessService, String host) {
  static final String POD_INDEX = "POD_INDEX";

  /** The kubelet's variable syntax. */
  static final String POD_INDEX_VALUE = "$(" + POD_INDEX + ")";

  /** Label that the StatefulSet controller writes since Kubernetes 1.28. */
  private static final String POD_INDEX_FIELD = "metadata.labels['apps.kubernetes.io/pod-index']";

  static Leader of(RenderInputs inputs) {
    String workspace = inputs.owner().key().name();
    String set = DerivedNames.statefulSet(workspace);
    String service = DerivedNames.headlessService(workspace);
    return new Leader(
        set,
        service,
        String.join(
            ".",
            pod(set),
            service,
            inputs.owner().key().namespace(),
            "svc",
            inputs.clusterDomain()));
  }

  /** Name of the first pod. */
  String pod() {
    return pod(statefulSet);
  }

  /** Tells a container which pod of the set it is in. */
  static void index(Container container) {
    container.envFromField(POD_INDEX, POD_INDEX_FIELD);
  }

  private static String pod(String set) {
    return set + "-0";
  }
}

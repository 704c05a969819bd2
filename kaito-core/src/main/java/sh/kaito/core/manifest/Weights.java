package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import java.util.Locale;
import java.util.Optional;
import sh.kaito.api.model.InferenceSpec;
import sh.kaito.api.model.KaitoAnnotations;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.PresetSpec;
import sh.kaito.core.catalog.InstanceType;

/** Where the weights of a model lie that its image does not hold. */
final class Weights {
  /** Where the base image expects downloaded weights. */
  static final String DIRECTORY = "/workspace/weights";

  private static final String VOLUME = "model-weights-volume";
  private static final String HOST_DIRECTORY = "/opt/kaito/models/";

  private Weights() {}

  /** The directory on the node's disk, where the user has put weights there. */
  static Optional<String> onHost(RenderInputs inputs) {
    return inputs
        .workspace()
        .annotation(KaitoAnnotations.USE_LOCAL_WEIGHTS)
        .filter(value -> value.equals("true"))
        .flatMap(value -> inputs.workspace().inference())
        .flatMap(InferenceSpec::preset)
        .flatMap(PresetSpec::name)
        .map(name -> HOST_DIRECTORY + directory(name));
  }

  /** The preset's name as one path segment; whoever filled the disk spelt it so. */
  private static String directory(String preset) {
    String segment = preset.toLowerCase(Locale.ROOT).replace('/', '-').replace('\\', '-');
    if (!segment.matches("[a-z0-9][a-z0-9._-]*")) {
      throw new IllegalStateException("no directory for a preset called " + preset);
    }
    return segment;
  }

  /** The user's weights, read-only. */
  static void mountHost(PodTemplate pod, Container container, String directory) {
    pod.volume(
        "model-weights-hostpath", "hostPath", object("path", directory, "type", "Directory"));
    container.mountReadOnly("model-weights-hostpath", directory);
  }

  /**
   * Room for a download. It lives as long as the pod: on the node's NVMe disk where there is one,
   * else on its system disk. A claim of the StatefulSet would outlive the node whose disk it is
   * bound to, and its template could never change.
   */
  static void mountDownload(
      RenderInputs inputs, PodTemplate pod, Container container, int gibibytes) {
    boolean nvme = inputs.plan().nodes().catalogRow().filter(InstanceType::nvme).isPresent();
    Optional<String> storageClass = inputs.localDiskStorageClass().filter(name -> nvme);
    if (storageClass.isPresent()) {
      pod.volume(
          VOLUME,
          "ephemeral",
          object(
              "volumeClaimTemplate",
              object(
                  "metadata",
                  object("labels", object(KaitoLabels.WORKSPACE, inputs.owner().key().name())),
                  "spec",
                  object(
                      "accessModes",
                      array("ReadWriteOnce"),
                      "storageClassName",
                      storageClass,
                      "resources",
                      object("requests", object("storage", gibibytes + "Gi"))))));
    } else {
      pod.emptyDir(VOLUME);
    }
    container.mount(VOLUME, DIRECTORY);
  }
}

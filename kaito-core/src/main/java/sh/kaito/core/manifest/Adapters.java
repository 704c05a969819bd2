package sh.kaito.core.manifest;

import java.util.List;
import sh.kaito.api.model.AdapterSpec;
import sh.kaito.api.model.DataSource;
import sh.kaito.core.catalog.ServingRuntime;
import sh.kaito.core.internal.naming.DerivedNames;

/**
 * Brings LoRA adapters into {@code /mnt/adapter/NAME}, where every server looks for them. Under
 * vLLM the name is then that of a model; the other servers merge all adapters into the one model,
 * each with the strength that stands in an environment variable of its name.
 */
final class Adapters {
  private static final String VOLUME = "adapter-volume";
  private static final String DIRECTORY = "/mnt/adapter";
  private static final String REQUIRED = "adapter_config.json";

  private final RenderInputs inputs;
  private final WorkspaceTree tree;
  private final PodTemplate pod;
  private final Container server;

  Adapters(RenderInputs inputs, WorkspaceTree tree, PodTemplate pod, Container server) {
    this.inputs = inputs;
    this.tree = tree;
    this.pod = pod;
    this.server = server;
  }

  void add(List<AdapterSpec> adapters, ServingRuntime runtime) {
    if (adapters.stream().anyMatch(Adapters::hasImage)) {
      pod.emptyDir(VOLUME);
      server.mount(VOLUME, DIRECTORY);
    }
    for (int i = 0; i < adapters.size(); i++) {
      AdapterSpec adapter = adapters.get(i);
      DataSource source = adapter.source().orElseThrow();
      String name = source.name().orElseThrow();
      String directory = DIRECTORY + "/" + name;
      if (hasImage(adapter)) {
        fromImage(name, directory, source);
      } else {
        String volume = DerivedNames.label(VOLUME + "-" + name);
        pod.volume(volume, tree.objectAt("/inference/adapters/" + i + "/source/volumeSource"));
        server.mountReadOnly(volume, directory);
      }
      if (runtime != ServingRuntime.VLLM && isVariable(name)) {
        server.env(name, adapter.strength().orElse("1.0"));
      }
    }
  }

  private void fromImage(String name, String directory, DataSource source) {
    String image = source.image().orElseThrow();
    if (source.imagePullSecrets().isEmpty()) {
      pod.initContainer(
          ImageData.copy(free(name), image, directory, REQUIRED).mount(VOLUME, DIRECTORY));
      return;
    }
    String auth = name + "-inference-adapter";
    String volume = DerivedNames.label("docker-config-" + auth);
    pod.dockerConfigs(volume, source.imagePullSecrets())
        .pullSecrets(source.imagePullSecrets())
        .initContainer(
            ImageData.pull(
                    free("puller-" + name),
                    inputs.plan().tools().puller(),
                    image,
                    directory,
                    REQUIRED,
                    ImageData.CREDENTIALS + auth)
                .mount(VOLUME, DIRECTORY)
                .mountReadOnly(volume, ImageData.CREDENTIALS + auth));
  }

  /** A container name that is not taken: by the server, or by an adapter called like a puller. */
  private String free(String wanted) {
    String name = DerivedNames.label(wanted);
    for (int i = 1; name.equals(server.name()) || pod.hasContainer(name); i++) {
      name = DerivedNames.label("adapter-" + i + "-" + wanted);
    }
    return name;
  }

  /**
   * Whether every Kubernetes accepts the name as that of a variable, and the pod's own variables
   * are safe from it. Other names have strength 1.0, which is what the server assumes.
   */
  private static boolean isVariable(String name) {
    return name.matches("[a-z][-.a-z0-9]*");
  }

  private static boolean hasImage(AdapterSpec adapter) {
    return adapter
        .source()
        .flatMap(DataSource::image)
        .filter(image -> !image.isEmpty())
        .isPresent();
  }
}

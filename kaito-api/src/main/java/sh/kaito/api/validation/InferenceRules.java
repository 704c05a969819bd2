package sh.kaito.api.validation;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Volume;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sh.kaito.api.internal.text.FieldPath;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.model.AdapterSpec;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.InferenceSpec;

/** Rules for {@code inference}. */
final class InferenceRules {
  private static final String TEMPLATE = "inference.template";

  private InferenceRules() {}

  static void check(InferenceSpec inference, ApiVersion version, Findings findings) {
    if (inference.preset().isEmpty() && inference.template().isEmpty()) {
      findings.add(
          "V-50",
          Violation.error("inference", "neither preset nor template is set")
              .addAllowed("preset", "template")
              .action("add preset with the name of a model, or template with your own pod"));
    }
    if (inference.preset().isPresent() && inference.template().isPresent()) {
      findings.add(
          "V-51",
          Violation.error("inference.template", "preset and template are both set")
              .addAllowed("preset", "template")
              .action("keep one of them"));
    }
    inference
        .preset()
        .ifPresent(preset -> PresetRules.check("inference.preset", preset, version, findings));
    inference.template().ifPresent(template -> template(template, findings));
    findings.objectName("inference.config", inference.config(), "object-name");
    adapters(inference, version, findings);
  }

  private static void adapters(InferenceSpec inference, ApiVersion version, Findings findings) {
    List<AdapterSpec> adapters = inference.adapters();
    String path = "inference.adapters";
    if (adapters.size() > AdapterSpec.MAX_ADAPTERS) {
      findings.add(
          "V-60",
          Violation.error(
                  path,
                  adapters.size()
                      + " adapters; at most "
                      + AdapterSpec.MAX_ADAPTERS
                      + " are allowed")
              .found(Integer.toString(adapters.size()))
              .action("remove some of them"));
    }
    if (!adapters.isEmpty() && inference.template().isPresent() && inference.preset().isEmpty()) {
      findings.add(
          "adapters-template",
          Violation.warning(path, "adapters are loaded by presets; a template does not see them")
              .action("load them in your own pod, or use a preset"));
    }
    Map<String, Integer> names = new HashMap<>();
    for (int i = 0; i < adapters.size(); i++) {
      int index = i;
      String adapterPath = FieldPath.index(path, index);
      AdapterSpec adapter = adapters.get(index);
      SourceRules.adapter(adapterPath, adapter, version, findings);
      adapter
          .source()
          .flatMap(source -> source.name())
          .filter(name -> !name.isEmpty())
          .ifPresent(
              name -> {
                Integer first = names.putIfAbsent(name, index);
                if (first != null) {
                  findings.add(
                      "V-61",
                      Violation.error(
                              adapterPath + ".source.name",
                              "the name "
                                  + Quoted.of(name)
                                  + " is taken by "
                                  + FieldPath.index(path, first))
                          .found(Quoted.shorten(name))
                          .action("give each adapter its own name"));
                }
              });
    }
  }

  private static void template(V1PodTemplateSpec template, Findings findings) {
    V1PodSpec spec = template.getSpec();
    List<V1Container> containers = spec == null ? null : spec.getContainers();
    if (containers == null || containers.isEmpty()) {
      findings.add(
          "template",
          Violation.error(TEMPLATE + ".spec.containers", "a pod needs at least one container")
              .action("add a container with name and image"));
      return;
    }
    for (int i = 0; i < containers.size(); i++) {
      container(FieldPath.index(TEMPLATE + ".spec.containers", i), containers.get(i), findings);
    }
    List<V1Volume> volumes = spec == null ? null : spec.getVolumes();
    if (volumes != null) {
      for (int i = 0; i < volumes.size(); i++) {
        SourceRules.hostPath(
            FieldPath.index(TEMPLATE + ".spec.volumes", i), volumes.get(i), findings);
      }
    }
  }

  private static void container(String path, V1Container container, Findings findings) {
    String image = container.getImage();
    if (container.getName() == null || container.getName().isEmpty()) {
      findings.add(
          "template",
          Violation.error(path + ".name", "required field is missing").action("add a name"));
    }
    if (image == null || image.isEmpty()) {
      findings.add(
          "template",
          Violation.error(path + ".image", "required field is missing")
              .action("add the image of your model server"));
    } else {
      findings.image(path + ".image", image, "template");
    }
  }
}

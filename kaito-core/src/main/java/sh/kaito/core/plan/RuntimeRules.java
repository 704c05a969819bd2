package sh.kaito.core.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sh.kaito.core.catalog.ComputeCapability;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.ModelPreset;
import sh.kaito.core.catalog.ServingRuntime;

/** The rules behind {@link RuntimeDecision#of}. */
final class RuntimeRules {
  private static final String ANNOTATION = "metadata.annotations[kaito.sh/runtime]";
  private static final String INSTANCE_TYPE = "resource.instanceType";

  private RuntimeRules() {}

  static RuntimeDecision decide(RuntimeRequest request) {
    if (request.pinned().isPresent()) {
      return new RuntimeChoice(
          request.pinned().get(),
          "the running workload keeps the runtime that it was created with");
    }
    Optional<RuntimeDecision> hardware = nvidiaOnly(request);
    if (hardware.isPresent()) {
      return hardware.get();
    }
    return request.annotation().isPresent()
        ? annotated(request, request.annotation().get())
        : automatic(request);
  }

  private static Optional<RuntimeDecision> nvidiaOnly(RuntimeRequest request) {
    return request
        .gpus()
        .filter(gpus -> !gpus.nvidia())
        .map(
            gpus ->
                new RuntimeRefusal(
                    INSTANCE_TYPE,
                    request.instanceType().orElse(gpus.product()),
                    "has " + gpus.product() + ", and the model images run on NVIDIA GPUs only",
                    "choose an instance type with NVIDIA GPUs"));
  }

  private static RuntimeDecision annotated(RuntimeRequest request, String value) {
    Optional<ServingRuntime> asked = ServingRuntime.ofWireName(value);
    if (asked.isEmpty()) {
      return new RuntimeRefusal(
          ANNOTATION,
          value,
          "is not a runtime",
          "allowed are vllm, transformers and legacy-image; remove the annotation to let the"
              + " library choose");
    }
    ServingRuntime runtime = asked.get();
    ModelPreset preset = request.preset();
    if (!preset.runtimes().contains(runtime)) {
      return new RuntimeRefusal(
          ANNOTATION,
          value,
          "cannot serve " + preset.name(),
          "allowed for this model: " + names(preset));
    }
    if (runtime == ServingRuntime.VLLM) {
      Optional<Map.Entry<String, String>> scaled = scaledAdapter(request);
      if (scaled.isPresent()) {
        return new RuntimeRefusal(
            ANNOTATION,
            value,
            "cannot scale adapters, and adapter "
                + scaled.get().getKey()
                + " has strength "
                + scaled.get().getValue(),
            "remove the annotation, or set the strength to \"1.0\"");
      }
      Optional<ComputeCapability> capability = capability(request);
      if (capability.isPresent() && !capability.get().atLeast(ComputeCapability.AMPERE)) {
        return new RuntimeRefusal(
            ANNOTATION,
            value,
            "needs compute capability "
                + ComputeCapability.AMPERE
                + ", and "
                + where(request)
                + " has "
                + capability.get(),
            preset.legacyImage().isPresent()
                ? "remove the annotation, and the model's own image is used"
                : "choose an instance type with an A10, A100 or newer GPU");
      }
    }
    return new RuntimeChoice(runtime, "the annotation kaito.sh/runtime asks for it");
  }

  private static RuntimeDecision automatic(RuntimeRequest request) {
    ModelPreset preset = request.preset();
    boolean hasImage = preset.legacyImage().isPresent();
    if (preset.baseImage().isEmpty()) {
      return new RuntimeChoice(
          ServingRuntime.LEGACY_IMAGE, preset.name() + " exists only as an image of its own");
    }
    if (request.privateImage() && hasImage) {
      return new RuntimeChoice(
          ServingRuntime.LEGACY_IMAGE, "the private image holds server and weights");
    }
    Optional<ComputeCapability> capability = capability(request);
    if (capability.isEmpty()) {
      return new RuntimeRefusal(
          INSTANCE_TYPE,
          request.instanceType().orElse(""),
          "has GPUs of unknown compute capability, so no runtime can be chosen",
          "set the annotation kaito.sh/runtime to one of "
              + names(preset)
              + ", or label the nodes with nvidia.com/cuda.compute.major and .minor");
    }
    boolean modern = capability.get().atLeast(ComputeCapability.AMPERE);
    Optional<Map.Entry<String, String>> scaled = scaledAdapter(request);
    if (scaled.isPresent()) {
      return scaled(request, scaled.get(), modern);
    }
    if (modern) {
      return new RuntimeChoice(
          ServingRuntime.VLLM,
          "it is the default for GPUs of compute capability "
              + ComputeCapability.AMPERE
              + " and above, and "
              + where(request)
              + " has "
              + capability.get());
    }
    if (hasImage) {
      return new RuntimeChoice(
          ServingRuntime.LEGACY_IMAGE,
          where(request)
              + " has compute capability "
              + capability.get()
              + ", vLLM's images need "
              + ComputeCapability.AMPERE
              + "; the model's own image runs on it");
    }
    return tooOld(request, capability.get());
  }

  private static RuntimeDecision scaled(
      RuntimeRequest request, Map.Entry<String, String> adapter, boolean modern) {
    String reason =
        "adapter "
            + adapter.getKey()
            + " has strength "
            + adapter.getValue()
            + ", which vLLM cannot apply";
    ModelPreset preset = request.preset();
    if (modern && preset.runtimes().contains(ServingRuntime.TRANSFORMERS)) {
      return new RuntimeChoice(ServingRuntime.TRANSFORMERS, reason);
    }
    if (preset.legacyImage().isPresent()) {
      return new RuntimeChoice(ServingRuntime.LEGACY_IMAGE, reason);
    }
    if (!modern) {
      return tooOld(request, capability(request).orElse(ComputeCapability.AMPERE));
    }
    return new RuntimeRefusal(
        "inference.adapters",
        adapter.getValue(),
        "is the strength of adapter "
            + adapter.getKey()
            + ", and "
            + preset.name()
            + " is served by vLLM alone, which cannot scale adapters",
        "leave the strength out, or set it to \"1.0\"");
  }

  private static RuntimeRefusal tooOld(RuntimeRequest request, ComputeCapability capability) {
    return new RuntimeRefusal(
        INSTANCE_TYPE,
        request.instanceType().orElse(where(request)),
        "has compute capability "
            + capability
            + "; "
            + request.preset().name()
            + " is served by the base image, which needs "
            + ComputeCapability.AMPERE,
        "choose an instance type with an A10, A100 or newer GPU, such as"
            + " Standard_NC24ads_A100_v4");
  }

  private static Optional<ComputeCapability> capability(RuntimeRequest request) {
    return request.gpus().flatMap(GpuShape::computeCapability);
  }

  private static String where(RuntimeRequest request) {
    String product = request.gpus().map(GpuShape::product).orElse("the GPU");
    return request.instanceType().map(name -> name + " (" + product + ")").orElse(product);
  }

  private static Optional<Map.Entry<String, String>> scaledAdapter(RuntimeRequest request) {
    return request.adapterStrengths().entrySet().stream()
        .filter(entry -> !isOne(entry.getValue()))
        .findFirst();
  }

  /** Text that is no number is the business of validation, not a reason for another runtime. */
  private static boolean isOne(String strength) {
    try {
      return Double.parseDouble(strength.trim()) == 1.0;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  private static String names(ModelPreset preset) {
    List<String> names = new ArrayList<>();
    preset.runtimes().forEach(runtime -> names.add(runtime.wireName()));
    return String.join(", ", names);
  }
}

package sh.kaito.api.validation;

import java.util.List;
import sh.kaito.api.internal.text.Nearest;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.PresetOptions;
import sh.kaito.api.model.PresetSpec;

/** Rules for presets that need no catalogue. */
final class PresetRules {
  private static final List<String> ACCESS_MODES =
      List.of(PresetSpec.ACCESS_PUBLIC, PresetSpec.ACCESS_PRIVATE);

  private PresetRules() {}

  static void check(String path, PresetSpec preset, ApiVersion version, Findings findings) {
    if (preset.name().filter(name -> !name.isBlank()).isEmpty()) {
      findings.add(
          "V-08",
          Violation.error(path + ".name", "required field is missing")
              .action("name a preset, such as phi-3-mini-4k-instruct"));
    }
    preset
        .accessMode()
        .filter(mode -> !ACCESS_MODES.contains(mode))
        .ifPresent(
            mode -> {
              Violation.Builder violation =
                  Violation.error(path + ".accessMode", "unknown value " + Quoted.of(mode))
                      .found(Quoted.shorten(mode))
                      .allowed(ACCESS_MODES);
              Nearest.of(mode, ACCESS_MODES).ifPresent(violation::nearest);
              findings.add("V-08", violation);
            });
    PresetOptions options = preset.presetOptions();
    String optionsPath = path + ".presetOptions";
    if (preset.isPrivate() && options.image().filter(image -> !image.isEmpty()).isEmpty()) {
      String message = "accessMode private needs the image of the model";
      // v1beta1 downloads every model at run time, so the mode means nothing to the Go operator
      // there.
      findings.add(
          "V-56",
          (version == ApiVersion.V1ALPHA1
                  ? Violation.error(optionsPath + ".image", message)
                  : Violation.warning(optionsPath + ".image", message))
              .action("add presetOptions.image, or remove accessMode"));
    }
    options
        .image()
        .filter(image -> !image.isEmpty())
        .ifPresent(image -> findings.image(optionsPath + ".image", image, "V-56"));
    findings.objectNames(
        optionsPath + ".imagePullSecrets", options.imagePullSecrets(), "object-name");
    findings.objectName(
        optionsPath + ".modelAccessSecret", options.modelAccessSecret(), "object-name");
    if (version == ApiVersion.V1ALPHA1 && options.modelAccessSecret().isPresent()) {
      findings.add("version", ResourceRules.onlyInBeta(optionsPath + ".modelAccessSecret"));
    }
  }
}

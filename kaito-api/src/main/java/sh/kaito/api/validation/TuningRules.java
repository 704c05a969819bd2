package sh.kaito.api.validation;

import java.util.List;
import java.util.stream.Stream;
import sh.kaito.api.internal.text.Nearest;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.TuningMethod;
import sh.kaito.api.model.TuningSpec;

/** Rules for {@code tuning}. */
final class TuningRules {
  private static final List<String> METHODS =
      Stream.of(TuningMethod.values()).map(TuningMethod::wireName).toList();

  private TuningRules() {}

  static void check(TuningSpec tuning, ApiVersion version, Findings findings) {
    method(tuning, findings);
    if (tuning.preset().isPresent()) {
      PresetRules.check("tuning.preset", tuning.preset().get(), version, findings);
    } else {
      findings.add("V-81", missing("preset", "name the model to tune"));
    }
    findings.objectName("tuning.config", tuning.config(), "object-name");
    if (tuning.input().isPresent()) {
      SourceRules.input("tuning.input", tuning.input().get(), version, findings);
    } else {
      findings.add(
          "V-86", missing("input", "say where the training data is: urls, volumeSource or image"));
    }
    if (tuning.output().isPresent()) {
      SourceRules.output("tuning.output", tuning.output().get(), findings);
    } else {
      findings.add("V-86", missing("output", "say where the result goes: image or volumeSource"));
    }
  }

  private static void method(TuningSpec tuning, Findings findings) {
    if (tuning.tuningMethod().isPresent()) {
      return;
    }
    String method = tuning.method().orElse("");
    Violation.Builder violation =
        method.isEmpty()
            ? Violation.error("tuning.method", "required field is missing")
            : Violation.error("tuning.method", "unknown value " + Quoted.of(method))
                .found(Quoted.shorten(method));
    Nearest.of(method, METHODS).ifPresent(violation::nearest);
    findings.add("V-80", violation.allowed(METHODS));
  }

  private static Violation.Builder missing(String field, String action) {
    return Violation.error("tuning." + field, "required field is missing").action(action);
  }
}

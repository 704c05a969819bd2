package sh.kaito.core.internal.settings;

import java.util.List;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.yaml.SettingsReader;
import sh.kaito.api.validation.Violation;
import sh.kaito.api.validation.Violations;

/** Reads the YAML of a ConfigMap: one document, within the limits that manifests have. */
final class SettingsYaml {
  private SettingsYaml() {}

  /** The text cannot be read; the message says where and why. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    private UnreadableException(String message) {
      super(message);
    }
  }

  static @Nullable Object read(String label, String text) throws UnreadableException {
    SettingsReader.Settings settings = SettingsReader.read(label, text);
    if (!settings.violations().isEmpty()) {
      Violation first = settings.violations().get(0);
      int more = settings.violations().size() - 1;
      throw new UnreadableException(
          Violations.report(List.of(first))
              + (more == 0 ? "" : "; " + more + " more problems follow"));
    }
    return settings.tree();
  }
}

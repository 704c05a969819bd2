package sh.kaito.core.internal.settings;

import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads the YAML of a ConfigMap: one document, no aliases of collections, at most 1 MiB. */
final class SettingsYaml {
  private static final int LARGEST_TEXT = 1 << 20;

  private SettingsYaml() {}

  /** The text cannot be read; the message is one line. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    private UnreadableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  static @Nullable Object read(String label, String text) throws UnreadableException {
    try {
      return new Load(
              LoadSettings.builder()
                  .setLabel(label)
                  .setMaxAliasesForCollections(0)
                  .setCodePointLimit(LARGEST_TEXT)
                  .build())
          .loadFromString(text);
    } catch (YamlEngineException e) {
      String problem = String.valueOf(e.getMessage());
      int end = problem.indexOf('\n');
      throw new UnreadableException(
          label + " is not readable YAML: " + (end < 0 ? problem : problem.substring(0, end)), e);
    }
  }
}

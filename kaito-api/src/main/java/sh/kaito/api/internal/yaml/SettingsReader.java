package sh.kaito.api.internal.yaml;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.schema.Shape.Free;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.validation.SourceLocation;
import sh.kaito.api.validation.Violation;

/**
 * Reads YAML of any shape as a plain tree, within the limits and with the meaning that manifests
 * have: entries of ConfigMaps, catalogue files.
 */
public final class SettingsReader {

  /**
   * What was read.
   *
   * @param tree maps with text keys, lists, String, Boolean, Long, BigInteger, Double; null for an
   *     empty text, and where there are violations
   * @param violations what is wrong with the text, with its line and column
   */
  public record Settings(@Nullable Object tree, List<Violation> violations) {}

  private SettingsReader() {}

  /** Reads one document. */
  public static Settings read(String name, String text) {
    try {
      return read(SourceText.of(name, text));
    } catch (UnreadableSourceException e) {
      return new Settings(null, List.of(e.violation()));
    }
  }

  /**
   * Reads one document; does not close the stream.
   *
   * @throws IOException if the stream cannot be read
   */
  public static Settings read(String name, InputStream in) throws IOException {
    try {
      return read(SourceText.of(name, in));
    } catch (UnreadableSourceException e) {
      return new Settings(null, List.of(e.violation()));
    }
  }

  private static Settings read(SourceText text) throws UnreadableSourceException {
    List<SourceNode> documents = new ArrayList<>();
    SourceComposer.compose(text, documents);
    if (documents.isEmpty()) {
      return new Settings(null, List.of());
    }
    if (documents.size() > 1) {
      SourceNode second = documents.get(1);
      return new Settings(
          null,
          List.of(
              Violation.error("", "more than one document")
                  .action("keep one of them")
                  .location(new SourceLocation(text.name(), second.line(), second.column()))
                  .build()));
    }
    Problems problems = new Problems(text.name());
    StrictReader reader = new StrictReader(text.name(), problems, ApiVersion.V1BETA1);
    SourceNode root = documents.get(0);
    Object tree = reader.read(root, Free.INSTANCE, "", root);
    List<Violation> violations = problems.toList();
    return new Settings(violations.isEmpty() ? tree : null, violations);
  }
}

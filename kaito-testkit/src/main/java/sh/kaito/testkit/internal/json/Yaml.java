package sh.kaito.testkit.internal.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ScannerException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * YAML to JSON values by the rules of kube-apiserver's reader (go-yaml 2): {@code yes}, {@code on}
 * and the like are booleans, {@code 010} is octal, a date is a string, keys become strings.
 * Stateless, safe from any thread.
 */
public final class Yaml {
  /** Where the two descendants of libyaml word one problem differently. */
  private static final Map<String, String> GO_WORDS =
      Map.of(
          "mapping values are not allowed here",
          "mapping values are not allowed in this context",
          "sequence entries are not allowed here",
          "block sequence entries are not allowed in this context",
          "mapping keys are not allowed here",
          "mapping keys are not allowed in this context");

  private Yaml() {}

  /**
   * Reads the first document; null when the text is empty. Further documents are not looked at, as
   * in kube-apiserver.
   *
   * @throws YamlParseException with go-yaml's wording
   */
  public static @Nullable Object parse(String text) {
    return parseTracking(text).value();
  }

  /**
   * A document and its repeated keys.
   *
   * @param value the document; for a repeated key the last value
   * @param duplicates one message for each repeated key, for example {@code line 5: key "a" already
   *     set in map}
   */
  public record Parsed(@Nullable Object value, List<String> duplicates) {}

  /** Reads the first document and says which keys of it were repeated. */
  public static Parsed parseTracking(String text) {
    try {
      Composer composer = composer(text);
      if (!composer.hasNext()) {
        return new Parsed(null, List.of());
      }
      return read(composer.next());
    } catch (YamlEngineException e) {
      throw translate(e);
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
  }

  /** Reads all documents that are not empty. */
  public static List<Object> parseAll(String text) {
    List<Object> documents = new ArrayList<>();
    try {
      Composer composer = composer(text);
      while (composer.hasNext()) {
        Object value = read(composer.next()).value();
        if (value != null) {
          documents.add(value);
        }
      }
    } catch (YamlEngineException e) {
      throw translate(e);
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
    return documents;
  }

  /**
   * The library composes nodes by recursion and has no limit of its own; go-yaml has one, and says
   * so in these words.
   */
  private static YamlParseException tooDeep() {
    return new YamlParseException("yaml: exceeded max depth of 10000", 0, 0);
  }

  private static Parsed read(Node node) {
    YamlNodes nodes = new YamlNodes();
    Object value = nodes.value(node);
    return new Parsed(value, nodes.duplicates());
  }

  private static Composer composer(String text) {
    LoadSettings settings =
        LoadSettings.builder().setUseMarks(true).setAllowDuplicateKeys(true).build();
    return new Composer(settings, new ParserImpl(settings, new StreamReader(settings, text)));
  }

  private static YamlParseException translate(YamlEngineException e) {
    if (!(e instanceof MarkedYamlEngineException marked)) {
      return new YamlParseException("yaml: " + e.getMessage(), 0, 0);
    }
    Optional<Mark> mark = marked.getProblemMark().or(marked::getContextMark);
    int line = mark.map(Mark::getLine).orElse(0);
    int column = mark.map(Mark::getColumn).orElse(-1);
    // go-yaml numbers lines from 0 in parser errors and from 1 in scanner errors; line 0 is left
    // out.
    int shown = e instanceof ScannerException && line != 0 ? line + 1 : line;
    String where = shown == 0 ? "" : "line " + shown + ": ";
    String problem = String.valueOf(marked.getProblem());
    return new YamlParseException(
        "yaml: " + where + GO_WORDS.getOrDefault(problem, problem), line + 1, column + 1);
  }
}

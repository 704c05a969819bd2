package sh.kaito.api.internal.yaml;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A piece of YAML or JSON text with its position; lines and columns count from 1. */
public sealed interface SourceNode {

  int line();

  int column();

  /** The explicit tag, such as {@code !include}; null where there is none. */
  @Nullable String tag();

  /**
   * A single value.
   *
   * @param text the value without quotes
   * @param plain whether it was written without quotes, so that its text decides its type
   */
  record Scalar(String text, boolean plain, @Nullable String tag, int line, int column)
      implements SourceNode {}

  /** A mapping, merge keys ({@code <<}) already merged in. */
  record Mapping(List<Entry> entries, @Nullable String tag, int line, int column)
      implements SourceNode {

    /** The value of a key; the first one where the key is there twice. */
    public @Nullable SourceNode get(String key) {
      Entry entry = entry(key);
      return entry == null ? null : entry.value();
    }

    /** The entry of a key; the first one where the key is there twice. */
    public @Nullable Entry entry(String key) {
      for (Entry entry : entries) {
        if (entry.name().equals(key)) {
          return entry;
        }
      }
      return null;
    }
  }

  /** One entry of a mapping. A key that is no single value has the empty name. */
  record Entry(SourceNode key, SourceNode value) {
    String name() {
      return key instanceof Scalar scalar ? scalar.text() : "";
    }
  }

  /** A list. */
  record Sequence(List<SourceNode> elements, @Nullable String tag, int line, int column)
      implements SourceNode {}
}

package sh.kaito.api.validation;

import java.util.Objects;

/**
 * A place in a file or in another named source.
 *
 * @param source the file name as given to the reader, or a name for a string or stream
 * @param line line, from 1
 * @param column column in Unicode code points, from 1
 */
public record SourceLocation(String source, int line, int column) {

  public SourceLocation {
    Objects.requireNonNull(source, "source");
  }

  /** {@code source:line:column}, which editors and terminals turn into a link. */
  @Override
  public String toString() {
    return source + ":" + line + ":" + column;
  }
}

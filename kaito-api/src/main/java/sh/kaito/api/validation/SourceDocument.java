package sh.kaito.api.validation;

/**
 * The text that a value was read from, as far as positions go: turns a JSON path into line and
 * column. {@code Workspaces.read} attaches one to each Workspace, so that rules that run later and
 * know paths only can say where to look. Implementations are immutable and thread-safe.
 */
public interface SourceDocument {

  /** The file name as given to the reader, or a name for a string or stream. */
  String name();

  /**
   * Where a path stands. Paths are written as the API server writes them: {@code
   * resource.instanceType}, {@code inference.adapters[0].strength}, {@code
   * metadata.annotations[kaito.sh/runtime]}; the empty path is the document.
   *
   * @return the position of the value where it is a single value, of its key where it is a mapping
   *     or a list; where the path does not exist, the position of the nearest enclosing thing that
   *     does
   */
  SourceLocation locate(String path);
}

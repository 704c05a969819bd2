package sh.kaito.core.manifest;

import java.util.stream.Collectors;

/**
 * What came out of rendering: objects, a ConfigMap that must be there first, or the reasons why
 * there can be none.
 */
public sealed interface RenderOutcome permits Rendered, NeedsConfigMap, RenderRefusal {
  /**
   * The objects.
   *
   * @throws IllegalStateException when there are none; its message says why
   */
  default Rendered orElseThrow() {
    if (this instanceof Rendered rendered) {
      return rendered;
    }
    if (this instanceof NeedsConfigMap missing) {
      throw new IllegalStateException(missing.toString());
    }
    throw new IllegalStateException(
        ((RenderRefusal) this)
            .violations().stream().map(String::valueOf).collect(Collectors.joining("; ")));
  }
}

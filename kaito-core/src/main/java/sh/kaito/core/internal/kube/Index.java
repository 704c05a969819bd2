package sh.kaito.core.internal.kube;

import java.util.Collection;
import java.util.function.Function;

/**
 * A second way to find objects in a {@link Snapshot}: by owner, by label, by what they refer to.
 * Compared by identity; keep it in a constant.
 *
 * @param <T> what the objects were decoded to
 */
public final class Index<T> {
  private final String name;
  private final Function<? super T, ? extends Collection<String>> values;

  private Index(String name, Function<? super T, ? extends Collection<String>> values) {
    this.name = name;
    this.values = values;
  }

  /**
   * An index.
   *
   * @param name for messages
   * @param values under which values an object is found; a pure function, none is fine
   */
  public static <T> Index<T> of(
      String name, Function<? super T, ? extends Collection<String>> values) {
    return new Index<>(name, values);
  }

  Collection<String> valuesOf(T object) {
    return values.apply(object);
  }

  @Override
  public String toString() {
    return "index " + name;
  }
}

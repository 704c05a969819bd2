package sh.kaito.api.model;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes one JSON object field by field; what is absent or empty is left out. */
final class TreeWriter {
  private final Map<String, @Nullable Object> tree = new LinkedHashMap<>();

  TreeWriter value(String name, Object value) {
    tree.put(name, value);
    return this;
  }

  TreeWriter string(String name, Optional<String> value) {
    value.ifPresent(text -> tree.put(name, text));
    return this;
  }

  TreeWriter instant(String name, Optional<Instant> value) {
    // metav1.Time keeps whole seconds; a fraction would make the next read differ from what was
    // set.
    value.ifPresent(time -> tree.put(name, time.truncatedTo(ChronoUnit.SECONDS).toString()));
    return this;
  }

  TreeWriter integer(String name, OptionalInt value) {
    value.ifPresent(number -> tree.put(name, number));
    return this;
  }

  TreeWriter longInteger(String name, OptionalLong value) {
    value.ifPresent(number -> tree.put(name, number));
    return this;
  }

  TreeWriter strings(String name, List<String> value) {
    if (!value.isEmpty()) {
      tree.put(name, new ArrayList<>(value));
    }
    return this;
  }

  TreeWriter stringMap(String name, Map<String, String> value) {
    if (!value.isEmpty()) {
      tree.put(name, new LinkedHashMap<>(value));
    }
    return this;
  }

  /** An object whose presence means something, even when it is empty. */
  <T> TreeWriter object(
      String name, Optional<T> value, Function<T, Map<String, @Nullable Object>> write) {
    value.ifPresent(part -> tree.put(name, write.apply(part)));
    return this;
  }

  /** An object that is left out when it is empty. */
  TreeWriter objectUnlessEmpty(String name, Map<String, @Nullable Object> value) {
    if (!value.isEmpty()) {
      tree.put(name, value);
    }
    return this;
  }

  <T> TreeWriter objects(
      String name, List<T> value, Function<T, Map<String, @Nullable Object>> write) {
    if (!value.isEmpty()) {
      List<@Nullable Object> list = new ArrayList<>(value.size());
      value.forEach(part -> list.add(write.apply(part)));
      tree.put(name, list);
    }
    return this;
  }

  <T> TreeWriter objectMap(
      String name, Map<String, T> value, Function<T, Map<String, @Nullable Object>> write) {
    if (!value.isEmpty()) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      value.forEach((key, part) -> map.put(key, write.apply(part)));
      tree.put(name, map);
    }
    return this;
  }

  TreeWriter kubernetes(String name, Optional<?> value) {
    value.ifPresent(model -> tree.put(name, KubernetesJson.write(model)));
    return this;
  }

  /** The tree, with the unknown fields back in their places. */
  Map<String, @Nullable Object> with(UnknownFields unknown) {
    unknown.mergeInto(tree);
    return tree;
  }
}

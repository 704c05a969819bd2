package sh.kaito.api.model;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.model.UnknownFields.Collector;

/**
 * Reads one JSON object field by field, leniently: null and absent read alike, and what nobody
 * asked for, or what has another type than asked for, is kept as unknown.
 */
final class TreeReader {
  private final Map<?, ?> tree;
  private final Set<String> taken = new HashSet<>();
  private final Collector unknown = new Collector();

  TreeReader(Map<?, ?> tree) {
    this.tree = tree;
  }

  private @Nullable Object take(String name) {
    taken.add(name);
    return tree.get(name);
  }

  /** Marks a field as read and returns it as it is. */
  @Nullable Object raw(String name) {
    return take(name);
  }

  Optional<String> string(String name) {
    Object value = take(name);
    if (value instanceof String text) {
      return Optional.of(text);
    }
    keep(name, value);
    return Optional.empty();
  }

  OptionalInt integer(String name) {
    OptionalLong value = longInteger(name);
    if (value.isPresent() && value.getAsLong() != (int) value.getAsLong()) {
      keep(name, tree.get(name));
      return OptionalInt.empty();
    }
    return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
  }

  OptionalLong longInteger(String name) {
    Object value = take(name);
    if (value instanceof Number number) {
      try {
        return OptionalLong.of(new BigDecimal(number.toString()).longValueExact());
      } catch (ArithmeticException | NumberFormatException e) {
        keep(name, value);
        return OptionalLong.empty();
      }
    }
    keep(name, value);
    return OptionalLong.empty();
  }

  Optional<Instant> instant(String name) {
    Object value = take(name);
    if (value instanceof String text) {
      try {
        return Optional.of(OffsetDateTime.parse(text).toInstant());
      } catch (DateTimeException e) {
        keep(name, value);
        return Optional.empty();
      }
    }
    keep(name, value);
    return Optional.empty();
  }

  List<String> strings(String name) {
    Object value = take(name);
    List<String> strings = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object element : list) {
        if (!(element instanceof String text)) {
          keep(name, value);
          return List.of();
        }
        strings.add(text);
      }
      return strings;
    }
    keep(name, value);
    return strings;
  }

  Map<String, String> stringMap(String name) {
    Object value = take(name);
    Map<String, String> strings = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getValue() instanceof String text)) {
          keep(name, value);
          return Map.of();
        }
        strings.put(String.valueOf(entry.getKey()), text);
      }
      return strings;
    }
    keep(name, value);
    return strings;
  }

  <T> Optional<T> object(String name, Function<TreeReader, T> read) {
    Object value = take(name);
    if (value instanceof Map<?, ?> map) {
      return Optional.of(read.apply(new TreeReader(map)));
    }
    keep(name, value);
    return Optional.empty();
  }

  <T> List<T> objects(String name, Function<TreeReader, T> read) {
    Object value = take(name);
    List<T> objects = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object element : list) {
        if (!(element instanceof Map<?, ?> map)) {
          keep(name, value);
          return List.of();
        }
        objects.add(read.apply(new TreeReader(map)));
      }
      return objects;
    }
    keep(name, value);
    return objects;
  }

  <T> Map<String, T> objectMap(String name, Function<TreeReader, T> read) {
    Object value = take(name);
    Map<String, T> objects = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getValue() instanceof Map<?, ?> element)) {
          keep(name, value);
          return Map.of();
        }
        objects.put(String.valueOf(entry.getKey()), read.apply(new TreeReader(element)));
      }
      return objects;
    }
    keep(name, value);
    return objects;
  }

  /** A model object of the Kubernetes client; what it cannot hold is kept as unknown. */
  <T> Optional<T> kubernetes(String name, Class<T> type) {
    Object value = take(name);
    Optional<T> model = KubernetesJson.read(value, type);
    if (model.isPresent()) {
      unknown.put(name, KubernetesJson.unknownIn(value, type));
    } else {
      keep(name, value);
    }
    return model;
  }

  /** All that was not read. Call last. */
  UnknownFields rest() {
    tree.forEach(
        (key, value) -> {
          String name = String.valueOf(key);
          if (!taken.contains(name)) {
            keep(name, value);
          }
        });
    return unknown.toUnknownFields();
  }

  private void keep(String name, @Nullable Object value) {
    if (value != null) {
      unknown.leaf(name, value);
    }
  }
}

package sh.kaito.core.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.yaml.SettingsReader;
import sh.kaito.api.validation.Violations;

/** One mapping of a catalogue file, with the path that leads to it, for errors. */
final class CatalogNode {
  private final String file;
  private final String path;
  private final Map<String, Object> values;

  private CatalogNode(String file, String path, Map<String, Object> values) {
    this.file = file;
    this.path = path;
    this.values = values;
  }

  /** Reads a file of the jar, next to this class. */
  static CatalogNode ofResource(String name) {
    try (InputStream in = CatalogNode.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new CatalogException("the library's file " + name + " is missing from the jar");
      }
      return of(name, in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name + " of the jar", e);
    }
  }

  static CatalogNode of(String file, InputStream yaml) throws IOException {
    SettingsReader.Settings settings = SettingsReader.read(file, yaml);
    if (!settings.violations().isEmpty()) {
      throw new CatalogException(Violations.report(settings.violations()));
    }
    return new CatalogNode(file, "", asMap(file, "", settings.tree()));
  }

  CatalogException error(String key, String problem) {
    return new CatalogException(file + ": " + child(key) + ": " + problem);
  }

  /** Refuses keys that nobody reads: a misspelt figure must not be silently ignored. */
  CatalogNode allowOnly(String... keys) {
    Set<String> allowed = Set.copyOf(Arrays.asList(keys));
    for (String key : values.keySet()) {
      if (!allowed.contains(key)) {
        throw error(
            key,
            "unknown field; allowed: "
                + String.join(", ", keys)
                + NearestNames.didYouMean(key, Arrays.asList(keys)));
      }
    }
    return this;
  }

  boolean has(String key) {
    return values.get(key) != null;
  }

  Iterable<String> keys() {
    return values.keySet();
  }

  String text(String key) {
    return optionalText(key).orElseThrow(() -> error(key, "is missing"));
  }

  Optional<String> optionalText(String key) {
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text) {
      return Optional.of(text);
    }
    throw error(key, "found " + value + ", allowed is text in quotes");
  }

  int integer(String key) {
    Object value = require(key);
    if (value instanceof Long number && number >= 0 && number <= Integer.MAX_VALUE) {
      return number.intValue();
    }
    throw error(key, "found " + value + ", allowed is a whole number of at least 0");
  }

  double number(String key) {
    Object value = require(key);
    if (value instanceof Number number && number.doubleValue() > 0) {
      return number.doubleValue();
    }
    throw error(key, "found " + value + ", allowed is a number greater than 0");
  }

  boolean flag(String key) {
    Object value = values.get(key);
    if (value == null) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw error(key, "found " + value + ", allowed are true and false");
  }

  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Object item : list(key)) {
      if (!(item instanceof String text)) {
        throw error(key, "found " + item + " in the list, allowed is text in quotes");
      }
      texts.add(text);
    }
    return texts;
  }

  SortedMap<String, String> textMap(String key) {
    SortedMap<String, String> map = new TreeMap<>();
    if (has(key)) {
      CatalogNode node = node(key);
      for (String name : node.keys()) {
        map.put(name, node.text(name));
      }
    }
    return map;
  }

  CatalogNode node(String key) {
    return new CatalogNode(file, child(key), asMap(file, child(key), require(key)));
  }

  Optional<CatalogNode> optionalNode(String key) {
    return has(key) ? Optional.of(node(key)) : Optional.empty();
  }

  List<CatalogNode> nodes(String key) {
    List<CatalogNode> nodes = new ArrayList<>();
    int index = 0;
    for (Object item : list(key)) {
      String itemPath = child(key) + "[" + index++ + "]";
      nodes.add(new CatalogNode(file, itemPath, asMap(file, itemPath, item)));
    }
    return nodes;
  }

  private List<?> list(String key) {
    Object value = values.get(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw error(key, "found " + value + ", allowed is a list");
  }

  private Object require(String key) {
    Object value = values.get(key);
    if (value == null) {
      throw error(key, "is missing");
    }
    return value;
  }

  private String child(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static Map<String, Object> asMap(String file, String path, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new CatalogException(
          file + ": " + (path.isEmpty() ? "the document" : path) + ": must be a mapping");
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((key, item) -> copy.put(String.valueOf(key), item));
    return copy;
  }
}

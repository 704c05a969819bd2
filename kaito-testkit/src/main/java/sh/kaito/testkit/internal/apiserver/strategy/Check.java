package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.json.Json;

/**
 * Rules over one object, by dotted paths such as {@code spec.replicas}; complaints name the field
 * below {@code at}. For one validation.
 */
final class Check {
  private static final String NEGATIVE = "must be greater than or equal to 0";

  private final @Nullable Object root;
  private final String at;
  private final List<Cause> causes;

  private Check(@Nullable Object root, String at, List<Cause> causes) {
    this.root = root;
    this.at = at;
    this.causes = causes;
  }

  static Check of(@Nullable Object root, String at, List<Cause> causes) {
    return new Check(root, at, causes);
  }

  /** Rules for what stands at a path. */
  Check child(String path) {
    return new Check(get(path), field(path), causes);
  }

  /** Rules for each item of a list. */
  List<Check> items(String path) {
    List<Object> items = Trees.items(root, path.split("\\.", -1));
    return java.util.stream.IntStream.range(0, items.size())
        .mapToObj(i -> new Check(items.get(i), field(path) + "[" + i + "]", causes))
        .toList();
  }

  String field(String path) {
    return at.isEmpty() ? path : path.isEmpty() ? at : at + "." + path;
  }

  @Nullable Object get(String path) {
    return path.isEmpty() ? root : Json.get(root, path.split("\\.", -1));
  }

  boolean has(String path) {
    return get(path) != null;
  }

  String text(String path) {
    return get(path) instanceof String text ? text : "";
  }

  long number(String path) {
    return get(path) instanceof Long number ? number : 0;
  }

  boolean isTrue(String path) {
    return Boolean.TRUE.equals(get(path));
  }

  @Nullable Map<String, Object> object(String path) {
    return Json.asObject(get(path));
  }

  void add(Cause cause) {
    causes.add(cause);
  }

  void invalid(String path, @Nullable Object value, String detail) {
    causes.add(Cause.invalid(field(path), value, detail));
  }

  void required(String path, String detail) {
    causes.add(Cause.required(field(path), detail));
  }

  void forbidden(String path, String detail) {
    causes.add(Cause.forbidden(field(path), detail));
  }

  /** Numbers that are set are not negative. */
  Check nonNegative(String... paths) {
    for (String path : paths) {
      if (get(path) instanceof Long value && value < 0) {
        invalid(path, value, NEGATIVE);
      }
    }
    return this;
  }

  /** Texts must be there. */
  Check present(String... paths) {
    for (String path : paths) {
      Object value = get(path);
      if (value == null || value.equals("")) {
        required(path, "");
      }
    }
    return this;
  }

  /** A text that is set is one of a few. */
  Check oneOf(String path, String... allowed) {
    Object value = get(path);
    if (value != null && !List.of(allowed).contains(value)) {
      causes.add(Cause.unsupported(field(path), value, allowed));
    }
    return this;
  }

  /** A text that is set has a form. */
  Check form(String path, Function<String, List<String>> rule) {
    String value = text(path);
    if (!value.isEmpty()) {
      rule.apply(value).forEach(problem -> invalid(path, value, problem));
    }
    return this;
  }

  /** A port that is set is one. */
  Check port(String path) {
    if (get(path) instanceof Long port && (port < 1 || port > 65535)) {
      invalid(path, port, "must be between 1 and 65535, inclusive");
    }
    return this;
  }

  /** Labels have keys and values of their form; complaints name another path. */
  void labels(String path, String shownAt) {
    MetadataRules.labels(object(path), field(shownAt), causes);
  }

  /** Annotations have keys of their form and are not too long; complaints name another path. */
  void annotations(String path, String shownAt) {
    MetadataRules.annotations(object(path), field(shownAt), causes);
  }

  /** Fields that stay what they are in another object. */
  Check immutable(Map<String, Object> old, String... paths) {
    for (String path : paths) {
      Object value = get(path);
      if (!Objects.equals(value, Json.get(old, path.split("\\.", -1)))) {
        causes.add(MetadataRules.immutable(field(path), value));
      }
    }
    return this;
  }
}

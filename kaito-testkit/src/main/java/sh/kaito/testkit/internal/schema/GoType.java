package sh.kaito.testkit.internal.schema;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A Go type of the Kubernetes API: what decides how a built-in object is read, which empty fields
 * are written back, and how error messages name things. Immutable, safe from any thread; fields of
 * structs are loaded when first asked for.
 */
public final class GoType {
  /** What kind of Go type it is; those with their own JSON form are told apart. */
  public enum Kind {
    STRUCT,
    LIST,
    MAP,
    STRING,
    BOOL,
    INT32,
    INT64,
    FLOAT,
    BYTES,
    TIME,
    MICRO_TIME,
    QUANTITY,
    INT_OR_STRING,
    /** Any JSON object, kept as it is. */
    RAW,
    /** Any JSON value, kept as it is. */
    JSON,
    /** A fieldsV1 object. */
    FIELDS,
    SCHEMA_OR_BOOL,
    SCHEMA_OR_LIST,
    SCHEMA_OR_STRINGS
  }

  /** How a list is merged. */
  public enum ListKind {
    ATOMIC,
    SET,
    MAP
  }

  /**
   * A field of a struct.
   *
   * @param pointer whether an empty value is told from an absent one
   * @param omitEmpty whether an empty value is left out
   * @param omitZero whether an empty struct is left out
   * @param list how server-side apply merges it, when it is a list that says so
   * @param keys key fields of a list that is a map
   * @param mapAtomic whether server-side apply treats it as a whole; null when the type decides
   * @param mergeKey key field of strategic merge patch; empty when there is none
   * @param strategies strategies of strategic merge patch: {@code merge}, {@code replace}, {@code
   *     retainKeys}
   * @param defaultValue the value that an absent list key stands for
   */
  public record Field(
      String name,
      GoType type,
      boolean pointer,
      boolean omitEmpty,
      boolean omitZero,
      @Nullable ListKind list,
      List<String> keys,
      @Nullable Boolean mapAtomic,
      String mergeKey,
      Set<String> strategies,
      @Nullable Object defaultValue) {}

  private final Kind kind;
  private final String name;
  private final @Nullable GoType element;
  private final boolean atomic;
  private final @Nullable Supplier<List<Field>> loader;
  private volatile @Nullable Map<String, Field> fields;

  private GoType(
      Kind kind,
      String name,
      @Nullable GoType element,
      boolean atomic,
      @Nullable Supplier<List<Field>> loader) {
    this.kind = kind;
    this.name = name;
    this.element = element;
    this.atomic = atomic;
    this.loader = loader;
  }

  static GoType scalar(Kind kind, String name) {
    return new GoType(kind, name, null, false, null);
  }

  static GoType listOf(GoType element, String name) {
    return new GoType(Kind.LIST, name.isEmpty() ? "[]" + element.name : name, element, false, null);
  }

  static GoType mapOf(GoType element, String name) {
    return new GoType(
        Kind.MAP, name.isEmpty() ? "map[string]" + element.name : name, element, false, null);
  }

  static GoType struct(String name, boolean atomic, Supplier<List<Field>> loader) {
    return new GoType(Kind.STRUCT, name, null, atomic, loader);
  }

  /** What kind of type this is. */
  public Kind kind() {
    return kind;
  }

  /** As Go prints it: {@code v1.ObjectMeta}, {@code map[string]string}, {@code int32}. */
  public String name() {
    return name;
  }

  /** A struct's name without its package. */
  public String structName() {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** Type of the items of a list or the values of a map. */
  public GoType element() {
    if (element == null) {
      throw new IllegalStateException(name + " has no elements");
    }
    return element;
  }

  /** Whether server-side apply treats a struct as a whole. */
  public boolean isAtomic() {
    return atomic;
  }

  /** The fields of a struct by JSON name, in the order in which the server writes them. */
  public Map<String, Field> fields() {
    Map<String, Field> loaded = fields;
    if (loaded == null) {
      loaded = new LinkedHashMap<>();
      if (loader != null) {
        for (Field field : loader.get()) {
          loaded.put(field.name(), field);
        }
      }
      fields = loaded;
    }
    return loaded;
  }

  @Override
  public String toString() {
    return name;
  }
}

package sh.kaito.testkit.internal.schema;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How server-side apply sees a value: as a scalar, a list, a map, or as several of these where the
 * schema leaves it open. Types may contain themselves. Immutable once built, safe from any thread.
 */
public final class ApplyType {
  /** Kinds of scalars that are told apart. */
  public enum Scalar {
    STRING,
    NUMERIC,
    BOOLEAN,
    UNTYPED
  }

  /** A field of a map, and the value that a list key of that name has when absent. */
  public record Field(ApplyType type, @Nullable Object defaultValue) {}

  /** Owned as a whole, whatever its content. */
  private static final ApplyType UNTYPED_ATOMIC = new ApplyType();

  /** Objects by field, lists as a whole: what applies where no schema says anything. */
  private static final ApplyType DEDUCED = new ApplyType();

  static {
    UNTYPED_ATOMIC.scalar = Scalar.UNTYPED;
    UNTYPED_ATOMIC.list = new ListType(false, List.of(), UNTYPED_ATOMIC);
    UNTYPED_ATOMIC.map = new MapType(Map.of(), UNTYPED_ATOMIC, true);
    DEDUCED.scalar = Scalar.UNTYPED;
    DEDUCED.list = new ListType(false, List.of(), UNTYPED_ATOMIC);
    DEDUCED.map = new MapType(Map.of(), DEDUCED, false);
  }

  private @Nullable Scalar scalar;
  private @Nullable ListType list;
  private @Nullable MapType map;

  private ApplyType() {}

  /** Lists: by element when associative (a set when there are no keys), else as a whole. */
  public record ListType(boolean associative, List<String> keys, ApplyType element) {}

  /** Maps and structs: {@code element} types the keys that are no declared field, null if none. */
  public record MapType(Map<String, Field> fields, @Nullable ApplyType element, boolean atomic) {
    /** The type of a key; null when it is not declared. */
    public @Nullable ApplyType typeOf(String key) {
      Field field = fields.get(key);
      return field == null ? element : field.type();
    }
  }

  /** The type of a resource without schema. */
  public static ApplyType deduced() {
    return DEDUCED;
  }

  /** The type of a value that is owned as a whole. */
  public static ApplyType untypedAtomic() {
    return UNTYPED_ATOMIC;
  }

  /** A scalar. */
  public static ApplyType of(Scalar scalar) {
    ApplyType type = new ApplyType();
    type.scalar = scalar;
    return type;
  }

  /** A type to be completed by {@link #set}, so that types can contain themselves. */
  static ApplyType open() {
    return new ApplyType();
  }

  void set(@Nullable Scalar newScalar, @Nullable ListType newList, @Nullable MapType newMap) {
    scalar = newScalar;
    list = newList;
    map = newMap;
  }

  /** The same type owned as a whole or by field. */
  ApplyType withMapAtomic(boolean atomic) {
    ApplyType copy = new ApplyType();
    MapType own = map;
    copy.set(scalar, list, own == null ? null : new MapType(own.fields, own.element, atomic));
    return copy;
  }

  /** Whether a value may be a scalar, and which. */
  public @Nullable Scalar scalar() {
    return scalar;
  }

  /** Whether a value may be a list, and which. */
  public @Nullable ListType list() {
    return list;
  }

  /** Whether a value may be a map, and which. */
  public @Nullable MapType map() {
    return map;
  }

  /** Whether this is a map without declared fields whose values are of any type. */
  public boolean isDeducedMap() {
    if (map == null || !map.fields.isEmpty() || map.element == null) {
      return false;
    }
    ApplyType element = map.element;
    return element == DEDUCED || element.scalar == Scalar.UNTYPED;
  }

  static Map<String, Field> fields() {
    return new HashMap<>();
  }
}

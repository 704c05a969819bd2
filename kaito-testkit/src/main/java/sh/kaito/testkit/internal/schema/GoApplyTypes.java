package sh.kaito.testkit.internal.schema;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How server-side apply sees the Go types: what kube-apiserver derives from its OpenAPI. */
final class GoApplyTypes {
  private final Map<GoType, ApplyType> known = new IdentityHashMap<>();

  private GoApplyTypes() {}

  static ApplyType of(GoType type) {
    return new GoApplyTypes().convert(type);
  }

  private ApplyType convert(GoType type) {
    ApplyType done = known.get(type);
    return done == null ? build(type) : done;
  }

  private ApplyType build(GoType type) {
    switch (type.kind()) {
      case STRUCT:
        return struct(type);
      case LIST:
        return list(false, List.of(), convert(type.element()));
      case MAP:
        ApplyType map = ApplyType.open();
        map.set(null, null, new ApplyType.MapType(Map.of(), convert(type.element()), false));
        return map;
      case STRING, BYTES:
        return ApplyType.of(ApplyType.Scalar.STRING);
      case BOOL:
        return ApplyType.of(ApplyType.Scalar.BOOLEAN);
      case INT32, INT64, FLOAT:
        return ApplyType.of(ApplyType.Scalar.NUMERIC);
      case TIME, MICRO_TIME, QUANTITY, INT_OR_STRING:
        return ApplyType.of(ApplyType.Scalar.UNTYPED);
      case RAW:
        // A leaf, as far as ownership is concerned.
        ApplyType raw = ApplyType.open();
        raw.set(null, null, new ApplyType.MapType(Map.of(), ApplyType.deduced(), true));
        return raw;
      case FIELDS:
        ApplyType object = ApplyType.open();
        object.set(null, null, new ApplyType.MapType(Map.of(), ApplyType.deduced(), false));
        return object;
      default:
        return ApplyType.deduced();
    }
  }

  private ApplyType struct(GoType type) {
    ApplyType result = ApplyType.open();
    known.put(type, result);
    Map<String, ApplyType.Field> fields = ApplyType.fields();
    for (GoType.Field field : type.fields().values()) {
      fields.put(field.name(), new ApplyType.Field(convert(field), absent(field)));
    }
    // A struct without fields is a free-form object in OpenAPI.
    ApplyType element = fields.isEmpty() ? ApplyType.deduced() : null;
    result.set(null, null, new ApplyType.MapType(fields, element, type.isAtomic()));
    return result;
  }

  /** What an absent key of a list's items stands for: fields that Go always writes have a zero. */
  private static @Nullable Object absent(GoType.Field field) {
    if (field.defaultValue() != null || field.pointer() || field.omitEmpty()) {
      return field.defaultValue();
    }
    return switch (field.type().kind()) {
      case STRING -> "";
      case INT32, INT64 -> 0L;
      case BOOL -> Boolean.FALSE;
      default -> null;
    };
  }

  private ApplyType convert(GoType.Field field) {
    if (field.type().kind() == GoType.Kind.LIST) {
      ApplyType element = convert(field.type().element());
      GoType.ListKind list = field.list();
      if (list != null) {
        return list(list != GoType.ListKind.ATOMIC, field.keys(), element);
      }
      boolean merged = field.strategies().contains("merge");
      List<String> keys = field.mergeKey().isEmpty() ? List.of() : List.of(field.mergeKey());
      return list(merged, merged ? keys : List.of(), element);
    }
    ApplyType type = convert(field.type());
    Boolean atomic = field.mapAtomic();
    return atomic == null ? type : type.withMapAtomic(atomic);
  }

  private static ApplyType list(boolean associative, List<String> keys, ApplyType element) {
    ApplyType list = ApplyType.open();
    list.set(null, new ApplyType.ListType(associative, keys, element), null);
    return list;
  }
}

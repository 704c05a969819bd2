package sh.kaito.testkit.internal.schema;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How server-side apply sees a custom resource: what follows from its published OpenAPI. */
final class StructuralApplyTypes {
  private final ApplyType metadata = GoApplyTypes.of(BuiltInTypes.objectMeta());

  private StructuralApplyTypes() {}

  /** The type of a whole resource; without schema its fields are found as they come. */
  static ApplyType ofResource(@Nullable Structural schema) {
    StructuralApplyTypes types = new StructuralApplyTypes();
    Structural root = schema == null ? Structural.EMPTY : schema;
    return types.map(root, schema == null || root.preserveUnknown(), true);
  }

  private ApplyType convert(Structural node, boolean preserve) {
    boolean keep = preserve || node.preserveUnknown();
    if (node.embedded()) {
      return map(node, keep, true);
    }
    return switch (node.type()) {
      case "object" -> map(node, keep, false);
      case "array" -> {
        ApplyType type = ApplyType.open();
        type.set(null, listType(node, keep), null);
        yield type;
      }
      case "string" ->
          ApplyType.of(isPlainString(node) ? ApplyType.Scalar.STRING : ApplyType.Scalar.UNTYPED);
      case "integer", "number" -> ApplyType.of(ApplyType.Scalar.NUMERIC);
      case "boolean" -> ApplyType.of(ApplyType.Scalar.BOOLEAN);
      default -> {
        ApplyType type = ApplyType.open();
        type.set(ApplyType.Scalar.UNTYPED, listType(node, keep), map(node, keep, false).map());
        yield type;
      }
    };
  }

  private static boolean isPlainString(Structural node) {
    Object format = node.source().get("format");
    return format == null || format.equals("") || format.equals("byte");
  }

  private ApplyType map(Structural node, boolean preserve, boolean resource) {
    Map<String, ApplyType.Field> fields = ApplyType.fields();
    node.properties()
        .forEach(
            (name, property) ->
                fields.put(
                    name,
                    new ApplyType.Field(convert(property, preserve), property.defaultValue())));
    if (resource) {
      fields.put("apiVersion", new ApplyType.Field(ApplyType.of(ApplyType.Scalar.STRING), null));
      fields.put("kind", new ApplyType.Field(ApplyType.of(ApplyType.Scalar.STRING), null));
      fields.put("metadata", new ApplyType.Field(metadata, null));
    }
    ApplyType element = null;
    if (node.additional() != null) {
      element = convert(node.additional(), preserve);
    } else if (Boolean.TRUE.equals(node.additionalAllowed())) {
      element = ApplyType.deduced();
    } else if (node.additionalAllowed() == null && (preserve || fields.isEmpty())) {
      element = ApplyType.deduced();
    }
    ApplyType type = ApplyType.open();
    type.set(null, null, new ApplyType.MapType(fields, element, node.mapType().equals("atomic")));
    return type;
  }

  private ApplyType.ListType listType(Structural node, boolean preserve) {
    ApplyType element =
        node.items() == null ? ApplyType.untypedAtomic() : convert(node.items(), preserve);
    boolean associative = node.listType().equals("set") || node.listType().equals("map");
    return new ApplyType.ListType(
        associative,
        node.listType().equals("map") ? node.listKeys() : java.util.List.of(),
        element);
  }
}

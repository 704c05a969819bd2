package sh.kaito.testkit.internal.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * What makes a schema structural: every field has a type, value checks below {@code anyOf} and the
 * like declare nothing of their own, and what they speak of is declared.
 */
final class StructuralRules {
  private enum Level {
    ROOT("must not be empty at the root"),
    ITEM("must not be empty for specified array items"),
    FIELD("must not be empty for specified object fields");

    final String typeRequired;

    Level(String typeRequired) {
      this.typeRequired = typeRequired;
    }
  }

  private static final List<@Nullable Object> INT_OR_STRING =
      List.of(Map.of("type", "integer"), Map.of("type", "string"));

  private final List<FieldError> errors;

  private StructuralRules(List<FieldError> errors) {
    this.errors = errors;
  }

  static void validate(Map<String, @Nullable Object> schema, String path, List<FieldError> errors) {
    StructuralRules rules = new StructuralRules(errors);
    rules.node(schema, Level.ROOT, path);
    rules.completeness(schema, schema, path, path);
  }

  private void required(String field, String detail) {
    errors.add(FieldError.required(field, detail));
  }

  private void forbidden(String field, String detail) {
    errors.add(FieldError.forbidden(field, detail));
  }

  private void node(@Nullable Object value, Level level, String path) {
    Map<String, @Nullable Object> schema = Json.asObject(value);
    if (schema == null) {
      return;
    }
    String type = Json.text(schema, "type");
    boolean embedded = Json.isTrue(schema, "x-kubernetes-embedded-resource");
    boolean intOrString = Json.isTrue(schema, "x-kubernetes-int-or-string");
    boolean preserve = Json.isTrue(schema, "x-kubernetes-preserve-unknown-fields");
    if (type.equals("array") && schema.get("items") == null) {
      required(path + ".items", "must be specified");
    }
    node(schema.get("items"), Level.ITEM, path + ".items");
    Map<String, @Nullable Object> properties = Json.object(schema, "properties");
    if (properties != null) {
      properties.forEach(
          (name, property) -> node(property, Level.FIELD, path + ".properties[" + name + "]"));
    }
    if (schema.get("additionalProperties") != null) {
      if (level == Level.ROOT) {
        forbidden(path + ".additionalProperties", "must not be used at the root");
      }
      node(schema.get("additionalProperties"), Level.FIELD, path + ".additionalProperties");
      if (embedded) {
        forbidden(
            path + ".additionalProperties",
            "must not be used if x-kubernetes-embedded-resource is set");
      }
    }
    if (intOrString && preserve) {
      errors.add(
          FieldError.invalid(
              path + ".x-kubernetes-preserve-unknown-fields",
              true,
              "must be false if x-kubernetes-int-or-string is true"));
    }
    if (intOrString && embedded) {
      errors.add(
          FieldError.invalid(
              path + ".x-kubernetes-embedded-resource",
              true,
              "must be false if x-kubernetes-int-or-string is true"));
    }
    valueChecks(schema, path);
    if (embedded && !type.equals("object")) {
      String detail = "must be object if x-kubernetes-embedded-resource is true";
      errors.add(
          type.isEmpty()
              ? FieldError.required(path + ".type", detail)
              : FieldError.invalid(path + ".type", type, detail));
    } else if (type.isEmpty() && !intOrString && !preserve) {
      required(path + ".type", level.typeRequired);
    }
    if (level == Level.ROOT && !type.isEmpty() && !type.equals("object")) {
      errors.add(FieldError.invalid(path + ".type", type, "must be object at the root"));
    }
    if (embedded && !preserve && (properties == null || properties.isEmpty())) {
      required(
          path + ".properties",
          "must not be empty if x-kubernetes-embedded-resource is true without"
              + " x-kubernetes-preserve-unknown-fields");
    }
    if (level == Level.ROOT || embedded) {
      meta(properties, level, path);
    }
  }

  private void meta(@Nullable Map<String, @Nullable Object> properties, Level level, String path) {
    if (properties == null) {
      return;
    }
    for (String name : List.of("kind", "apiVersion")) {
      Map<String, @Nullable Object> property = Json.object(properties, name);
      if (property != null && !Json.text(property, "type").equals("string")) {
        errors.add(
            FieldError.invalid(
                path + ".properties[" + name + "].type",
                Json.text(property, "type"),
                "must be string"));
      }
    }
    Map<String, @Nullable Object> metadata = Json.object(properties, "metadata");
    if (metadata == null) {
      return;
    }
    String field = path + ".properties[metadata]";
    String type = Json.text(metadata, "type");
    if (!type.equals("object")) {
      errors.add(FieldError.invalid(field + ".type", type, "must be object"));
    }
    if (level != Level.ROOT) {
      return;
    }
    Map<String, @Nullable Object> rest = Json.copyObject(metadata);
    rest.keySet().removeAll(List.of("type", "default", "description"));
    Map<String, @Nullable Object> fields = Json.object(rest, "properties");
    if (fields != null && List.of("name", "generateName").containsAll(fields.keySet())) {
      rest.remove("properties");
    }
    if (!rest.isEmpty() || metadata.containsKey("description")) {
      forbidden(
          field,
          "must not specify anything other than name and generateName, but metadata is implicitly"
              + " specified");
    }
  }

  /** The keywords that check values and may stand below anyOf and the like. */
  private void valueChecks(Map<String, @Nullable Object> schema, String path) {
    boolean skipAnyOf = INT_OR_STRING.equals(schema.get("anyOf"));
    List<@Nullable Object> anyOf = Json.list(schema, "anyOf");
    for (int i = 0; !skipAnyOf && anyOf != null && i < anyOf.size(); i++) {
      nested(anyOf.get(i), path + ".anyOf[" + i + "]", false);
    }
    List<@Nullable Object> allOf = Json.list(schema, "allOf");
    for (int i = 0; allOf != null && i < allOf.size(); i++) {
      boolean skip = i == 0 && INT_OR_STRING.equals(Json.get(allOf.get(0), "anyOf"));
      nested(allOf.get(i), path + ".allOf[" + i + "]", skip);
    }
    List<@Nullable Object> oneOf = Json.list(schema, "oneOf");
    for (int i = 0; oneOf != null && i < oneOf.size(); i++) {
      nested(oneOf.get(i), path + ".oneOf[" + i + "]", false);
    }
    nested(schema.get("not"), path + ".not", false);
    String pattern = Json.text(schema, "pattern");
    String problem = pattern.isEmpty() ? null : GoRegex.error(pattern);
    if (problem != null) {
      errors.add(
          FieldError.invalid(
              path + ".pattern",
              pattern,
              "must be a valid regular expression, but isn't: " + problem));
    }
  }

  private void nested(@Nullable Object value, String path, boolean skipAnyOf) {
    Map<String, @Nullable Object> schema = Json.asObject(value);
    if (schema == null) {
      return;
    }
    Map<String, @Nullable Object> checked = schema;
    if (skipAnyOf) {
      checked = Json.copyObject(schema);
      checked.remove("anyOf");
    }
    valueChecks(checked, path);
    nested(schema.get("items"), path + ".items", false);
    Map<String, @Nullable Object> properties = Json.object(schema, "properties");
    if (properties != null) {
      properties.forEach(
          (name, property) -> nested(property, path + ".properties[" + name + "]", false));
      if (properties.containsKey("metadata")) {
        forbidden(path + ".properties[metadata]", "must not be specified in a nested context");
      }
    }
    for (String key : List.of("type", "title", "description")) {
      if (!Json.text(schema, key).isEmpty()) {
        forbidden(path + "." + key, "must be empty to be structural");
      }
    }
    for (String key :
        List.of(
            "additionalProperties", "default", "x-kubernetes-list-type", "x-kubernetes-map-type")) {
      if (schema.get(key) != null) {
        forbidden(path + "." + key, "must be undefined to be structural");
      }
    }
    for (String key :
        List.of(
            "nullable",
            "x-kubernetes-preserve-unknown-fields",
            "x-kubernetes-embedded-resource",
            "x-kubernetes-int-or-string")) {
      if (Json.isTrue(schema, key)) {
        forbidden(path + "." + key, "must be false to be structural");
      }
    }
    for (String key : List.of("x-kubernetes-list-map-keys", "x-kubernetes-validations")) {
      List<@Nullable Object> list = Json.list(schema, key);
      if (list != null && !list.isEmpty()) {
        forbidden(path + "." + key, "must be empty to be structural");
      }
    }
  }

  /** What value checks speak of is declared outside of them. */
  private void completeness(
      @Nullable Object checks, @Nullable Object declared, String declaredPath, String path) {
    Map<String, @Nullable Object> schema = Json.asObject(checks);
    if (schema == null) {
      return;
    }
    nestedCompleteness(schema.get("not"), declared, declaredPath, path + ".not");
    for (String key : List.of("allOf", "anyOf", "oneOf")) {
      List<@Nullable Object> list = Json.list(schema, key);
      for (int i = 0; list != null && i < list.size(); i++) {
        nestedCompleteness(list.get(i), declared, declaredPath, path + "." + key + "[" + i + "]");
      }
    }
  }

  private void nestedCompleteness(
      @Nullable Object checks, @Nullable Object declared, String declaredPath, String path) {
    Map<String, @Nullable Object> schema = Json.asObject(checks);
    if (schema == null) {
      return;
    }
    if (Json.asObject(declared) == null) {
      required(declaredPath, "because it is defined in " + path);
      return;
    }
    completeness(schema, declared, declaredPath, path);
    nestedCompleteness(
        schema.get("items"), Json.get(declared, "items"), declaredPath + ".items", path + ".items");
    Map<String, @Nullable Object> properties = Json.object(schema, "properties");
    if (properties != null) {
      properties.forEach(
          (name, property) ->
              nestedCompleteness(
                  property == null ? Map.of() : property,
                  Json.get(declared, "properties", name),
                  declaredPath + ".properties[" + name + "]",
                  path + ".properties[" + name + "]"));
    }
  }
}

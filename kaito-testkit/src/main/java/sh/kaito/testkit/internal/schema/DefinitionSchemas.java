package sh.kaito.testkit.internal.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** Validation of the OpenAPI schema of a definition: allowed keywords, lists, defaults. */
final class DefinitionSchemas {
  private static final Set<String> TYPES =
      Set.of("array", "boolean", "integer", "number", "object", "string");

  /** Keywords that the real server cannot turn into a structural schema at all. */
  private static final List<String> UNSUPPORTED =
      List.of("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref");

  private static final Set<String> REASONS =
      new TreeSet<>(
          Set.of(
              "FieldValueRequired",
              "FieldValueForbidden",
              "FieldValueInvalid",
              "FieldValueDuplicate"));

  private static final Set<String> META = Set.of("apiVersion", "kind", "metadata");

  private final List<FieldError> errors;

  private DefinitionSchemas(List<FieldError> errors) {
    this.errors = errors;
  }

  /**
   * @param status whether the status subresource is on, which restricts the root of the schema
   */
  static void validate(
      Map<String, @Nullable Object> schema, String path, boolean status, List<FieldError> errors) {
    int before = errors.size();
    if (status && !Json.text(schema, "type").equals("object")) {
      errors.add(
          FieldError.invalid(
              path + ".type",
              Json.text(schema, "type"),
              "only \"object\" is allowed as the type at the root of the schema if the status"
                  + " subresource is enabled"));
    }
    if (Json.isTrue(schema, "nullable")) {
      errors.add(FieldError.forbidden(path + ".nullable", "nullable cannot be true at the root"));
    }
    if (!hasUnsupported(schema)) {
      int structural = errors.size();
      StructuralRules.validate(schema, path, errors);
      if (errors.size() == structural) {
        defaults(Structural.parse(schema), path, errors);
      }
    }
    new DefinitionSchemas(errors).node(schema, path, true, "", false);
    if (errors.size() == before && Structural.parse(schema).hasRules()) {
      rules(Structural.parse(schema), true, path, errors);
    }
  }

  private static boolean hasUnsupported(@Nullable Object node) {
    if (node instanceof List<?> list) {
      return list.stream().anyMatch(DefinitionSchemas::hasUnsupported);
    }
    Map<String, @Nullable Object> schema = Json.asObject(node);
    if (schema == null) {
      return false;
    }
    if (UNSUPPORTED.stream().anyMatch(schema::containsKey)
        || schema.get("items") instanceof List<?>) {
      return true;
    }
    for (Map.Entry<String, @Nullable Object> entry : schema.entrySet()) {
      switch (entry.getKey()) {
        case "properties" -> {
          if (entry.getValue() instanceof Map<?, ?> properties
              && properties.values().stream().anyMatch(DefinitionSchemas::hasUnsupported)) {
            return true;
          }
        }
        case "items", "additionalProperties", "not", "allOf", "anyOf", "oneOf" -> {
          if (hasUnsupported(entry.getValue())) {
            return true;
          }
        }
        default -> {
          continue;
        }
      }
    }
    return false;
  }

  private static void defaults(Structural schema, String path, List<FieldError> errors) {
    Object value = schema.defaultValue();
    String field = path + ".default";
    if (value != null) {
      if (!StructuralDecoder.pruned(value, schema).isEmpty()) {
        errors.add(FieldError.invalid(field, value, "must not have unknown fields"));
      }
      List<FieldError> embedded = StructuralChecks.embedded(schema, value);
      if (!embedded.isEmpty()) {
        for (FieldError error : embedded) {
          errors.add(new FieldError(error.reason(), field + "." + error.field(), error.message()));
        }
      } else {
        errors.addAll(StructuralValidator.validate(schema, value, field, null));
      }
    }
    if (schema.items() != null) {
      defaults(schema.items(), path + ".items", errors);
    }
    schema
        .properties()
        .forEach(
            (name, property) -> defaults(property, path + ".properties[" + name + "]", errors));
  }

  private static void rules(Structural schema, boolean root, String path, List<FieldError> errors) {
    List<RuleEngine.Problem> problems = RuleEngine.problems(schema, root);
    for (int i = 0; i < problems.size(); i++) {
      String field = path + ".x-kubernetes-validations[" + i + "].";
      RuleEngine.Problem problem = problems.get(i);
      if (!problem.rule().isEmpty()) {
        errors.add(
            FieldError.invalid(field + "rule", shown(schema.rules().get(i)), problem.rule()));
      }
      if (!problem.messageExpression().isEmpty()) {
        errors.add(
            FieldError.invalid(
                field + "messageExpression",
                shown(schema.rules().get(i)),
                problem.messageExpression()));
      }
    }
    schema
        .properties()
        .forEach(
            (name, property) -> rules(property, false, path + ".properties[" + name + "]", errors));
    if (schema.additional() != null) {
      rules(schema.additional(), false, path + ".additionalProperties", errors);
    }
    if (schema.items() != null) {
      rules(schema.items(), false, path + ".items", errors);
    }
  }

  /** As Go prints the internal type, which has no JSON names. */
  private static HoistedVersions.InOrder shown(Structural.Rule rule) {
    return new HoistedVersions.InOrder(
        Json.objectOf(
            "Rule", rule.rule(),
            "Message", rule.message(),
            "MessageExpression", rule.messageExpression(),
            "Reason", rule.reason().isEmpty() ? null : rule.reason(),
            "FieldPath", rule.fieldPath(),
            "OptionalOldSelf", rule.optionalOldSelf()));
  }

  private void forbid(String field, String detail) {
    errors.add(FieldError.forbidden(field, detail));
  }

  /**
   * @param noDefaults why defaults are forbidden here; empty when they are not
   */
  private void node(
      @Nullable Object value, String path, boolean root, String noDefaults, boolean inMeta) {
    Map<String, @Nullable Object> schema = Json.asObject(value);
    if (schema == null) {
      return;
    }
    keywords(schema, path, noDefaults, inMeta);
    if (Json.isTrue(schema, "uniqueItems")) {
      forbid(
          path + ".uniqueItems",
          "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
    }
    Map<String, @Nullable Object> properties = Json.object(schema, "properties");
    Object additional = schema.get("additionalProperties");
    if (additional != null) {
      if (properties != null && !properties.isEmpty() && !Boolean.TRUE.equals(additional)) {
        forbid(
            path + ".additionalProperties",
            "additionalProperties and properties are mutual exclusive");
      }
      String reason =
          inMeta ? "inside additionalProperties applying to object metadata" : noDefaults;
      node(additional, path + ".additionalProperties", false, reason, inMeta);
    }
    if (properties != null) {
      boolean resource = root || Json.isTrue(schema, "x-kubernetes-embedded-resource");
      properties.forEach(
          (name, property) -> {
            boolean meta = resource && META.contains(name);
            node(
                property,
                path + ".properties[" + name + "]",
                false,
                meta && root ? "in top-level " + name : noDefaults,
                inMeta || meta);
          });
    }
    node(schema.get("not"), path + ".not", false, noDefaults, inMeta);
    for (String key : List.of("allOf", "oneOf", "anyOf")) {
      List<@Nullable Object> list = Json.list(schema, key);
      for (int i = 0; list != null && i < list.size(); i++) {
        node(list.get(i), path + "." + key + "[" + i + "]", false, noDefaults, inMeta);
      }
    }
    node(schema.get("items"), path + ".items", false, noDefaults, inMeta);
    if (Boolean.FALSE.equals(schema.get("x-kubernetes-preserve-unknown-fields"))) {
      errors.add(
          FieldError.invalid(
              path + ".x-kubernetes-preserve-unknown-fields", false, "must be true or undefined"));
    }
    collections(schema, path);
    listKeys(schema, path);
    ruleTexts(schema, path);
  }

  private void keywords(
      Map<String, @Nullable Object> schema, String path, String noDefaults, boolean inMeta) {
    String type = Json.text(schema, "type");
    if (type.equals("null")) {
      forbid(path + ".type", "type cannot be set to null, use nullable as an alternative");
    } else if (!type.isEmpty() && !TYPES.contains(type)) {
      errors.add(
          FieldError.notSupported(
              path + ".type", type, new TreeSet<>(TYPES).toArray(new String[0])));
    }
    if (schema.get("default") != null && !noDefaults.isEmpty()) {
      forbid(path + ".default", "must not be set " + noDefaults);
    }
    for (String key : UNSUPPORTED) {
      if (schema.containsKey(key)) {
        forbid(path + "." + key, key + " is not supported");
      }
    }
    if (schema.get("items") instanceof List<?>) {
      forbid(path + ".items", "items must be a schema object and not an array");
    }
    if (inMeta && Json.isTrue(schema, "x-kubernetes-embedded-resource")) {
      forbid(path + ".x-kubernetes-embedded-resource", "must not be used inside of resource meta");
    }
  }

  private void collections(Map<String, @Nullable Object> schema, String path) {
    String type = Json.text(schema, "type");
    String mapType = Json.string(schema, "x-kubernetes-map-type");
    if (mapType != null) {
      requireType(type, "object", "x-kubernetes-map-type", path);
      if (!mapType.equals("atomic") && !mapType.equals("granular")) {
        errors.add(
            FieldError.notSupported(
                path + ".x-kubernetes-map-type", mapType, "atomic", "granular"));
      }
    }
    String listType = Json.string(schema, "x-kubernetes-list-type");
    if (listType == null) {
      return;
    }
    requireType(type, "array", "x-kubernetes-list-type", path);
    Map<String, @Nullable Object> items = Json.object(schema, "items");
    if (type.equals("array") && listType.equals("set") && items != null) {
      String must = "must be atomic as item of a list with x-kubernetes-list-type=set";
      Object itemListType = items.get("x-kubernetes-list-type");
      String itemType = Json.text(items, "type");
      if (itemType.equals("array") && itemListType != null && !itemListType.equals("atomic")) {
        errors.add(FieldError.invalid(path + ".items.x-kubernetes-list-type", itemListType, must));
      } else if (itemType.equals("object")
          && !"atomic".equals(items.get("x-kubernetes-map-type"))) {
        errors.add(FieldError.invalid(path + ".items.x-kubernetes-map-type", itemListType, must));
      }
    }
    if (!Set.of("atomic", "set", "map").contains(listType)) {
      errors.add(
          FieldError.notSupported(
              path + ".x-kubernetes-list-type", listType, "atomic", "set", "map"));
    }
  }

  private void requireType(String type, String wanted, String keyword, String path) {
    String detail = "must be " + wanted + " if " + keyword + " is specified";
    if (type.isEmpty()) {
      errors.add(FieldError.required(path + ".type", detail));
    } else if (!type.equals(wanted)) {
      errors.add(FieldError.invalid(path + ".type", type, detail));
    }
  }

  private void listKeys(Map<String, @Nullable Object> schema, String path) {
    String listType = Json.string(schema, "x-kubernetes-list-type");
    List<@Nullable Object> keys = Json.list(schema, "x-kubernetes-list-map-keys");
    boolean isMap = "map".equals(listType);
    if (keys != null && !keys.isEmpty() && !isMap) {
      String field = path + ".x-kubernetes-list-type";
      String detail = "must be map if x-kubernetes-list-map-keys is non-empty";
      errors.add(
          listType == null
              ? FieldError.required(field, detail)
              : FieldError.invalid(field, listType, detail));
    }
    Map<String, @Nullable Object> items = Json.object(schema, "items");
    if (isMap) {
      mapKeys(keys == null ? List.of() : keys, items, path);
    }
    if (items == null || (!isMap && !"set".equals(listType))) {
      return;
    }
    if (Json.isTrue(items, "nullable")) {
      forbid(
          path + ".items.nullable",
          "cannot be nullable when x-kubernetes-list-type is " + listType);
    }
    for (Object key : isMap && keys != null ? keys : List.of()) {
      Map<String, @Nullable Object> property =
          Json.object(items, "properties", String.valueOf(key));
      List<String> required = Structural.strings(Json.list(items, "required"));
      String field = path + ".items.properties[" + key + "]";
      if (property != null && !required.contains(key) && property.get("default") == null) {
        errors.add(
            FieldError.required(
                field + ".default",
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be a"
                    + " required property"));
      }
      if (property != null && Json.isTrue(property, "nullable")) {
        forbid(
            field + ".nullable",
            "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
      }
    }
  }

  private void mapKeys(
      List<@Nullable Object> keys, @Nullable Map<String, @Nullable Object> items, String path) {
    String field = path + ".x-kubernetes-list-map-keys";
    if (keys.isEmpty()) {
      errors.add(FieldError.required(field, "must not be empty if x-kubernetes-list-type is map"));
    }
    if (items == null) {
      errors.add(
          FieldError.required(
              path + ".items", "must have a schema if x-kubernetes-list-type is map"));
      return;
    }
    String type = Json.text(items, "type");
    if (!type.equals("object")) {
      errors.add(
          FieldError.invalid(
              path + ".items.type",
              type,
              "must be object if parent array's x-kubernetes-list-type is map"));
      return;
    }
    List<@Nullable Object> seen = new ArrayList<>();
    for (Object key : keys) {
      Map<String, @Nullable Object> property =
          Json.object(items, "properties", String.valueOf(key));
      if (property == null) {
        errors.add(FieldError.invalid(field, keys, "entries must all be names of item properties"));
      } else if (Set.of("array", "object").contains(Json.text(property, "type"))) {
        errors.add(
            FieldError.invalid(
                path + ".items.properties[" + key + "].type",
                type,
                "must be a scalar type if parent array's x-kubernetes-list-type is map"));
      }
      if (seen.contains(key)) {
        errors.add(FieldError.invalid(field, keys, "must not contain duplicate entries"));
      }
      seen.add(key);
    }
  }

  private void ruleTexts(Map<String, @Nullable Object> schema, String path) {
    List<@Nullable Object> rules = Json.list(schema, "x-kubernetes-validations");
    for (int i = 0; rules != null && i < rules.size(); i++) {
      String at = path + ".x-kubernetes-validations[" + i + "]";
      Object rule = rules.get(i);
      String message = Json.text(rule, "message");
      String text = Json.text(rule, "rule").strip();
      if (text.isEmpty()) {
        errors.add(FieldError.required(at + ".rule", "rule is not specified"));
      } else if (!message.isEmpty() && message.isBlank()) {
        errors.add(FieldError.invalid(at + ".message", message, "must be non-empty if specified"));
      } else if (message.strip().indexOf('\n') >= 0) {
        errors.add(FieldError.invalid(at + ".message", message, "must not contain line breaks"));
      } else if (text.indexOf('\n') >= 0 && message.isBlank()) {
        errors.add(
            FieldError.required(
                at + ".message", "message must be specified if rule contains line breaks"));
      }
      String expression = Json.text(rule, "messageExpression");
      if (!expression.isEmpty() && expression.isBlank()) {
        errors.add(
            FieldError.required(
                at + ".messageExpression", "messageExpression must be non-empty if specified"));
      }
      String reason = Json.text(rule, "reason");
      if (!reason.isEmpty() && !REASONS.contains(reason)) {
        errors.add(FieldError.notSupported(at + ".reason", reason, REASONS.toArray(new String[0])));
      }
      String fieldPath = Json.text(rule, "fieldPath");
      if (!fieldPath.isEmpty() && !isValidPath(schema, fieldPath)) {
        errors.add(FieldError.invalid(at + ".fieldPath", fieldPath, "must be a valid path"));
      }
    }
  }

  private static boolean isValidPath(Map<String, @Nullable Object> schema, String fieldPath) {
    if (!fieldPath.startsWith(".") && !fieldPath.startsWith("[")) {
      return false;
    }
    Structural node = Structural.parse(schema);
    for (String step :
        fieldPath.replace("['", ".").replace("']", "").substring(1).split("\\.", -1)) {
      node = node.field(step);
      if (node == null) {
        return false;
      }
    }
    return true;
  }
}

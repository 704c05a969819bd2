package sh.kaito.testkit.internal.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * A node of a custom resource's OpenAPI v3 schema. Immutable, safe from any thread.
 *
 * @param source the node as written
 * @param type {@code object}, {@code array}, {@code string}, ...; empty when not given
 * @param properties declared fields, in order
 * @param additional type of the values of a map; null when there is none
 * @param additionalAllowed what {@code additionalProperties} says as a boolean; null when it does
 *     not
 * @param items type of list items; null when there is none
 * @param defaultValue the default; null when there is none
 * @param listType {@code atomic}, {@code set} or {@code map}; empty when not given
 * @param mapType {@code atomic} or {@code granular}; empty when not given
 * @param rules {@code x-kubernetes-validations}
 */
public record Structural(
    Map<String, @Nullable Object> source,
    String type,
    Map<String, Structural> properties,
    @Nullable Structural additional,
    @Nullable Boolean additionalAllowed,
    @Nullable Structural items,
    @Nullable Object defaultValue,
    boolean nullable,
    boolean preserveUnknown,
    boolean embedded,
    boolean intOrString,
    String listType,
    List<String> listKeys,
    String mapType,
    List<Rule> rules) {

  /**
   * A CEL rule.
   *
   * @param reason {@code FieldValueInvalid} and the like; empty for the default
   * @param optionalOldSelf null when not given
   */
  public record Rule(
      String rule,
      String message,
      String messageExpression,
      String reason,
      String fieldPath,
      @Nullable Boolean optionalOldSelf) {}

  /** A node without any statement. */
  static final Structural EMPTY = parse(Map.of());

  /** Reads a schema; what has a wrong type is taken as absent. */
  public static Structural parse(Map<String, @Nullable Object> source) {
    Map<String, Structural> properties = new LinkedHashMap<>();
    Map<String, @Nullable Object> declared = Json.object(source, "properties");
    if (declared != null) {
      declared.forEach((name, node) -> properties.put(name, child(node)));
    }
    Object additional = source.get("additionalProperties");
    Object items = source.get("items");
    return new Structural(
        source,
        Json.text(source, "type"),
        properties,
        additional instanceof Map<?, ?> ? child(additional) : null,
        additional instanceof Boolean allowed ? allowed : null,
        items instanceof Map<?, ?> ? child(items) : null,
        source.get("default"),
        Json.isTrue(source, "nullable"),
        Json.isTrue(source, "x-kubernetes-preserve-unknown-fields"),
        Json.isTrue(source, "x-kubernetes-embedded-resource"),
        Json.isTrue(source, "x-kubernetes-int-or-string"),
        Json.text(source, "x-kubernetes-list-type"),
        strings(Json.list(source, "x-kubernetes-list-map-keys")),
        Json.text(source, "x-kubernetes-map-type"),
        rules(Json.list(source, "x-kubernetes-validations")));
  }

  private static Structural child(@Nullable Object node) {
    Map<String, @Nullable Object> map = Json.asObject(node);
    return parse(map == null ? Map.of() : map);
  }

  private static List<Rule> rules(@Nullable List<@Nullable Object> list) {
    List<Rule> rules = new ArrayList<>();
    if (list != null) {
      for (Object rule : list) {
        rules.add(
            new Rule(
                Json.text(rule, "rule"),
                Json.text(rule, "message"),
                Json.text(rule, "messageExpression"),
                Json.text(rule, "reason"),
                Json.text(rule, "fieldPath"),
                Json.get(rule, "optionalOldSelf") instanceof Boolean bool ? bool : null));
      }
    }
    return rules;
  }

  static List<String> strings(@Nullable List<@Nullable Object> list) {
    return list == null ? List.of() : list.stream().map(String::valueOf).toList();
  }

  /** Names of the required fields. */
  public List<String> required() {
    return strings(Json.list(source, "required"));
  }

  /** The type of a field of a map or object; null when it is not known. */
  public @Nullable Structural field(String name) {
    Structural property = properties.get(name);
    return property == null ? additional : property;
  }

  /** Whether there is a CEL rule here or below. */
  public boolean hasRules() {
    return !rules.isEmpty()
        || properties.values().stream().anyMatch(Structural::hasRules)
        || (additional != null && additional.hasRules())
        || (items != null && items.hasRules());
  }

  /** The same node as an embedded resource: its metadata is not pruned. */
  Structural asResource() {
    return new Structural(
        source,
        type,
        properties,
        additional,
        additionalAllowed,
        items,
        defaultValue,
        nullable,
        preserveUnknown,
        true,
        intOrString,
        listType,
        listKeys,
        mapType,
        rules);
  }

  @Override
  public String toString() {
    return Json.writeString(source);
  }
}

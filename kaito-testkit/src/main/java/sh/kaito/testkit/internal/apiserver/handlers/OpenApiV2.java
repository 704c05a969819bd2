package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** Documents of OpenAPI 3 as older clients read them: Swagger 2. Pure functions. */
final class OpenApiV2 {
  private static final String OLD_REFERENCE = "#/definitions/";
  private static final String REFERENCE = "#/components/schemas/";

  /** Words that Swagger 2 does not have, or that the real server leaves out of it. */
  private static final Set<String> DROPPED =
      Set.of("default", "nullable", "oneOf", "anyOf", "allOf", "not");

  private OpenApiV2() {}

  static Map<String, Object> document(
      Map<String, Object> info, Map<String, Object> paths, Map<String, Object> schemas) {
    Map<String, Object> definitions = Json.newObject();
    schemas.forEach((name, schema) -> definitions.put(name, schema(schema)));
    Map<String, Object> operations = Json.newObject();
    paths.forEach((path, item) -> operations.put(path, parameters(item)));
    return Json.objectOf(
        "swagger", "2.0", "info", info, "paths", operations, "definitions", definitions);
  }

  private static @Nullable Object schema(@Nullable Object node) {
    if (node instanceof List<?> list) {
      List<@Nullable Object> result = new ArrayList<>();
      list.forEach(item -> result.add(schema(item)));
      return result;
    }
    Map<String, Object> source = Json.asObject(node);
    if (source == null) {
      return node instanceof String text && text.startsWith(REFERENCE)
          ? OLD_REFERENCE + text.substring(REFERENCE.length())
          : node;
    }
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    source.forEach(
        (key, value) -> {
          // Below "properties" stand names, which may be any word.
          if (key.equals("properties")) {
            Map<String, @Nullable Object> properties = new LinkedHashMap<>();
            Map<String, Object> fields = Json.asObject(value);
            if (fields != null) {
              fields.forEach((name, field) -> properties.put(name, schema(field)));
            }
            result.put(key, properties);
          } else if (!DROPPED.contains(key)) {
            result.put(key, schema(value));
          }
        });
    List<Object> all = Json.list(source, "allOf");
    if (all != null && all.size() == 1 && Json.string(all.get(0), "$ref") != null) {
      result.put("$ref", schema(Json.get(all.get(0), "$ref")));
    }
    List<Object> choices = Json.list(source, "oneOf");
    if (choices != null && choices.contains(Map.of("type", "string"))) {
      result.put("type", "string");
    }
    return result;
  }

  /** A parameter has its type itself. */
  private static @Nullable Object parameters(@Nullable Object item) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    Map<String, Object> operations = Json.asObject(item);
    if (operations != null) {
      operations.forEach(
          (verb, operation) -> {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            Map<String, Object> fields = Json.asObject(operation);
            if (fields != null) {
              copy.putAll(fields);
            }
            List<Object> parameters = Json.list(operation, "parameters");
            if (parameters != null) {
              copy.put(
                  "parameters",
                  parameters.stream()
                      .map(
                          parameter ->
                              Json.objectOf(
                                  "uniqueItems",
                                  true,
                                  "type",
                                  "string",
                                  "name",
                                  Json.text(parameter, "name"),
                                  "in",
                                  "query"))
                      .toList());
            }
            result.put(verb, copy);
          });
    }
    return result;
  }
}

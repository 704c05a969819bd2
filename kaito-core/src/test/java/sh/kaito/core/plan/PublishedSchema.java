package sh.kaito.core.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The part of JSON Schema that the published schemas use; any other keyword is an error. */
final class PublishedSchema {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> KNOWN =
      Set.of(
          "$schema",
          "$defs",
          "$ref",
          "title",
          "description",
          "type",
          "required",
          "additionalProperties",
          "properties",
          "items",
          "enum",
          "const",
          "minimum",
          "pattern");

  private final JsonNode root;

  private PublishedSchema(JsonNode root) {
    this.root = root;
  }

  static PublishedSchema read(String name) throws IOException {
    return new PublishedSchema(JSON.readTree(Files.readString(Path.of("../docs/reference", name))));
  }

  /** What a text breaks; empty where it is as the schema says. */
  List<String> problems(String json) throws IOException {
    List<String> problems = new ArrayList<>();
    check(root, JSON.readTree(json), "$", problems);
    return problems;
  }

  /** Paths of fields that the schema describes and none of the texts has. */
  List<String> unused(List<String> texts) throws IOException {
    List<JsonNode> values = new ArrayList<>();
    for (String text : texts) {
      values.add(JSON.readTree(text));
    }
    List<String> unused = new ArrayList<>();
    unused(root, values, "$", unused);
    return unused;
  }

  private void check(JsonNode written, JsonNode value, String path, List<String> problems) {
    written
        .fieldNames()
        .forEachRemaining(
            keyword -> {
              if (!KNOWN.contains(keyword)) {
                throw new IllegalStateException("keyword " + keyword + " is not checked here");
              }
            });
    JsonNode schema = resolve(written);
    String type = schema.path("type").asText("");
    boolean fits =
        switch (type) {
          case "object" -> value.isObject();
          case "array" -> value.isArray();
          case "string" -> value.isTextual();
          case "integer" -> value.isIntegralNumber();
          case "number" -> value.isNumber();
          case "boolean" -> value.isBoolean();
          default -> true;
        };
    if (!fits) {
      problems.add(path + ": is no " + type + ": " + value);
    }
    if (schema.has("const") && !schema.path("const").equals(value)) {
      problems.add(path + ": is not " + schema.path("const"));
    }
    if (schema.has("enum") && !contains(schema.path("enum"), value)) {
      problems.add(path + ": " + value + " is none of " + schema.path("enum"));
    }
    if (schema.has("minimum") && value.asDouble() < schema.path("minimum").asDouble()) {
      problems.add(path + ": " + value + " is below the minimum");
    }
    if (schema.has("pattern") && !value.asText().matches(schema.path("pattern").asText())) {
      problems.add(path + ": " + value + " does not match " + schema.path("pattern"));
    }
    for (JsonNode name : schema.path("required")) {
      if (!value.has(name.asText())) {
        problems.add(path + "." + name.asText() + ": is missing");
      }
    }
    value
        .properties()
        .forEach(
            field -> {
              JsonNode known = schema.path("properties").path(field.getKey());
              JsonNode others = schema.path("additionalProperties");
              String below = path + "." + field.getKey();
              if (!known.isMissingNode()) {
                check(known, field.getValue(), below, problems);
              } else if (others.isObject()) {
                check(others, field.getValue(), below, problems);
              } else {
                problems.add(below + ": is not in the schema");
              }
            });
    if (schema.has("items") && value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        check(schema.path("items"), value.get(i), path + "[" + i + "]", problems);
      }
    }
  }

  private void unused(JsonNode written, List<JsonNode> values, String path, List<String> unused) {
    JsonNode schema = resolve(written);
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              List<JsonNode> below = new ArrayList<>();
              for (JsonNode value : values) {
                if (value.has(property.getKey())) {
                  below.add(value.get(property.getKey()));
                }
              }
              String belowPath = path + "." + property.getKey();
              if (below.isEmpty()) {
                unused.add(belowPath);
              } else {
                unused(property.getValue(), below, belowPath, unused);
              }
            });
    if (schema.has("items")) {
      List<JsonNode> elements = new ArrayList<>();
      values.forEach(value -> value.forEach(elements::add));
      if (!elements.isEmpty()) {
        unused(schema.path("items"), elements, path + "[]", unused);
      }
    }
  }

  private JsonNode resolve(JsonNode schema) {
    String reference = schema.path("$ref").asText("");
    return reference.isEmpty() ? schema : root.at(reference.substring(1));
  }

  private static boolean contains(JsonNode values, JsonNode value) {
    for (JsonNode one : values) {
      if (one.equals(value)) {
        return true;
      }
    }
    return false;
  }
}

package sh.kaito.core.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A model's {@code config.json}. Architectures spell the same figure in several ways, and models
 * that also see or hear keep the figures of their language part in an object of their own.
 */
final class ConfigJson {
  /** No model has ten million of anything that is counted here. */
  private static final int LARGEST = 10_000_000;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(100).build())
                  .build())
          // Python writes them.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  private final String model;
  private final JsonNode root;
  private final JsonNode language;

  private ConfigJson(String model, JsonNode root) {
    this.model = model;
    this.root = root;
    this.language =
        root.path("text_config").isObject() ? root.path("text_config") : root.path("llm_config");
  }

  static ConfigJson read(String model, String text) {
    try {
      JsonNode root = JSON.readTree(text);
      if (root != null && root.isObject()) {
        return new ConfigJson(model, root);
      }
      throw new CatalogException(model + ": config.json is no JSON object");
    } catch (JsonProcessingException e) {
      throw new CatalogException(
          model
              + ": config.json is no JSON"
              + Optional.ofNullable(e.getLocation())
                  .map(at -> " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")")
                  .orElse(""));
    }
  }

  /** A figure that must be there. */
  int required(String what, String... keys) {
    return figure(keys)
        .orElseThrow(
            () ->
                new CatalogException(
                    model + ": config.json has no " + what + " (" + String.join(", ", keys) + ")"));
  }

  /** The first of these keys that is there, at the top before the language part. */
  OptionalInt figure(String... keys) {
    for (String key : keys) {
      JsonNode value = field(key);
      if (value.isMissingNode() || value.isNull()) {
        continue;
      }
      if (!value.isIntegralNumber() || value.asLong() < 1 || value.asLong() > LARGEST) {
        throw new CatalogException(
            model
                + ": config.json has "
                + key
                + " "
                + shorten(value.toString())
                + ", which is no whole number from 1 to "
                + LARGEST);
      }
      return OptionalInt.of(value.intValue());
    }
    return OptionalInt.empty();
  }

  boolean flag(String key) {
    return field(key).asBoolean(false);
  }

  List<String> architectures() {
    List<String> names = new ArrayList<>();
    root.path("architectures").forEach(name -> names.add(name.asText()));
    return names;
  }

  Optional<String> quantization() {
    return Optional.ofNullable(field("quantization_config").path("quant_method").textValue());
  }

  OptionalInt quantizationBits() {
    JsonNode bits = field("quantization_config").path("bits");
    return bits.isInt() && bits.intValue() > 0
        ? OptionalInt.of(bits.intValue())
        : OptionalInt.empty();
  }

  private JsonNode field(String key) {
    JsonNode value = root.path(key);
    return value.isMissingNode() || value.isNull() ? language.path(key) : value;
  }

  private static String shorten(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }
}

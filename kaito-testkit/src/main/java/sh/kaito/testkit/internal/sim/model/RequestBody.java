package sh.kaito.testkit.internal.sim.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON request body read as pydantic 2 reads it: {@code null} and an absent field are alike where
 * the field is optional, unknown fields are ignored, the error says where.
 */
final class RequestBody {
  /** Bytes. Far above any prompt a test sends; more is refused with 413. */
  static final int LIMIT = 4 << 20;

  private static final Set<String> TRUE = Set.of("true", "t", "yes", "y", "on", "1");
  private static final Set<String> FALSE = Set.of("false", "f", "no", "n", "off", "0");

  private final JsonNode node;
  private final List<Object> path;

  private RequestBody(JsonNode node, List<Object> path) {
    this.node = node;
    this.path = path;
  }

  /** Reads an object, the only top-level value that any of the servers takes. */
  static RequestBody object(byte[] body) throws InvalidBody {
    List<Object> root = List.of("body");
    if (body.length == 0) {
      throw new InvalidBody("missing", "Field required", root);
    }
    JsonNode node;
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(body))
              .toString();
      node = Answers.MAPPER.readTree(text);
    } catch (CharacterCodingException e) {
      throw new InvalidBody("json_invalid", "JSON decode error: not UTF-8", root);
    } catch (JsonProcessingException e) {
      long offset = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getCharOffset());
      throw new InvalidBody(
          "json_invalid",
          "JSON decode error",
          List.of("body", (int) Math.min(offset, Integer.MAX_VALUE)));
    }
    if (!node.isObject()) {
      throw new InvalidBody(
          "model_attributes_type",
          "Input should be a valid dictionary or object to extract fields from",
          root);
    }
    return new RequestBody(node, root);
  }

  boolean has(String field) {
    return node.hasNonNull(field);
  }

  private List<Object> at(Object step) {
    List<Object> result = new ArrayList<>(path);
    result.add(step);
    return result;
  }

  @Nullable String optionalString(String field) throws InvalidBody {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw new InvalidBody("string_type", "Input should be a valid string", at(field));
    }
    return clean(value.textValue());
  }

  String string(String field) throws InvalidBody {
    if (!node.has(field)) {
      throw new InvalidBody("missing", "Field required", at(field));
    }
    String value = optionalString(field);
    if (value == null) {
      throw new InvalidBody("string_type", "Input should be a valid string", at(field));
    }
    return value;
  }

  boolean bool(String field, boolean absent) throws InvalidBody {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return absent;
    }
    String text = value.asText().toLowerCase(Locale.ROOT);
    if (value.isBoolean() || value.isTextual() || value.isNumber()) {
      if (TRUE.contains(text)) {
        return true;
      }
      if (FALSE.contains(text)) {
        return false;
      }
    }
    throw new InvalidBody("bool_type", "Input should be a valid boolean", at(field));
  }

  /** A whole number that must lie within the range. */
  int integer(String field, int absent, int least, int most) throws InvalidBody {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return absent;
    }
    if (!value.isIntegralNumber()) {
      throw new InvalidBody("int_type", "Input should be a valid integer", at(field));
    }
    if (!value.canConvertToInt() || value.intValue() > most) {
      throw new InvalidBody(
          "less_than_equal", "Input should be less than or equal to " + most, at(field));
    }
    if (value.intValue() < least) {
      throw new InvalidBody(
          "greater_than_equal", "Input should be greater than or equal to " + least, at(field));
    }
    return value.intValue();
  }

  /** Checks that a field, where present, is a number; the simulation has no use for its value. */
  void checkNumber(String field) throws InvalidBody {
    JsonNode value = node.get(field);
    if (value != null && !value.isNull() && !value.isNumber()) {
      throw new InvalidBody("float_type", "Input should be a valid number", at(field));
    }
  }

  /** The object at a field; null when absent or null. */
  @Nullable RequestBody optionalObject(String field) throws InvalidBody {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isObject()) {
      throw new InvalidBody("dict_type", "Input should be a valid dictionary", at(field));
    }
    return new RequestBody(value, at(field));
  }

  /** The elements of the array at a field, each an object; null when absent or null. */
  @Nullable List<RequestBody> optionalObjects(String field) throws InvalidBody {
    List<RequestBody> elements = optionalElements(field);
    if (elements != null) {
      for (RequestBody element : elements) {
        element.requireObject();
      }
    }
    return elements;
  }

  /** The elements of the array at a field, of any type; null when absent or null. */
  @Nullable List<RequestBody> optionalElements(String field) throws InvalidBody {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    return new RequestBody(value, at(field)).elements();
  }

  /** The elements of this array. */
  List<RequestBody> elements() throws InvalidBody {
    if (!node.isArray()) {
      throw new InvalidBody("list_type", "Input should be a valid list", path);
    }
    List<RequestBody> result = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      result.add(new RequestBody(node.get(i), at(i)));
    }
    return result;
  }

  void requireObject() throws InvalidBody {
    if (!node.isObject()) {
      throw new InvalidBody(
          "model_attributes_type", "Input should be a valid dictionary or object", path);
    }
  }

  boolean isArrayAt(String field) {
    JsonNode value = node.get(field);
    return value != null && value.isArray();
  }

  /** This element as text. */
  String text() throws InvalidBody {
    if (!node.isTextual()) {
      throw new InvalidBody("string_type", "Input should be a valid string", path);
    }
    return clean(node.textValue());
  }

  boolean isText() {
    return node.isTextual();
  }

  /** An error about a field of this object. */
  InvalidBody invalid(String type, String message, String field) {
    return new InvalidBody(type, message, at(field));
  }

  /** JSON may escape half a surrogate pair, UTF-8 cannot carry it. */
  private static String clean(String text) {
    StringBuilder result = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        i++;
      } else if (Character.isSurrogate(c)) {
        if (result == null) {
          result = new StringBuilder(text);
        }
        result.setCharAt(i, '\uFFFD');
      }
    }
    return result == null ? text : result.toString();
  }
}

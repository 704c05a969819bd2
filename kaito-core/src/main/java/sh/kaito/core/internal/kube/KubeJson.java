package sh.kaito.core.internal.kube;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;

/** JSON of API objects: bytes to trees and back. Thread-safe, without state. */
public final class KubeJson {
  /** Never reconfigured after this line, so sharing it is safe. */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              // Keys of labels and annotations are unbounded: interning them would leak into the
              // JVM's string table.
              JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private KubeJson() {}

  /**
   * Reads one document.
   *
   * @throws MalformedJsonException when it is not one JSON document; the message tells where, and
   *     quotes nothing, since the text may hold a secret
   */
  public static JsonNode read(byte[] json) throws MalformedJsonException {
    return read(json, MAPPER::readTree);
  }

  /**
   * Reads one document without {@code metadata.managedFields}.
   *
   * @throws MalformedJsonException as {@link #read(byte[])}
   */
  public static JsonNode readPruned(byte[] json) throws MalformedJsonException {
    return read(json, KubeJson::pruned);
  }

  private static JsonNode pruned(byte[] json) throws IOException {
    try (JsonParser parser = MAPPER.getFactory().createParser(json)) {
      if (parser.nextToken() == null) {
        return MissingNode.getInstance();
      }
      JsonNode tree = PrunedJson.read(parser);
      if (parser.nextToken() != null) {
        throw new JsonParseException(parser, "a second document");
      }
      return tree;
    }
  }

  private interface Reading {
    JsonNode of(byte[] json) throws IOException;
  }

  private static JsonNode read(byte[] json, Reading reading) throws MalformedJsonException {
    try {
      JsonNode tree = reading.of(json);
      if (tree.isMissingNode()) {
        throw new MalformedJsonException("an empty document");
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw new MalformedJsonException(
          json.length
              + " bytes that are not JSON, at line "
              + e.getLocation().getLineNr()
              + " column "
              + e.getLocation().getColumnNr());
    } catch (MalformedJsonException e) {
      throw e;
    } catch (IOException e) {
      throw new IllegalStateException("Reading an array does no I/O", e);
    }
  }

  /** Writes a document, compact. */
  public static byte[] write(JsonNode tree) {
    try {
      return MAPPER.writeValueAsBytes(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A JSON tree is always writable", e);
    }
  }

  /** An empty object. */
  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** An empty array. */
  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** An object with {@code apiVersion}, {@code kind} and {@code metadata} of that name. */
  public static ObjectNode object(ResourceType type, ObjectKey key) {
    ObjectNode object = object();
    object.put("apiVersion", type.apiVersion());
    object.put("kind", type.kind());
    ObjectNode metadata = object.putObject("metadata");
    metadata.put("name", key.name());
    if (!key.namespace().isEmpty()) {
      metadata.put("namespace", key.namespace());
    }
    return object;
  }

  /** A text by path, where it is there and is a text: {@code text(pod, "status", "phase")}. */
  public static Optional<String> text(JsonNode node, String... path) {
    JsonNode at = node;
    for (String name : path) {
      at = at.path(name);
    }
    return at.isTextual() ? Optional.of(at.textValue()) : Optional.empty();
  }

  /** {@code metadata.uid}, empty where there is none. */
  public static String uid(JsonNode object) {
    return object.path("metadata").path("uid").asText("");
  }

  /** {@code metadata.resourceVersion} of an object or list, empty where there is none. */
  public static String resourceVersion(JsonNode object) {
    return object.path("metadata").path("resourceVersion").asText("");
  }

  /** A text that is not one JSON document. */
  public static final class MalformedJsonException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedJsonException(String message) {
      super(message);
    }
  }
}

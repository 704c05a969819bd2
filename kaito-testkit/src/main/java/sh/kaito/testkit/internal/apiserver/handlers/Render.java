package sh.kaito.testkit.internal.apiserver.handlers;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.apiserver.table.Tables;
import sh.kaito.testkit.internal.apiserver.watch.EventFormat;
import sh.kaito.testkit.internal.json.Json;

/**
 * Stored objects as clients get them: in the version of the path, whole, as rows, or metadata only.
 */
final class Render {
  private static final String META = "meta.k8s.io/v1";

  private final Conversions conversions;
  private final Tables tables;

  Render(Conversions conversions, Tables tables) {
    this.conversions = conversions;
    this.tables = tables;
  }

  /** A whole object in a version. */
  Map<String, Object> tree(ResourceType type, StoredObject object) {
    return conversions.view(type, object.json());
  }

  /** A whole object as bytes, encoded once for each version that it is read in. */
  byte[] bytes(ResourceType type, StoredObject object) {
    Object shape = conversions.shape(type);
    byte[] encoded = object.encoded(shape);
    if (encoded == null) {
      encoded = Json.write(tree(type, object));
      object.encoded(shape, encoded);
    }
    return encoded;
  }

  /** One object in the form that the client accepts. */
  byte[] one(Call call, ResourceType type, StoredObject object) {
    return switch (call.accept.form()) {
      case WHOLE, PARTIAL_LIST -> bytes(type, object);
      case PARTIAL -> Json.write(partial(tree(type, object)));
      case TABLE ->
          Json.write(
              tables.table(
                  type,
                  List.of(tree(type, object)),
                  include(call),
                  Json.objectOf(
                      "resourceVersion", Json.text(object.json(), "metadata", "resourceVersion")),
                  true));
    };
  }

  static Map<String, Object> partial(Map<String, Object> object) {
    Map<String, Object> partial = new LinkedHashMap<>();
    partial.put("kind", "PartialObjectMetadata");
    partial.put("apiVersion", META);
    partial.put("metadata", object.get("metadata"));
    return partial;
  }

  static Tables.Include include(Call call) {
    String include = call.query("includeObject");
    return "None".equals(include)
        ? Tables.Include.NONE
        : "Object".equals(include) ? Tables.Include.OBJECT : Tables.Include.METADATA;
  }

  /** A list in the form that the client accepts. */
  byte[] list(
      Call call, ResourceType type, List<StoredObject> objects, Map<String, Object> metadata) {
    return switch (call.accept.form()) {
      case WHOLE -> whole(type, objects, metadata);
      case PARTIAL, PARTIAL_LIST ->
          Json.write(
              Json.objectOf(
                  "kind",
                  "PartialObjectMetadataList",
                  "apiVersion",
                  META,
                  "metadata",
                  metadata,
                  "items",
                  objects.stream().map(object -> (Object) partial(tree(type, object))).toList()));
      case TABLE ->
          Json.write(
              tables.table(
                  type,
                  objects.stream().map(object -> tree(type, object)).toList(),
                  include(call),
                  metadata,
                  true));
    };
  }

  private byte[] whole(
      ResourceType type, List<StoredObject> objects, Map<String, Object> metadata) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256 + 512 * objects.size());
    Map<String, Object> head =
        Json.objectOf(
            "kind", type.listKind(), "apiVersion", type.apiVersion(), "metadata", metadata);
    byte[] start = Json.write(head);
    out.write(start, 0, start.length - 1);
    out.writeBytes(",\"items\":[".getBytes(StandardCharsets.UTF_8));
    byte[] prefix =
        ("{\"kind\":\"" + type.kind() + "\",\"apiVersion\":\"" + type.apiVersion() + "\",")
            .getBytes(StandardCharsets.UTF_8);
    boolean first = true;
    for (StoredObject object : objects) {
      if (!first) {
        out.write(',');
      }
      first = false;
      byte[] item = bytes(type, object);
      // Items of built-in lists carry no kind and version; both stand first in what is encoded.
      if (!type.isCustom() && startsWith(item, prefix)) {
        out.write('{');
        out.write(item, prefix.length, item.length - prefix.length);
      } else {
        out.writeBytes(item);
      }
    }
    out.write(']');
    out.write('}');
    return out.toByteArray();
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length > prefix.length
        && java.util.Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** The format of one watch. */
  EventFormat events(Call call, ResourceType type) {
    return new Events(call, type);
  }

  private final class Events implements EventFormat {
    private final Call call;
    private final ResourceType type;
    private boolean headed;

    Events(Call call, ResourceType type) {
      this.call = call;
      this.type = type;
    }

    @Override
    public byte[] event(String kind, StoredObject object, @Nullable Long version) {
      if (call.accept.form() == Accept.Form.WHOLE && version == null) {
        return wrap(kind, bytes(type, object));
      }
      Map<String, Object> tree = tree(type, object);
      if (version != null) {
        tree = Store.withResourceVersion(tree, Long.toString(version));
      }
      return wrap(kind, Json.write(form(tree)));
    }

    private Map<String, Object> form(Map<String, Object> tree) {
      return switch (call.accept.form()) {
        case WHOLE -> tree;
        case PARTIAL, PARTIAL_LIST -> partial(tree);
        case TABLE -> {
          // Only the first event of a stream carries the columns.
          boolean first = !headed;
          headed = true;
          yield tables.table(
              type,
              List.of(tree),
              include(call),
              Json.objectOf("resourceVersion", Json.text(tree, "metadata", "resourceVersion")),
              first);
        }
      };
    }

    @Override
    public byte[] bookmark(long version, boolean initialEventsEnd) {
      Map<String, Object> metadata = Json.newObject();
      if (type.isCustom()) {
        metadata.put("creationTimestamp", null);
      }
      metadata.put("resourceVersion", Long.toString(version));
      if (initialEventsEnd) {
        metadata.put("annotations", Json.objectOf("k8s.io/initial-events-end", "true"));
      }
      Map<String, Object> object =
          Json.objectOf("kind", type.kind(), "apiVersion", type.apiVersion(), "metadata", metadata);
      return wrap(
          "BOOKMARK", Json.write(call.accept.form() == Accept.Form.WHOLE ? object : form(object)));
    }

    @Override
    public byte[] error(Map<String, Object> status) {
      return wrap("ERROR", Json.write(status));
    }

    private static byte[] wrap(String kind, byte[] object) {
      byte[] head = ("{\"type\":\"" + kind + "\",\"object\":").getBytes(StandardCharsets.UTF_8);
      byte[] line = new byte[head.length + object.length + 1];
      System.arraycopy(head, 0, line, 0, head.length);
      System.arraycopy(object, 0, line, head.length, object.length);
      line[line.length - 1] = '}';
      return line;
    }
  }
}

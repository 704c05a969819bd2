package sh.kaito.testkit.internal.apiserver.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.GoType;

/**
 * Turns messages into JSON as Kubernetes writes it. The messages alone do not tell: quantities,
 * times and raw JSON have forms of their own, and Go structs that are inlined in JSON are messages
 * of their own. The Go type of the object decides.
 */
final class MessageReader {
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private MessageReader() {}

  /** The object of a message; {@code type} is null where none is known. */
  static Map<String, Object> object(Message message, @Nullable GoType type) {
    Map<String, Object> object = Json.newObject();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              GoType.Field known = type == null ? null : known(type, field.getName());
              if (known != null) {
                object.put(known.name(), value(field, value, known.type()));
              } else if (type != null && value instanceof Message inlined) {
                object.putAll(object(inlined, type));
              } else {
                object.put(field.getName(), value(field, value, null));
              }
            });
    return object;
  }

  /** The field of a struct; those with dashes or a dollar in JSON have a plain name here. */
  private static GoType.@Nullable Field known(GoType type, String name) {
    GoType.Field field = type.fields().get(name);
    if (field == null && name.startsWith("xKubernetes")) {
      field = type.fields().get(name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
    }
    return field == null ? type.fields().get("$" + name) : field;
  }

  private static @Nullable Object value(
      FieldDescriptor field, Object value, @Nullable GoType type) {
    if (field.isMapField()) {
      return map(field, (List<?>) value, type);
    }
    if (value instanceof List<?> list) {
      GoType element = type != null && type.kind() == GoType.Kind.LIST ? type.element() : null;
      List<Object> result = new ArrayList<>();
      list.forEach(item -> result.add(single(item, element)));
      return result;
    }
    return single(value, type);
  }

  private static Map<String, Object> map(
      FieldDescriptor field, List<?> entries, @Nullable GoType type) {
    FieldDescriptor key = field.getMessageType().findFieldByName("key");
    FieldDescriptor content = field.getMessageType().findFieldByName("value");
    GoType element = type != null && type.kind() == GoType.Kind.MAP ? type.element() : null;
    Map<String, Object> result = Json.newObject();
    for (Object entry : entries) {
      Message message = (Message) entry;
      result.put(
          String.valueOf(message.getField(key)),
          value(content, message.getField(content), element));
    }
    return result;
  }

  private static @Nullable Object single(Object value, @Nullable GoType type) {
    if (value instanceof ByteString bytes) {
      return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
    if (value instanceof Integer number) {
      return number.longValue();
    }
    if (value instanceof Float number) {
      return number.doubleValue();
    }
    if (!(value instanceof Message message)) {
      return value;
    }
    if (type == null) {
      return object(message, null);
    }
    return switch (type.kind()) {
      case QUANTITY -> String.valueOf(member(message, "string", ""));
      case TIME -> time(message, SECONDS);
      case MICRO_TIME -> time(message, MICROS);
      case INT_OR_STRING ->
          integer(message, "type") == 0
              ? (Object) integer(message, "intVal")
              : member(message, "strVal", "");
      case RAW, JSON, FIELDS -> raw(message);
      case SCHEMA_OR_BOOL, SCHEMA_OR_LIST, SCHEMA_OR_STRINGS -> alternative(message, type);
      // A named list type is a message around its items.
      case LIST -> items(message, type);
      case STRING -> duration(message);
      default -> object(message, type);
    };
  }

  private static @Nullable FieldDescriptor field(Message message, String name) {
    return message.getDescriptorForType().findFieldByName(name);
  }

  private static Object member(Message message, String name, Object otherwise) {
    FieldDescriptor field = field(message, name);
    return field == null || !message.hasField(field) ? otherwise : message.getField(field);
  }

  private static long integer(Message message, String name) {
    return ((Number) member(message, name, 0L)).longValue();
  }

  /** Go's zero time is written as null. */
  private static @Nullable String time(Message message, DateTimeFormatter format) {
    long seconds = integer(message, "seconds");
    long nanos = integer(message, "nanos");
    return seconds == 0 && nanos == 0 ? null : format.format(Instant.ofEpochSecond(seconds, nanos));
  }

  private static @Nullable Object raw(Message message) {
    for (Object value : message.getAllFields().values()) {
      if (value instanceof ByteString bytes && !bytes.isEmpty()) {
        return Json.parse(bytes.toByteArray());
      }
    }
    return null;
  }

  /** A schema, or what may stand in its place. */
  private static Object alternative(Message message, GoType type) {
    FieldDescriptor schema = field(message, "schema");
    if (schema != null && message.hasField(schema)) {
      return object((Message) message.getField(schema), type.element());
    }
    FieldDescriptor schemas = field(message, "jSONSchemas");
    if (schemas != null) {
      List<Object> list = new ArrayList<>();
      ((List<?>) message.getField(schemas))
          .forEach(item -> list.add(object((Message) item, type.element())));
      return list;
    }
    return type.kind() == GoType.Kind.SCHEMA_OR_BOOL
        ? member(message, "allows", false)
        : List.copyOf((List<?>) member(message, "property", List.of()));
  }

  private static Object items(Message message, GoType type) {
    FieldDescriptor items = field(message, "items");
    return items == null
        ? object(message, type)
        : Objects.requireNonNull(value(items, message.getField(items), type));
  }

  /** A {@code metav1.Duration}, which JSON has as text. */
  private static Object duration(Message message) {
    return integer(message, "duration") + "ns";
  }
}

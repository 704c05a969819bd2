package sh.kaito.testkit.internal.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * The types of kube-apiserver 1.35, from the resource {@code built-in-types.txt} (made by {@code
 * src/schemas/generate.py}). Read once, when first asked for.
 */
final class BuiltInTypes {
  private static final String RESOURCE = "/sh/kaito/testkit/schemas/built-in-types.txt";

  private static final Map<String, GoType.Kind> NAMED =
      Map.ofEntries(
          Map.entry("time", GoType.Kind.TIME),
          Map.entry("microtime", GoType.Kind.MICRO_TIME),
          Map.entry("quantity", GoType.Kind.QUANTITY),
          Map.entry("intorstring", GoType.Kind.INT_OR_STRING),
          Map.entry("raw", GoType.Kind.RAW),
          Map.entry("json", GoType.Kind.JSON),
          Map.entry("fields", GoType.Kind.FIELDS),
          Map.entry("bytes", GoType.Kind.BYTES),
          Map.entry("props-or-bool", GoType.Kind.SCHEMA_OR_BOOL),
          Map.entry("props-or-array", GoType.Kind.SCHEMA_OR_LIST),
          Map.entry("props-or-strings", GoType.Kind.SCHEMA_OR_STRINGS));

  private static final Map<GoType.Kind, String> GO_NAMES =
      Map.ofEntries(
          Map.entry(GoType.Kind.TIME, "v1.Time"),
          Map.entry(GoType.Kind.MICRO_TIME, "v1.MicroTime"),
          Map.entry(GoType.Kind.QUANTITY, "resource.Quantity"),
          Map.entry(GoType.Kind.INT_OR_STRING, "intstr.IntOrString"),
          Map.entry(GoType.Kind.RAW, "runtime.RawExtension"),
          Map.entry(GoType.Kind.JSON, "v1.JSON"),
          Map.entry(GoType.Kind.FIELDS, "v1.FieldsV1"),
          Map.entry(GoType.Kind.BYTES, "[]uint8"),
          Map.entry(GoType.Kind.SCHEMA_OR_BOOL, "v1.JSONSchemaPropsOrBool"),
          Map.entry(GoType.Kind.SCHEMA_OR_LIST, "v1.JSONSchemaPropsOrArray"),
          Map.entry(GoType.Kind.SCHEMA_OR_STRINGS, "v1.JSONSchemaPropsOrStringArray"));

  private static final String SCHEMA_PROPS =
      "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";

  /** The holder idiom: the table is an immutable constant of the library. */
  private static final class Holder {
    static final BuiltInTypes INSTANCE = new BuiltInTypes();
  }

  private final Map<String, String> kinds = new HashMap<>();
  private final Map<String, GoType> structs = new HashMap<>();

  private BuiltInTypes() {
    String[] lines = read().split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      String[] words = lines[i].split(" ", -1);
      if (words[0].equals("K")) {
        kinds.put(words[1], words[2]);
      } else if (words[0].equals("S")) {
        int from = i + 1;
        int to = from;
        while (to < lines.length && !lines[to].isEmpty() && !lines[to].startsWith("S ")) {
          to++;
        }
        int end = to;
        structs.put(
            words[1], GoType.struct(words[2], words.length > 3, () -> fields(lines, from, end)));
        i = to - 1;
      }
    }
  }

  private static String read() {
    try (InputStream in = BuiltInTypes.class.getResourceAsStream(RESOURCE)) {
      return new String(
          Objects.requireNonNull(in, RESOURCE + " is not on the class path").readAllBytes(),
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE, e);
    }
  }

  /** The type of a kind; null when it is no built-in kind. */
  static @Nullable GoType kind(String group, String version, String kind) {
    String id = Holder.INSTANCE.kinds.get(group + "/" + version + "/" + kind);
    return id == null ? null : Holder.INSTANCE.struct(id);
  }

  /** The type of every object's metadata. */
  static GoType objectMeta() {
    return Holder.INSTANCE.struct("apimachinery.pkg.apis.meta.v1.ObjectMeta");
  }

  private GoType struct(String id) {
    return Objects.requireNonNull(structs.get(id), () -> "no struct " + id + " in " + RESOURCE);
  }

  private List<GoType.Field> fields(String[] lines, int from, int to) {
    List<GoType.Field> fields = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      fields.add(field(lines[i].split(" ", -1)));
    }
    return fields;
  }

  private GoType.Field field(String[] words) {
    GoType.ListKind list = null;
    List<String> keys = List.of();
    Boolean mapAtomic = null;
    String mergeKey = "";
    Set<String> strategies = Set.of();
    Object defaultValue = null;
    for (int i = 3; i < words.length; i++) {
      String value = words[i].substring(words[i].indexOf('=') + 1);
      switch (words[i].substring(0, words[i].indexOf('='))) {
        case "list" -> list = GoType.ListKind.valueOf(value.toUpperCase(java.util.Locale.ROOT));
        case "keys" -> keys = List.of(value.split(",", -1));
        case "map" -> mapAtomic = value.equals("atomic");
        case "mergekey" -> mergeKey = value;
        case "strategy" -> strategies = Set.of(value.split(",", -1));
        case "default" -> defaultValue = Json.parse(value);
        default ->
            throw new IllegalStateException("unknown attribute in " + String.join(" ", words));
      }
    }
    boolean pointer = words[1].startsWith("*");
    return new GoType.Field(
        words[0],
        type(pointer ? words[1].substring(1) : words[1]),
        pointer,
        words[2].contains("e"),
        words[2].contains("z"),
        list,
        keys,
        mapAtomic,
        mergeKey,
        strategies,
        defaultValue);
  }

  private GoType type(String text) {
    if (text.startsWith("#")) {
      return struct(text.substring(1));
    }
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      return GoType.listOf(type(text.substring(end + 1)), text.substring(1, end));
    }
    if (text.startsWith("{")) {
      int end = text.indexOf('}');
      return GoType.mapOf(type(text.substring(end + 1)), text.substring(1, end));
    }
    GoType.Kind named = NAMED.get(text);
    if (named != null) {
      return GoType.scalar(named, String.valueOf(GO_NAMES.get(named)));
    }
    int colon = text.indexOf(':');
    String base = colon < 0 ? text : text.substring(0, colon);
    String name = colon < 0 ? text : text.substring(colon + 1);
    return switch (base) {
      case "string" -> GoType.scalar(GoType.Kind.STRING, name);
      case "bool" -> GoType.scalar(GoType.Kind.BOOL, name);
      case "int32" -> GoType.scalar(GoType.Kind.INT32, name);
      case "int64" -> GoType.scalar(GoType.Kind.INT64, name);
      case "float64" -> GoType.scalar(GoType.Kind.FLOAT, name);
      default -> throw new IllegalStateException("unknown type " + text + " in " + RESOURCE);
    };
  }

  /** The type of a JSON schema inside a CustomResourceDefinition. */
  static GoType schemaProps() {
    return Holder.INSTANCE.struct(SCHEMA_PROPS);
  }
}

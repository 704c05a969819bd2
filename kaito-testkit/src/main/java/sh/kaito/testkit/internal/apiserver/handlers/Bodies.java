package sh.kaito.testkit.internal.apiserver.handlers;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;
import sh.kaito.testkit.internal.json.Yaml;
import sh.kaito.testkit.internal.json.YamlParseException;
import sh.kaito.testkit.internal.schema.BuiltInSchema;
import sh.kaito.testkit.internal.schema.DecodeException;
import sh.kaito.testkit.internal.schema.ObjectSchema;

/** Reads request bodies, with the complaints of the real decoder. */
final class Bodies {
  private static final String MEDIA =
      "application/json, application/yaml, application/vnd.kubernetes.protobuf";

  /** Go type that the decoder reads kind and version into, as its messages show it. */
  private static final String TYPE_META =
      "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string"
          + " \"json:\\\"kind,omitempty\\\"\" }";

  static boolean isYaml(Call call) {
    return mediaType(call).equals("application/yaml");
  }

  static String mediaType(Call call) {
    String header = call.request.header("Content-Type").orElse("");
    int semicolon = header.indexOf(';');
    return (semicolon < 0 ? header : header.substring(0, semicolon))
        .trim()
        .toLowerCase(Locale.ROOT);
  }

  /** The object of a POST or PUT, decoded; its {@code apiVersion} and {@code kind} are right. */
  Map<String, Object> object(Call call, BodyType type) {
    String kind = type.kind();
    String media = mediaType(call);
    if (!media.isEmpty()
        && !media.equals("application/json")
        && !media.equals("application/yaml")) {
      throw ApiFailure.unsupportedMediaType(MEDIA);
    }
    byte[] body = call.request.body();
    Json.Parsed parsed = parse(body, kind, media.equals("application/yaml"));
    Object value = parsed.value() == null ? Json.newObject() : parsed.value();
    Map<String, Object> tree = Json.asObject(value);
    if (tree == null) {
      throw unrecognized(
          kind,
          "couldn't get version/kind; json parse error: json: cannot unmarshal "
              + jsonType(value)
              + " into Go value of type "
              + TYPE_META,
          HexFormat.of().formatHex(body));
    }
    checkKind(type, tree, body);
    return decode(call, new Json.Parsed(tree, parsed.duplicates()), type);
  }

  private static Json.Parsed parse(byte[] body, String kind, boolean yaml) {
    try {
      if (yaml) {
        Yaml.Parsed parsed = Yaml.parseTracking(new String(body, StandardCharsets.UTF_8));
        return new Json.Parsed(parsed.value(), parsed.duplicates());
      }
      return Json.parseTracking(body);
    } catch (JsonParseException e) {
      String shown = body.length == 0 ? "<empty>" : new String(body, StandardCharsets.UTF_8);
      throw unrecognized(
          kind, "couldn't get version/kind; json parse error: " + e.getMessage(), shown);
    } catch (YamlParseException e) {
      throw unrecognized(
          kind,
          "couldn't get version/kind; json parse error: " + e.getMessage(),
          new String(body, StandardCharsets.UTF_8));
    }
  }

  private static ApiFailure unrecognized(String kind, String why, String shown) {
    return ApiFailure.badRequest(
        "the object provided is unrecognized (must be of type "
            + kind
            + "): "
            + why
            + " ("
            + shown
            + ")");
  }

  static String jsonType(@Nullable Object value) {
    if (value instanceof List<?>) {
      return "array";
    }
    if (value instanceof Map<?, ?>) {
      return "object";
    }
    if (value instanceof String) {
      return "string";
    }
    return value instanceof Boolean ? "bool" : "number";
  }

  private static void checkKind(BodyType type, Map<String, Object> tree, byte[] body) {
    String kind = type.kind();
    String apiVersion = type.apiVersion();
    String sentKind = Json.text(tree, "kind");
    String sentVersion = Json.text(tree, "apiVersion");
    if (type.isCustom()) {
      if (sentKind.isEmpty()) {
        String shown = new String(body, StandardCharsets.UTF_8);
        throw unrecognized(kind, "Object 'Kind' is missing in '" + shown + "'", shown);
      }
      if (!sentVersion.isEmpty() && !sentVersion.equals(apiVersion)) {
        throw wrongVersion(sentVersion, apiVersion);
      }
      if (!sentKind.equals(kind)) {
        throw ApiFailure.invalid(
            sentKind,
            type.group(),
            Json.text(tree, "metadata", "name"),
            List.of(Cause.invalid("kind", sentKind, "must be " + kind)));
      }
    } else {
      // Built-in types may leave out what the path already says.
      if (sentKind.isEmpty()) {
        tree.put("kind", kind);
        sentKind = kind;
      }
      if (sentVersion.isEmpty()) {
        tree.put("apiVersion", apiVersion);
        sentVersion = apiVersion;
      }
      if (!sentKind.equals(kind) || !sentVersion.equals(apiVersion)) {
        boolean known = knows(sentVersion, sentKind);
        throw ApiFailure.badRequest(
            sentKind
                + " in version "
                + Quoting.go(shortVersion(sentVersion))
                + " cannot be handled as a "
                + kind
                + ": "
                + (known
                    ? "converting ("
                        + shortVersion(sentVersion)
                        + "."
                        + sentKind
                        + ") to ("
                        + type.internalGroup()
                        + "."
                        + kind
                        + "): unknown conversion"
                    : "no kind "
                        + Quoting.go(sentKind)
                        + " is registered for version "
                        + Quoting.go(sentVersion)
                        + " in scheme \"pkg/runtime/scheme.go:111\""));
      }
    }
  }

  private static String shortVersion(String apiVersion) {
    return apiVersion.substring(apiVersion.indexOf('/') + 1);
  }

  private static boolean knows(String apiVersion, String kind) {
    int slash = apiVersion.indexOf('/');
    return BuiltInSchema.of(
            slash < 0 ? "" : apiVersion.substring(0, slash), shortVersion(apiVersion), kind)
        != null;
  }

  private static ApiFailure wrongVersion(String sent, String expected) {
    return ApiFailure.badRequest(
        "the API version in the data ("
            + sent
            + ") does not match the expected API version ("
            + expected
            + ")");
  }

  /** Reads the tree into its type, and complains or warns about unknown and repeated fields. */
  private static Map<String, Object> decode(Call call, Json.Parsed parsed, BodyType type) {
    String prefix =
        type.kind()
            + " in version "
            + Quoting.go(type.version())
            + " cannot be handled as a "
            + type.kind()
            + ": ";
    try {
      ObjectSchema.Decoded decoded = type.schema().decode(parsed);
      report(call, decoded.problems(), prefix + "strict decoding error: ");
      return decoded.object();
    } catch (DecodeException e) {
      throw ApiFailure.badRequest(prefix + e.getMessage());
    }
  }

  /** Does with complaints of strict decoding what the client asked for. */
  static void report(Call call, List<String> strict, String prefix) {
    if (strict.isEmpty()) {
      return;
    }
    switch (call.fieldValidation()) {
      case STRICT -> throw ApiFailure.badRequest(prefix + String.join(", ", strict));
      case WARN -> strict.forEach(call::warn);
      case IGNORE -> {
        // The client asked not to hear of it.
      }
    }
  }
}

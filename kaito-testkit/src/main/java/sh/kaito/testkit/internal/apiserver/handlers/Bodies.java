package sh.kaito.testkit.internal.apiserver.handlers;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.strategy.TypeRules;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;
import sh.kaito.testkit.internal.json.Yaml;
import sh.kaito.testkit.internal.json.YamlParseException;

/** Reads request bodies, with the complaints of the real decoder. */
final class Bodies {
  private static final String MEDIA =
      "application/json, application/yaml, application/vnd.kubernetes.protobuf";

  /** Go type that the decoder reads kind and version into, as its messages show it. */
  private static final String TYPE_META =
      "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string"
          + " \"json:\\\"kind,omitempty\\\"\" }";

  private final TypeRules rules;

  Bodies(TypeRules rules) {
    this.rules = rules;
  }

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
  Map<String, Object> object(Call call, String kind, String apiVersion) {
    String media = mediaType(call);
    if (!media.isEmpty()
        && !media.equals("application/json")
        && !media.equals("application/yaml")) {
      throw ApiFailure.unsupportedMediaType(MEDIA);
    }
    byte[] body = call.request.body();
    List<String> strict = new ArrayList<>();
    Object parsed = parse(body, kind, media.equals("application/yaml"), strict);
    if (parsed == null) {
      parsed = Json.newObject();
    }
    Map<String, Object> tree = Json.asObject(parsed);
    if (tree == null) {
      throw unrecognized(
          kind,
          "couldn't get version/kind; json parse error: json: cannot unmarshal "
              + jsonType(parsed)
              + " into Go value of type "
              + TYPE_META,
          HexFormat.of().formatHex(body));
    }
    checkKind(call, tree, kind, apiVersion, body);
    return finish(call, tree, strict, kind);
  }

  private @Nullable Object parse(byte[] body, String kind, boolean yaml, List<String> strict) {
    try {
      if (yaml) {
        return Yaml.parse(new String(body, StandardCharsets.UTF_8));
      }
      Json.Parsed parsed = Json.parseTracking(body);
      for (String path : parsed.duplicates()) {
        strict.add("duplicate field " + Quoting.go(path));
      }
      return parsed.value();
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

  private static void checkKind(
      Call call, Map<String, Object> tree, String kind, String apiVersion, byte[] body) {
    String sentKind = Json.text(tree, "kind");
    String sentVersion = Json.text(tree, "apiVersion");
    ResourceType type = call.type;
    if (type.isCustom() && !kind.equals("Scale")) {
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
      if (!sentKind.equals(kind) && sentVersion.equals(apiVersion)) {
        throw ApiFailure.badRequest(wrongKind(type, sentKind, sentVersion, kind));
      }
      if (!sentVersion.equals(apiVersion)) {
        throw wrongVersion(sentVersion, apiVersion);
      }
    }
  }

  private static String wrongKind(ResourceType type, String sent, String version, String kind) {
    String short_ = version.contains("/") ? version.substring(version.indexOf('/') + 1) : version;
    String group = type.group().isEmpty() ? "core" : type.group().split("\\.")[0];
    return sent
        + " in version "
        + Quoting.go(short_)
        + " cannot be handled as a "
        + kind
        + ": "
        + (sent.equals(type.listKind())
            ? "converting ("
                + short_
                + "."
                + sent
                + ") to ("
                + group
                + "."
                + kind
                + "): unknown conversion"
            : "no kind "
                + Quoting.go(sent)
                + " is registered for version "
                + Quoting.go(version)
                + " in scheme \"pkg/runtime/scheme.go:111\"");
  }

  private static ApiFailure wrongVersion(String sent, String expected) {
    return ApiFailure.badRequest(
        "the API version in the data ("
            + sent
            + ") does not match the expected API version ("
            + expected
            + ")");
  }

  /** Prunes, and complains or warns about unknown and repeated fields. */
  Map<String, Object> finish(
      Call call, Map<String, Object> tree, List<String> strict, String kind) {
    Map<String, Object> decoded =
        kind.equals(call.type.kind()) ? rules.decode(call.type, tree, strict) : tree;
    report(
        call,
        strict,
        kind
            + " in version "
            + Quoting.go(call.type.version())
            + " cannot be handled as a "
            + kind
            + ": strict decoding error: ");
    return decoded;
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

package sh.kaito.testkit.internal.transcripts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.patch.JsonPatch;
import sh.kaito.testkit.internal.schema.BuiltInSchema;
import sh.kaito.testkit.internal.schema.CustomSchema;
import sh.kaito.testkit.internal.schema.ObjectSchema;

/**
 * Recorded exchanges with a real kube-apiserver, as material for tests of pure functions: each
 * request, what was stored before it as far as the recording shows, and the answer.
 */
public final class Transcripts {
  /** Stands for the times of the recording, which are no times any more. */
  public static final String TIME = "2000-01-01T00:00:00Z";

  private Transcripts() {}

  /**
   * One request of a scenario.
   *
   * @param name scenario and number, for messages
   * @param body the body as JSON, null when there is none or it is no JSON
   * @param text the body as sent
   * @param live the object at this path before the request; null when the recording shows none
   * @param answer the expected body
   */
  public record Exchange(
      String name,
      String method,
      String path,
      Map<String, String> query,
      String contentType,
      String userAgent,
      @Nullable Object body,
      String text,
      @Nullable Map<String, @Nullable Object> live,
      int status,
      @Nullable Object answer,
      List<String> warnings,
      Map<String, Map<String, @Nullable Object>> definitions,
      boolean selected) {

    /** The path without its subresource. */
    public String objectPath() {
      return subresource().isEmpty()
          ? path
          : path.substring(0, path.length() - subresource().length() - 1);
    }

    public String subresource() {
      return path.endsWith("/status") ? "status" : path.endsWith("/scale") ? "scale" : "";
    }

    public String manager() {
      String manager = query.get("fieldManager");
      int slash = userAgent.indexOf('/');
      return manager != null ? manager : slash < 0 ? userAgent : userAgent.substring(0, slash);
    }

    /** The schema of an object's kind; null when the recording does not tell. */
    public @Nullable ObjectSchema schemaOf(@Nullable Object object) {
      String apiVersion = Json.text(object, "apiVersion");
      String kind = Json.text(object, "kind");
      int slash = apiVersion.indexOf('/');
      String group = slash < 0 ? "" : apiVersion.substring(0, slash);
      String version = apiVersion.substring(slash + 1);
      Map<String, @Nullable Object> definition = definitions.get(group + "/" + kind);
      if (definition == null) {
        return BuiltInSchema.of(group, version, kind);
      }
      List<@Nullable Object> versions = Json.list(definition, "spec", "versions");
      if (versions != null) {
        for (Object candidate : versions) {
          if (version.equals(Json.string(candidate, "name"))) {
            return CustomSchema.of(
                apiVersion, kind, Json.object(candidate, "schema", "openAPIV3Schema"));
          }
        }
      }
      return null;
    }

    @Override
    public String toString() {
      return name + " " + method + " " + path;
    }
  }

  /** All exchanges of the scenarios of some areas, in order. */
  public static List<Exchange> of(String... areas) {
    List<Exchange> result = new ArrayList<>();
    for (String area : areas) {
      for (Path file : files(area)) {
        result.addAll(scenario(file));
      }
    }
    return result;
  }

  private static List<Path> files(String area) {
    try {
      Path folder =
          Path.of(
              Objects.requireNonNull(
                      Transcripts.class.getResource("/apiserver-transcripts/" + area), area)
                  .toURI());
      try (Stream<Path> files = Files.list(folder)) {
        return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Exchange> scenario(Path file) {
    Object scenario;
    try {
      scenario = Json.parse(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Map<String, @Nullable Object>> stored = new HashMap<>();
    Map<String, Map<String, @Nullable Object>> definitions = new HashMap<>();
    List<Exchange> result = new ArrayList<>();
    for (String section : List.of("setup", "steps")) {
      List<@Nullable Object> steps = Json.list(scenario, section);
      for (int i = 0; steps != null && i < steps.size(); i++) {
        Object step = steps.get(i);
        learn(Json.get(step, "body"), definitions);
        change(step, definitions);
        if (Json.string(step, "method") == null) {
          continue;
        }
        Exchange exchange =
            exchange(file.getFileName() + "#" + i, step, stored, definitions, section);
        if (section.equals("steps")) {
          result.add(exchange);
        }
        remember(exchange, stored);
      }
    }
    return result;
  }

  private static void learn(
      @Nullable Object body, Map<String, Map<String, @Nullable Object>> definitions) {
    Map<String, @Nullable Object> definition = Json.asObject(body);
    if (definition != null && "CustomResourceDefinition".equals(definition.get("kind"))) {
      definitions.put(
          Json.text(definition, "spec", "group")
              + "/"
              + Json.text(definition, "spec", "names", "kind"),
          definition);
    }
  }

  /** Scenarios change definitions by JSON patch. */
  private static void change(
      @Nullable Object step, Map<String, Map<String, @Nullable Object>> definitions) {
    String path = Json.text(step, "path");
    if (!Json.text(step, "headers", "Content-Type").equals("application/json-patch+json")
        || !path.contains("/customresourcedefinitions/")) {
      return;
    }
    String name = path.substring(path.lastIndexOf('/') + 1);
    for (Map<String, @Nullable Object> definition : List.copyOf(definitions.values())) {
      if (name.equals(Json.text(definition, "metadata", "name"))) {
        byte[] patch = Json.write(Json.get(step, "body"));
        learn(JsonPatch.apply(definition, patch, true).object(), definitions);
      }
    }
  }

  private static Exchange exchange(
      String name,
      @Nullable Object step,
      Map<String, Map<String, @Nullable Object>> stored,
      Map<String, Map<String, @Nullable Object>> definitions,
      String section) {
    String url = Json.text(step, "path");
    int mark = url.indexOf('?');
    String path = mark < 0 ? url : url.substring(0, mark);
    Map<String, String> query = new LinkedHashMap<>();
    if (mark >= 0) {
      for (String pair : url.substring(mark + 1).split("&", -1)) {
        int equals = pair.indexOf('=');
        query.put(
            equals < 0 ? pair : pair.substring(0, equals),
            equals < 0 ? "" : pair.substring(equals + 1));
      }
    }
    Object body = Json.get(step, "body");
    String text = Json.string(step, "bodyText");
    Exchange exchange =
        new Exchange(
            name,
            Json.text(step, "method"),
            path,
            query,
            Json.text(step, "headers", "Content-Type"),
            Json.get(step, "headers") instanceof Map<?, ?> headers
                    && headers.containsKey("User-Agent")
                ? Json.text(step, "headers", "User-Agent")
                : "trclient/1.0",
            body,
            text != null ? text : body == null ? "" : Json.writeString(body),
            null,
            (int) Json.integer(step, 0, "expect", "status"),
            withTimes(Json.get(step, "expect", "body")),
            strings(Json.list(step, "expect", "headers", "warning")),
            Map.copyOf(definitions),
            Json.get(step, "select") != null || Json.get(step, "ignore") != null);
    Map<String, @Nullable Object> live =
        section.equals("setup") ? null : stored.get(exchange.objectPath());
    return new Exchange(
        exchange.name,
        exchange.method,
        exchange.path,
        exchange.query,
        exchange.contentType,
        exchange.userAgent,
        exchange.body,
        exchange.text,
        live,
        exchange.status,
        exchange.answer,
        exchange.warnings,
        exchange.definitions,
        exchange.selected);
  }

  private static List<String> strings(@Nullable List<@Nullable Object> list) {
    return list == null ? List.of() : list.stream().map(String::valueOf).toList();
  }

  private static void remember(
      Exchange exchange, Map<String, Map<String, @Nullable Object>> stored) {
    Map<String, @Nullable Object> answer = Json.asObject(exchange.answer);
    if (exchange.query.containsKey("dryRun") || exchange.status < 200 || exchange.status > 299) {
      return;
    }
    String name = Json.text(answer, "metadata", "name");
    String path =
        exchange.method.equals("POST") ? exchange.path + "/" + name : exchange.objectPath();
    if (exchange.method.equals("DELETE") || exchange.selected || answer == null) {
      stored.remove(path);
    } else if (!name.isEmpty() && !"Scale".equals(answer.get("kind"))) {
      stored.put(path, answer);
    }
  }

  /** Placeholders of times become a time, so that objects can be read. */
  private static @Nullable Object withTimes(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> result = Json.newObject();
      map.forEach((key, item) -> result.put((String) key, withTimes(item)));
      return result;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> result = new ArrayList<>();
      list.forEach(item -> result.add(withTimes(item)));
      return result;
    }
    if (value instanceof String text) {
      return text.equals("<time>")
          ? TIME
          : text.equals("<microtime>") ? "2000-01-01T00:00:00.000000Z" : text;
    }
    return value;
  }
}

package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;
import sh.kaito.testkit.internal.json.Yaml;
import sh.kaito.testkit.internal.json.YamlParseException;

/**
 * How an object is deleted.
 *
 * @param gracePeriodSeconds null leaves it to the type
 */
public record DeleteOptions(
    @Nullable String uid,
    @Nullable String resourceVersion,
    Propagation propagation,
    @Nullable Long gracePeriodSeconds,
    boolean dryRun) {

  /** What becomes of dependents. */
  public enum Propagation {
    DEFAULT,
    ORPHAN,
    BACKGROUND,
    FOREGROUND
  }

  /** Deletion by one of the server's controllers. */
  public static DeleteOptions background() {
    return new DeleteOptions(null, null, Propagation.BACKGROUND, null, false);
  }

  /** The same for one object only. */
  public DeleteOptions ofUid(String onlyUid) {
    return new DeleteOptions(onlyUid, resourceVersion, propagation, gracePeriodSeconds, dryRun);
  }

  /** Reads options from the body, or from the query where there is no body. */
  static DeleteOptions read(Call call) {
    byte[] body = call.request.body();
    if (body.length == 0) {
      String orphan = call.query("orphanDependents");
      return of(
          null,
          null,
          call.query("propagationPolicy"),
          orphan == null ? null : call.flag("orphanDependents"),
          call.number("gracePeriodSeconds"),
          call.dryRun("DeleteOptions"));
    }
    Map<String, Object> options = parse(call, body);
    List<Object> dryRun = Json.list(options, "dryRun");
    if (dryRun != null) {
      for (Object value : dryRun) {
        if (!"All".equals(value)) {
          throw invalid(
              new Cause(
                  "FieldValueNotSupported",
                  "dryRun",
                  "Unsupported value: "
                      + Json.writeString(dryRun)
                      + ": supported values: \"All\""));
        }
      }
    }
    Object grace = options.get("gracePeriodSeconds");
    return of(
        Json.string(options, "preconditions", "uid"),
        Json.string(options, "preconditions", "resourceVersion"),
        Json.string(options, "propagationPolicy"),
        options.get("orphanDependents") instanceof Boolean orphan ? orphan : null,
        grace instanceof Long seconds ? seconds : null,
        (dryRun != null && !dryRun.isEmpty()) || call.dryRun("DeleteOptions"));
  }

  private static Map<String, Object> parse(Call call, byte[] body) {
    try {
      Object parsed =
          Bodies.isYaml(call)
              ? Yaml.parse(new String(body, java.nio.charset.StandardCharsets.UTF_8))
              : Json.parse(body);
      Map<String, Object> options = Json.asObject(parsed);
      if (options == null && parsed != null) {
        throw ApiFailure.badRequest(
            "couldn't get version/kind; json parse error: json: cannot unmarshal "
                + Bodies.jsonType(parsed)
                + " into Go value of type struct { APIVersion string"
                + " \"json:\\\"apiVersion,omitempty\\\"\"; Kind string"
                + " \"json:\\\"kind,omitempty\\\"\" }");
      }
      return options == null ? Json.newObject() : options;
    } catch (JsonParseException | YamlParseException e) {
      throw ApiFailure.badRequest("couldn't get version/kind; json parse error: " + e.getMessage());
    }
  }

  private static DeleteOptions of(
      @Nullable String uid,
      @Nullable String resourceVersion,
      @Nullable String policy,
      @Nullable Boolean orphan,
      @Nullable Long grace,
      boolean dryRun) {
    if (orphan != null && policy != null) {
      throw invalid(
          Cause.invalid(
              "propagationPolicy",
              policy,
              "orphanDependents and deletionPropagation cannot be both set"));
    }
    Propagation propagation =
        policy == null || policy.isEmpty()
            ? orphan == null
                ? Propagation.DEFAULT
                : orphan ? Propagation.ORPHAN : Propagation.BACKGROUND
            : switch (policy) {
              case "Foreground" -> Propagation.FOREGROUND;
              case "Background" -> Propagation.BACKGROUND;
              case "Orphan" -> Propagation.ORPHAN;
              default ->
                  throw invalid(
                      Cause.unsupported(
                          "propagationPolicy",
                          policy,
                          "Foreground",
                          "Background",
                          "Orphan",
                          "nil"));
            };
    // Negative is read as one second.
    return new DeleteOptions(
        uid, resourceVersion, propagation, grace == null ? null : grace < 0 ? 1L : grace, dryRun);
  }

  private static ApiFailure invalid(Cause cause) {
    return ApiFailure.invalid("DeleteOptions", "meta.k8s.io", "", List.of(cause));
  }
}

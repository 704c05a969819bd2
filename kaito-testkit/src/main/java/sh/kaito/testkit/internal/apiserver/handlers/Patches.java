package sh.kaito.testkit.internal.apiserver.handlers;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.api.Schemas;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.strategy.FieldOwnership;
import sh.kaito.testkit.internal.apiserver.strategy.MetadataRules;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.Yaml;
import sh.kaito.testkit.internal.json.YamlParseException;
import sh.kaito.testkit.internal.patch.JsonPatch;
import sh.kaito.testkit.internal.patch.MergePatch;
import sh.kaito.testkit.internal.patch.Patched;
import sh.kaito.testkit.internal.patch.StrategicMergePatch;
import sh.kaito.testkit.internal.schema.BuiltInSchema;
import sh.kaito.testkit.internal.schema.DecodeException;
import sh.kaito.testkit.internal.schema.ObjectSchema;

/** The four kinds of PATCH. */
final class Patches {
  private static final String JSON_PATCH = "application/json-patch+json";
  private static final String MERGE_PATCH = "application/merge-patch+json";
  private static final String STRATEGIC = "application/strategic-merge-patch+json";
  private static final String APPLY = "application/apply-patch+yaml";

  private final Store store;
  private final Resources resources;
  private final FieldOwnership ownership;
  private final Schemas schemas;
  private final Clock clock;

  Patches(
      Store store, Resources resources, FieldOwnership ownership, Schemas schemas, Clock clock) {
    this.store = store;
    this.resources = resources;
    this.ownership = ownership;
    this.schemas = schemas;
    this.clock = clock;
  }

  /**
   * A patch that has been read as far as that needs no object.
   *
   * @param media its content type without parameters
   * @param applied the configuration, for server-side apply
   */
  record Sent(String media, Map<String, Object> applied) {
    boolean isApply() {
      return media.equals(APPLY);
    }
  }

  /** Reads options and, for server-side apply, the body. */
  Sent read(Call call, BodyType type) {
    String media = Bodies.mediaType(call);
    if (!List.of(JSON_PATCH, MERGE_PATCH, STRATEGIC, APPLY).contains(media)) {
      throw ApiFailure.of(415, "UnsupportedMediaType", "415: Unsupported Media Type")
          .withDetails(Map.of());
    }
    if (media.equals(STRATEGIC) && type.isCustom()) {
      throw ApiFailure.unsupportedMediaType(JSON_PATCH + ", " + MERGE_PATCH + ", " + APPLY);
    }
    call.checkWriteOptions("PatchOptions");
    if (!media.equals(APPLY)) {
      if (call.query("force") != null) {
        throw ApiFailure.invalid(
            "PatchOptions",
            "meta.k8s.io",
            "",
            List.of(Cause.forbidden("force", "may not be specified for non-apply patch")));
      }
      return new Sent(media, Map.of());
    }
    String manager = call.query("fieldManager");
    if (manager == null || manager.isEmpty()) {
      throw ApiFailure.invalid(
          "PatchOptions",
          "meta.k8s.io",
          "",
          List.of(Cause.required("fieldManager", "is required for apply patch")));
    }
    return new Sent(media, parseApplied(call));
  }

  Resources.Written patch(Call call, Writes writes) {
    ResourceType type = call.type;
    BodyType body = BodyType.of(type, schemas);
    boolean dryRun = call.dryRun("PatchOptions");
    Sent sent = read(call, body);
    if (sent.isApply()) {
      return apply(call, writes, sent.applied(), dryRun);
    }
    return resources.update(
        type,
        call.namespace(),
        call.name(),
        false,
        WriteOptions.of(call, dryRun).patching(),
        live -> {
          Map<String, Object> patched = patched(call, body, sent, Objects.requireNonNull(live));
          writes.namespace(call, patched);
          return patched;
        });
  }

  /** The object that a patch leads to, read into its type. */
  Map<String, Object> patched(Call call, BodyType type, Sent sent, Map<String, Object> current) {
    boolean ignore = call.fieldValidation() == Call.FieldValidation.IGNORE;
    byte[] body = call.request.body();
    BuiltInSchema strategic = sent.media().equals(STRATEGIC) ? type.builtInSchema() : null;
    Patched patched =
        sent.media().equals(JSON_PATCH)
            ? JsonPatch.apply(current, body, ignore)
            : strategic != null
                ? StrategicMergePatch.apply(strategic.type(), current, body, ignore)
                : MergePatch.apply(current, body, ignore);
    ObjectSchema.Decoded decoded;
    try {
      decoded =
          strategic != null
              ? strategic.restore(patched.object())
              : type.schema().decode(new Json.Parsed(patched.object(), List.of()));
    } catch (DecodeException e) {
      throw patched.refuse(e.getMessage());
    }
    List<String> problems = new ArrayList<>(patched.problems());
    problems.addAll(decoded.problems());
    if (!problems.isEmpty()) {
      if (call.fieldValidation() == Call.FieldValidation.STRICT) {
        throw patched.refuseStrictly(problems);
      }
      if (!ignore) {
        problems.forEach(call::warn);
      }
    }
    Map<String, Object> result = decoded.object();
    checkIdentity(type, patched, result);
    Writes.checkName(call, result);
    return result;
  }

  /** A patch may not make another kind of the object. */
  private static void checkIdentity(BodyType type, Patched patched, Map<String, Object> result) {
    String kind = Json.text(result, "kind");
    String apiVersion = Json.text(result, "apiVersion");
    if (kind.equals(type.kind()) && apiVersion.equals(type.apiVersion())) {
      return;
    }
    if (type.isCustom()) {
      throw otherCustomKind(type, result, kind, apiVersion);
    }
    throw patched.refuse(
        apiVersion.equals(type.apiVersion())
            ? "converting ("
                + type.version()
                + "."
                + kind
                + ") to ("
                + type.internalGroup()
                + "."
                + type.kind()
                + "): unknown conversion"
            : "no kind "
                + Quoting.go(kind)
                + " is registered for version "
                + Quoting.go(apiVersion)
                + " in scheme \"pkg/runtime/scheme.go:111\"");
  }

  private static ApiFailure otherCustomKind(
      BodyType type, Map<String, Object> result, String kind, String apiVersion) {
    List<Cause> causes = new ArrayList<>();
    if (!kind.equals(type.kind())) {
      causes.add(Cause.invalid("kind", kind, "must be " + type.kind()));
    }
    if (!apiVersion.equals(type.apiVersion())) {
      causes.add(Cause.invalid("apiVersion", apiVersion, "must be " + type.apiVersion()));
    }
    int slash = apiVersion.indexOf('/');
    return ApiFailure.invalid(
        kind,
        slash < 0 ? "" : apiVersion.substring(0, slash),
        Json.text(result, "metadata", "name"),
        causes);
  }

  private Resources.Written apply(
      Call call, Writes writes, Map<String, Object> applied, boolean dryRun) {
    ResourceType type = call.type;
    boolean main = call.subresource().isEmpty();
    if (main && store.get(type.storage(), call.key()) == null) {
      writes.requireNamespace(call, call.name());
    }
    boolean force = call.flag("force");
    return resources.update(
        type,
        call.namespace(),
        call.name(),
        main,
        WriteOptions.of(call, dryRun).applied(),
        live -> applied(call, writes, live, applied, force));
  }

  private Map<String, Object> applied(
      Call call,
      Writes writes,
      @Nullable Map<String, Object> live,
      Map<String, Object> applied,
      boolean force) {
    ResourceType type = call.type;
    if (live == null) {
      call.requireCreate();
    }
    Map<String, Object> merged =
        ownership.apply(
            type,
            call.subresource(),
            live,
            Json.copyObject(applied),
            call.manager(),
            force,
            clock.instant());
    Map<String, Object> result = Json.copyObject(merged);
    Writes.checkName(call, result);
    writes.namespace(call, result);
    if (live == null) {
      Map<String, Object> metadata = MetadataRules.metadata(result);
      String uid = Json.text(metadata, "uid");
      if (!uid.isEmpty()) {
        throw ApiFailure.conflict(
            type,
            call.name(),
            "uid mismatch: the provided object specified uid "
                + uid
                + ", and no existing object was found");
      }
      // A precondition about an object that is not there is about nothing.
      metadata.remove("resourceVersion");
    }
    return result;
  }

  private static Map<String, Object> parseApplied(Call call) {
    try {
      Object parsed = Yaml.parse(new String(call.request.body(), StandardCharsets.UTF_8));
      Map<String, Object> applied = parsed == null ? Json.newObject() : Json.asObject(parsed);
      if (applied == null) {
        throw ApiFailure.badRequest("error decoding YAML: an object is needed");
      }
      return applied;
    } catch (YamlParseException e) {
      throw ApiFailure.badRequest(
          "error decoding YAML: error converting YAML to JSON: " + e.getMessage());
    }
  }
}

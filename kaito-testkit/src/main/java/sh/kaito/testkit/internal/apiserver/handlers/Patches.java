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
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.strategy.FieldOwnership;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.JsonParseException;
import sh.kaito.testkit.internal.json.Yaml;
import sh.kaito.testkit.internal.json.YamlParseException;

/** The four kinds of PATCH. */
final class Patches {
  private static final String JSON_PATCH = "application/json-patch+json";
  private static final String MERGE_PATCH = "application/merge-patch+json";
  private static final String STRATEGIC = "application/strategic-merge-patch+json";
  private static final String APPLY = "application/apply-patch+yaml";
  private static final String APPLY_CBOR = "application/apply-patch+cbor";

  private final Store store;
  private final Resources resources;
  private final Conversions conversions;
  private final FieldOwnership ownership;
  private final Bodies bodies;
  private final Clock clock;

  Patches(
      Store store,
      Resources resources,
      Conversions conversions,
      FieldOwnership ownership,
      Bodies bodies,
      Clock clock) {
    this.store = store;
    this.resources = resources;
    this.conversions = conversions;
    this.ownership = ownership;
    this.bodies = bodies;
    this.clock = clock;
  }

  Resources.Written patch(Call call, Writes writes) {
    ResourceType type = call.type;
    String media = Bodies.mediaType(call);
    if (!List.of(JSON_PATCH, MERGE_PATCH, STRATEGIC, APPLY).contains(media)
        || media.equals(STRATEGIC) && type.isCustom()) {
      throw ApiFailure.unsupportedMediaType(
          JSON_PATCH
              + ", "
              + MERGE_PATCH
              + (type.isCustom() ? "" : ", " + STRATEGIC)
              + ", "
              + APPLY
              + (type.isCustom() ? "" : ", " + APPLY_CBOR).replace(", " + APPLY_CBOR, ""));
    }
    call.checkWriteOptions("PatchOptions");
    boolean dryRun = call.dryRun("PatchOptions");
    if (media.equals(APPLY)) {
      return apply(call, writes, dryRun);
    }
    if (call.query("force") != null) {
      throw ApiFailure.invalid(
          "PatchOptions",
          "meta.k8s.io",
          "",
          List.of(Cause.forbidden("force", "may not be specified for non-apply patch")));
    }
    Object patch = parse(call);
    WriteOptions options = new WriteOptions(call.manager(), call.subresource(), dryRun, false);
    return resources.update(
        type,
        call.namespace(),
        call.name(),
        false,
        options,
        live -> {
          Map<String, Object> current = conversions.fromStorage(type, Objects.requireNonNull(live));
          Object patched;
          if (media.equals(JSON_PATCH)) {
            patched =
                InterimPatch.json(
                    current, Objects.requireNonNullElse(Json.asList(patch), List.of()));
          } else {
            patched = InterimPatch.merge(current, patch);
          }
          Map<String, Object> tree = Json.asObject(patched);
          if (tree == null) {
            throw ApiFailure.badRequest("a patch must leave an object");
          }
          Map<String, Object> result = Json.copyObject(tree);
          // Patches do not have to name the version they are about; those that do are held to it.
          Object was = Json.get(current, "metadata", "resourceVersion");
          Map<String, Object> metadata = Json.object(result, "metadata");
          if (metadata != null && metadata.get("resourceVersion") == null) {
            metadata.put("resourceVersion", was);
          }
          List<String> strict = new ArrayList<>();
          Map<String, Object> decoded = bodies.finish(call, result, strict, type.kind());
          return conversions.toStorage(type, decoded);
        });
  }

  private static @Nullable Object parse(Call call) {
    try {
      return Json.parse(call.request.body());
    } catch (JsonParseException e) {
      throw ApiFailure.badRequest("error decoding patch: " + e.getMessage());
    }
  }

  private Resources.Written apply(Call call, Writes writes, boolean dryRun) {
    ResourceType type = call.type;
    String manager = call.query("fieldManager");
    if (manager == null || manager.isEmpty()) {
      throw ApiFailure.invalid(
          "PatchOptions",
          "meta.k8s.io",
          "",
          List.of(Cause.required("fieldManager", "is required for apply patch")));
    }
    Map<String, Object> applied = parseApplied(call);
    writes.namespace(call, applied);
    Writes.checkName(call, applied);
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
        new WriteOptions(manager, call.subresource(), dryRun, true),
        live ->
            conversions.toStorage(
                type,
                ownership.apply(
                    type,
                    call.subresource(),
                    live == null ? null : conversions.fromStorage(type, live),
                    Json.copyObject(applied),
                    manager,
                    force,
                    clock.instant())));
  }

  private static Map<String, Object> parseApplied(Call call) {
    try {
      Object parsed = Yaml.parse(new String(call.request.body(), StandardCharsets.UTF_8));
      Map<String, Object> applied = Json.asObject(parsed);
      if (applied == null) {
        throw ApiFailure.badRequest("error decoding YAML: an object is needed");
      }
      return applied;
    } catch (YamlParseException e) {
      throw ApiFailure.badRequest("error decoding YAML: " + e.getMessage());
    }
  }
}

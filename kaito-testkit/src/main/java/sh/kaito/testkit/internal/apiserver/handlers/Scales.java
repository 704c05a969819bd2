package sh.kaito.testkit.internal.apiserver.handlers;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.api.CustomVersion;
import sh.kaito.testkit.internal.apiserver.api.Registry;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.strategy.MetadataRules;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.ssa.ScaleOwnership;

/** The scale subresource: an {@code autoscaling/v1} Scale that stands for the replicas. */
final class Scales {
  private static final BodyType SCALE = BodyType.builtIn("autoscaling", "v1", "Scale");

  private final Registry registry;
  private final Resources resources;
  private final Reads reads;
  private final Bodies bodies;
  private final Patches patches;
  private final Clock clock;

  Scales(
      Registry registry,
      Resources resources,
      Reads reads,
      Bodies bodies,
      Patches patches,
      Clock clock) {
    this.registry = registry;
    this.resources = resources;
    this.reads = reads;
    this.bodies = bodies;
    this.patches = patches;
    this.clock = clock;
  }

  /** The Scale of an object. */
  Map<String, Object> get(Call call) {
    Map<String, Object> object =
        resources.conversions.fromStorage(call.type, reads.get(call).json());
    Map<String, Object> spec = scaleSpec(call.type);
    if (spec != null && Json.get(object, replicasPath(call.type).toArray(String[]::new)) == null) {
      throw ApiFailure.internal(
          "the spec replicas field "
              + Quoting.go(Json.text(spec, "specReplicasPath"))
              + " does not exist");
    }
    return scaleOf(call.type, object);
  }

  private static @Nullable Map<String, Object> scaleSpec(ResourceType type) {
    CustomVersion custom = type.custom();
    return custom == null ? null : custom.scale();
  }

  private static List<String> path(@Nullable String jsonPath, String otherwise) {
    String text = jsonPath == null || jsonPath.isEmpty() ? otherwise : jsonPath;
    return List.of(text.substring(1).split("\\.", -1));
  }

  private static List<String> replicasPath(ResourceType type) {
    return path(Json.string(scaleSpec(type), "specReplicasPath"), ".spec.replicas");
  }

  private static Map<String, Object> scaleOf(ResourceType type, Map<String, Object> object) {
    Map<String, Object> metadata = Json.newObject();
    Map<String, Object> own = MetadataRules.metadata(object);
    for (String field :
        List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
      if (own.get(field) != null) {
        metadata.put(field, own.get(field));
      }
    }
    Map<String, Object> spec = Json.newObject();
    long replicas = Json.integer(object, 0, replicasPath(type).toArray(String[]::new));
    if (replicas != 0) {
      spec.put("replicas", replicas);
    }
    List<String> statusPath =
        path(Json.string(scaleSpec(type), "statusReplicasPath"), ".status.replicas");
    Map<String, Object> status =
        Json.objectOf("replicas", Json.integer(object, 0, statusPath.toArray(String[]::new)));
    String selector = selector(type, object);
    if (!selector.isEmpty()) {
      status.put("selector", selector);
    }
    return Json.objectOf(
        "kind", "Scale",
        "apiVersion", "autoscaling/v1",
        "metadata", metadata,
        "spec", spec,
        "status", status);
  }

  private static String selector(ResourceType type, Map<String, Object> object) {
    if (type.isCustom()) {
      String path = Json.string(scaleSpec(type), "labelSelectorPath");
      return path == null || path.isEmpty()
          ? ""
          : Json.text(object, path(path, path).toArray(String[]::new));
    }
    // A ReplicationController's selector is the labels themselves.
    Map<String, Object> labels =
        type.plural().equals("replicationcontrollers")
            ? Json.object(object, "spec", "selector")
            : Json.object(object, "spec", "selector", "matchLabels");
    List<String> terms = new ArrayList<>();
    if (labels != null) {
      new TreeMap<>(labels).forEach((key, value) -> terms.add(key + "=" + value));
    }
    List<Object> expressions = Json.list(object, "spec", "selector", "matchExpressions");
    if (expressions != null && !type.plural().equals("replicationcontrollers")) {
      expressions.forEach(expression -> terms.add(term(expression)));
    }
    terms.sort(null);
    return String.join(",", terms);
  }

  private static String term(@Nullable Object expression) {
    String key = Json.text(expression, "key");
    List<Object> values = Objects.requireNonNullElse(Json.list(expression, "values"), List.of());
    String joined = String.join(",", values.stream().map(String::valueOf).sorted().toList());
    return switch (Json.text(expression, "operator")) {
      case "In" -> key + " in (" + joined + ")";
      case "NotIn" -> key + " notin (" + joined + ")";
      case "DoesNotExist" -> "!" + key;
      default -> key;
    };
  }

  /** Writes a Scale; of the object it stands for only the replicas change. */
  Map<String, Object> write(Call call) {
    boolean patch = call.request.method().equals("PATCH");
    String optionsKind = patch ? "PatchOptions" : "UpdateOptions";
    call.checkWriteOptions(optionsKind);
    Patches.Sent sent = patch ? patches.read(call, SCALE) : null;
    Map<String, Object> put = patch ? null : bodies.object(call, SCALE);
    WriteOptions options = WriteOptions.of(call, call.dryRun(optionsKind)).applied();
    Resources.Written written =
        resources.update(
            call.type,
            call.namespace(),
            call.name(),
            false,
            options,
            live -> scaled(call, Objects.requireNonNull(live), sent, put));
    return scaleOf(
        call.type, resources.conversions.fromStorage(call.type, written.object().json()));
  }

  private Map<String, Object> scaled(
      Call call,
      Map<String, Object> object,
      Patches.@Nullable Sent sent,
      @Nullable Map<String, Object> put) {
    ScaleOwnership ownership =
        ScaleOwnership.of(call.type.apiVersion(), version -> replicasPath(call.type, version));
    Map<String, Object> before = scaleOf(call.type, object);
    List<Object> entries = ownership.toScale(ScaleOwnership.entries(object));
    if (entries != null) {
      MetadataRules.metadata(before).put("managedFields", entries);
    }
    Map<String, Object> scale =
        sent != null && sent.isApply()
            ? ScaleOwnership.apply(
                before, sent.applied(), call.manager(), call.flag("force"), clock.instant())
            : ScaleOwnership.update(
                before,
                sent != null ? patches.patched(call, SCALE, sent, before) : copy(put),
                call.manager(),
                clock.instant());
    Writes.checkName(call, scale);
    check(scale);
    Map<String, Object> metadata = MetadataRules.metadata(object);
    String version = Json.text(scale, "metadata", "resourceVersion");
    if (!version.isEmpty()) {
      metadata.put("resourceVersion", version);
    }
    String uid = Json.text(scale, "metadata", "uid");
    if (!uid.isEmpty()) {
      metadata.put("uid", uid);
    }
    List<Object> after =
        ownership.toParent(ScaleOwnership.entries(object), ScaleOwnership.entries(scale));
    if (after == null) {
      metadata.remove("managedFields");
    } else {
      metadata.put("managedFields", after);
    }
    set(object, replicasPath(call.type), Json.integer(scale, 0, "spec", "replicas"));
    return object;
  }

  private static Map<String, Object> copy(@Nullable Map<String, Object> put) {
    return Json.copyObject(Objects.requireNonNull(put));
  }

  private static void check(Map<String, Object> scale) {
    long replicas = Json.integer(scale, 0, "spec", "replicas");
    if (replicas < 0) {
      throw ApiFailure.invalid(
          "Scale",
          "autoscaling",
          Json.text(scale, "metadata", "name"),
          List.of(Cause.invalid("spec.replicas", replicas, "must be greater than or equal to 0")));
    }
  }

  /** Where objects of another version of the same resource have their replicas. */
  private @Nullable List<String> replicasPath(ResourceType type, String apiVersion) {
    String version = apiVersion.substring(apiVersion.indexOf('/') + 1);
    ResourceType other = registry.find(type.group(), version, type.plural());
    if (other == null || !other.apiVersion().equals(apiVersion)) {
      return null;
    }
    boolean scales = !other.isCustom() || scaleSpec(other) != null;
    return scales ? replicasPath(other) : List.of();
  }

  private static void set(Map<String, Object> object, List<String> path, Object value) {
    Map<String, Object> current = object;
    for (String field : path.subList(0, path.size() - 1)) {
      Map<String, Object> next = Json.object(current, field);
      if (next == null) {
        next = Json.newObject();
        current.put(field, next);
      }
      current = next;
    }
    current.put(path.get(path.size() - 1), value);
  }
}

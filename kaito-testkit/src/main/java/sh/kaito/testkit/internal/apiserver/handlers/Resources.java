package sh.kaito.testkit.internal.apiserver.handlers;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Dates;
import sh.kaito.testkit.internal.apiserver.Ids;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.api.Schemas;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.apiserver.strategy.FieldOwnership;
import sh.kaito.testkit.internal.apiserver.strategy.MetadataRules;
import sh.kaito.testkit.internal.apiserver.strategy.Strategies;
import sh.kaito.testkit.internal.apiserver.strategy.Strategy;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.CustomSchema;
import sh.kaito.testkit.internal.ssa.ManagedFields;

/**
 * Creation and change of objects: metadata, ownership, type rules, store, in the order of
 * kube-apiserver's generic registry. Thread-safe.
 */
public final class Resources {
  /** Works out what shall stand in place of what stands. */
  @FunctionalInterface
  interface Change {
    /**
     * Works it out.
     *
     * @param live a copy that may be changed; null when there is no object
     * @return the whole new object
     */
    Map<String, Object> of(@Nullable Map<String, Object> live);
  }

  /**
   * What a write left behind.
   *
   * @param created whether the object is new
   */
  record Written(StoredObject object, boolean created) {}

  /** Lets other parts react before an object is stored: allocation, admission. */
  public interface Admission {
    /** Called after the strategy; {@code old} is null on creation. May change the object. */
    void admit(
        ResourceType type,
        String subresource,
        Map<String, Object> object,
        @Nullable Map<String, Object> old,
        boolean dryRun);
  }

  final Store store;
  final Strategies strategies;
  final Conversions conversions;
  private final Schemas schemas;
  private final FieldOwnership ownership;
  private final Admission admission;
  private final Clock clock;
  private final Ids ids;

  public Resources(
      Store store,
      Strategies strategies,
      Schemas schemas,
      FieldOwnership ownership,
      Admission admission,
      Clock clock,
      Ids ids) {
    this.store = store;
    this.strategies = strategies;
    this.schemas = schemas;
    this.conversions = new Conversions(schemas);
    this.ownership = ownership;
    this.admission = admission;
    this.clock = clock;
    this.ids = ids;
  }

  String now() {
    return Dates.seconds(clock.instant());
  }

  /** Creates an object of which namespace, kind and version have been checked. */
  StoredObject create(
      ResourceType type,
      @Nullable String namespace,
      Map<String, Object> body,
      WriteOptions options) {
    Strategy strategy = strategies.of(type);
    Map<String, Object> object = ordered(schemas.normalise(type, body), type);
    Map<String, Object> metadata = MetadataRules.metadata(object);
    strategy.applyDefaults(type, object);
    options.guard().check(type, object, null);
    if (!options.managed() && !Json.text(metadata, "resourceVersion").isEmpty()) {
      throw ApiFailure.plain("resourceVersion should not be set on objects to be created");
    }
    for (String field :
        List.of("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion")) {
      metadata.remove(field);
    }
    if (!options.managed()) {
      object =
          ordered(
              ownership.update(
                  type, options.subresource(), null, object, options.manager(), clock.instant()),
              type);
      metadata = MetadataRules.metadata(object);
    }
    metadata.put("uid", ids.uid());
    metadata.put("creationTimestamp", now());
    if (namespace != null) {
      metadata.put("namespace", namespace);
    }
    String prefix = Json.text(metadata, "generateName");
    boolean generated = Json.text(metadata, "name").isEmpty() && !prefix.isEmpty();
    if (generated) {
      metadata.put("name", ids.generateName(prefix));
    }
    if (strategy.hasGeneration(type)) {
      metadata.put("generation", 1L);
    }
    strategy.prepareForCreate(type, object);
    List<Cause> causes = new ArrayList<>();
    MetadataRules.validate(type, strategy, object, causes);
    checkSchema(type, object, null, options, causes);
    strategy.validate(type, object, causes);
    String name = Json.text(metadata, "name");
    if (!causes.isEmpty()) {
      throw ApiFailure.invalid(type, name, causes);
    }
    strategy.warnings(type, object, null).forEach(options.warnings());
    admission.admit(type, options.subresource(), object, null, options.dryRun());
    object = ordered(schemas.normalise(type, object), type);
    String key = type.key(namespace, name);
    StoredObject existing = store.get(type.storage(), key);
    StoredObject created;
    Map<String, Object> stored = conversions.toStorage(type, object);
    if (existing != null) {
      created = null;
    } else if (options.dryRun()) {
      created = StoredObject.unsaved(key, stored);
    } else {
      created = store.create(type.storage(), key, stored);
    }
    if (created == null) {
      StoredObject present = store.get(type.storage(), key);
      throw ApiFailure.alreadyExists(type, name, present != null && present.deleting());
    }
    return created;
  }

  private void checkSchema(
      ResourceType type,
      Map<String, Object> object,
      @Nullable Map<String, Object> old,
      WriteOptions options,
      List<Cause> causes) {
    CustomSchema.Findings findings =
        schemas.validate(type, object, old, options.subresource().equals("status"));
    findings.errors().forEach(error -> causes.add(Cause.of(error)));
    findings.warnings().forEach(options.warnings());
  }

  /** Kind, apiVersion and metadata first, as readers like it. */
  static Map<String, Object> ordered(Map<String, Object> body, ResourceType type) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("kind", type.kind());
    object.put("apiVersion", type.apiVersion());
    Map<String, Object> metadata = Json.object(body, "metadata");
    // A map of its own: what was decoded may be shared with others.
    object.put("metadata", metadata == null ? Json.newObject() : new LinkedHashMap<>(metadata));
    body.forEach(object::putIfAbsent);
    return object;
  }

  /**
   * Changes an object, again and again until no other writer came between, unless the change names
   * a resource version.
   *
   * @param mayCreate whether a missing object is created rather than 404
   */
  Written update(
      ResourceType type,
      @Nullable String namespace,
      String name,
      boolean mayCreate,
      WriteOptions options,
      Change change) {
    String key = type.key(namespace, name);
    while (true) {
      StoredObject live = store.get(type.storage(), key);
      if (live == null) {
        if (!mayCreate) {
          throw ApiFailure.notFound(type, name);
        }
        return new Written(create(type, namespace, change.of(null), options), true);
      }
      // As this version shows it: what only another version knows is not there to be changed.
      Map<String, Object> old = conversions.fromStorage(type, live.json());
      Map<String, Object> object =
          ordered(schemas.normalise(type, change.of(Json.copyObject(old))), type);
      StoredObject written = replace(type, live, old, object, options);
      if (written != null) {
        return new Written(written, false);
      }
    }
  }

  /** Null when another writer came between. */
  private @Nullable StoredObject replace(
      ResourceType type,
      StoredObject live,
      Map<String, Object> old,
      Map<String, Object> sent,
      WriteOptions options) {
    Strategy strategy = strategies.of(type);
    Map<String, Object> object = sent;
    checkVersion(type, strategy, live, object);
    strategy.applyDefaults(type, object);
    options.guard().check(type, object, old);
    if (!options.managed()) {
      object =
          ordered(
              ownership.update(
                  type, options.subresource(), old, object, options.manager(), clock.instant()),
              type);
    }
    keepMetadata(object, live);
    boolean status = options.subresource().equals("status");
    if (status) {
      strategy.prepareForStatusUpdate(type, object, old);
    } else if (options.subresource().isEmpty()) {
      strategy.prepareForUpdate(type, object, old);
    } else {
      strategy.prepareForSubresourceUpdate(type, options.subresource(), object, old);
    }
    Map<String, Object> metadata = MetadataRules.metadata(object);
    if (!status && strategy.bumpsGeneration(type, object, old)) {
      metadata.put("generation", Json.integer(old, 0, "metadata", "generation") + 1);
    }
    List<Cause> causes = new ArrayList<>();
    // The registry checks metadata, then each type does so again, and both tell.
    MetadataRules.validateUpdate(object, old, causes);
    MetadataRules.validateUpdate(object, old, causes);
    MetadataRules.validate(type, strategy, object, causes);
    checkSchema(type, object, old, options, causes);
    if (status) {
      strategy.validateStatusUpdate(type, object, old, causes);
    } else {
      strategy.validateUpdate(type, object, old, causes);
    }
    if (options.patch()) {
      strategy.validatePatch(type, object, causes);
    }
    if (!causes.isEmpty()) {
      throw ApiFailure.invalid(type, live.name(), causes);
    }
    strategy.warnings(type, object, old).forEach(options.warnings());
    admission.admit(type, options.subresource(), object, old, options.dryRun());
    metadata.put("resourceVersion", Long.toString(live.revision()));
    object = ManagedFields.keepTimes(old, ordered(schemas.normalise(type, object), type));
    Map<String, Object> stored = conversions.toStorage(type, object);
    if (Json.deepEquals(stored, live.json())) {
      return live;
    }
    if (options.dryRun()) {
      return StoredObject.unsaved(live.key(), stored);
    }
    if (goesNow(object)) {
      StoredObject deleted = store.delete(type.storage(), live, live.json());
      return deleted == null ? null : StoredObject.unsaved(live.key(), stored);
    }
    return store.replace(type.storage(), live, stored);
  }

  /** The last finalizer of a deleted object is gone and nobody is given time. */
  private static boolean goesNow(Map<String, Object> object) {
    List<Object> finalizers = Json.list(object, "metadata", "finalizers");
    return Json.get(object, "metadata", "deletionTimestamp") != null
        && (finalizers == null || finalizers.isEmpty())
        && Json.integer(object, 0, "metadata", "deletionGracePeriodSeconds") == 0
        && Json.list(object, "spec", "finalizers") == null;
  }

  /** Sets the node of a pod that has none, and its condition {@code PodScheduled}. */
  void bind(ResourceType type, @Nullable String namespace, String name, String node, String uid) {
    while (true) {
      StoredObject live = store.get(type.storage(), type.key(namespace, name));
      if (live == null) {
        throw ApiFailure.notFound(type, name);
      }
      if (!uid.isEmpty() && !uid.equals(live.uid())) {
        throw ApiFailure.conflict(
            type,
            name,
            "Precondition failed: UID in precondition: "
                + uid
                + ", UID in object meta: "
                + live.uid());
      }
      if (live.deleting()) {
        throw ApiFailure.conflict(
            type, name, "pod " + name + " is being deleted, cannot be assigned to a host");
      }
      String present = Json.text(live.json(), "spec", "nodeName");
      if (!present.isEmpty()) {
        throw ApiFailure.conflict(
            type, name, "pod " + name + " is already assigned to node " + Quoting.go(present));
      }
      Map<String, Object> pod = Json.copyObject(live.json());
      Map<String, Object> spec = Json.object(pod, "spec");
      Map<String, Object> status = Json.object(pod, "status");
      if (spec == null || status == null) {
        throw ApiFailure.plain("a stored pod has spec and status");
      }
      spec.put("nodeName", node);
      List<Object> conditions = new ArrayList<>();
      List<Object> before = Json.list(status, "conditions");
      if (before != null) {
        before.stream()
            .filter(condition -> !Json.text(condition, "type").equals("PodScheduled"))
            .forEach(conditions::add);
      }
      conditions.add(
          Json.objectOf(
              "type",
              "PodScheduled",
              "status",
              "True",
              "lastProbeTime",
              null,
              "lastTransitionTime",
              now()));
      status.put("conditions", conditions);
      if (store.replace(type.storage(), live, ordered(schemas.normalise(type, pod), type))
          != null) {
        return;
      }
    }
  }

  /** The content of a namespace is gone: nothing holds it any more. */
  void finishNamespace(ResourceType type, String name) {
    while (true) {
      StoredObject live = store.get(type.storage(), name);
      if (live == null) {
        return;
      }
      Map<String, Object> object = new LinkedHashMap<>(live.json());
      object.put("spec", Json.newObject());
      StoredObject written = store.replace(type.storage(), live, object);
      if (written != null
          && (!written.finalizers().isEmpty()
              || store.delete(type.storage(), written, written.json()) != null)) {
        return;
      }
    }
  }

  private static void checkVersion(
      ResourceType type, Strategy strategy, StoredObject live, Map<String, Object> object) {
    Map<String, Object> metadata = MetadataRules.metadata(object);
    String version = Json.text(metadata, "resourceVersion");
    long expected = version.isEmpty() ? 0 : parseVersion(version);
    if (expected == 0) {
      if (!strategy.allowsUnconditionalUpdate(type)) {
        throw ApiFailure.invalid(
            type.plural(),
            type.group(),
            live.name(),
            List.of(
                Cause.invalid("metadata.resourceVersion", 0L, "must be specified for an update")));
      }
    } else if (expected != live.revision()) {
      throw ApiFailure.modified(type, live.name());
    }
  }

  static long parseVersion(String version) {
    try {
      return Long.parseUnsignedLong(version);
    } catch (NumberFormatException e) {
      throw ApiFailure.plain(
          "strconv.ParseUint: parsing " + Quoting.go(version) + ": invalid syntax");
    }
  }

  /** What clients do not set comes from the object that stands. */
  private static void keepMetadata(Map<String, Object> object, StoredObject live) {
    Map<String, Object> metadata = MetadataRules.metadata(object);
    Map<String, Object> was = live.metadata();
    metadata.remove("selfLink");
    if (was.get("generation") == null) {
      metadata.remove("generation");
    } else {
      metadata.put("generation", was.get("generation"));
    }
    if (was.get("creationTimestamp") != null) {
      metadata.put("creationTimestamp", was.get("creationTimestamp"));
    }
    for (String field : List.of("uid", "deletionTimestamp", "deletionGracePeriodSeconds")) {
      if (metadata.get(field) == null && was.get(field) != null) {
        metadata.put(field, was.get(field));
      }
    }
  }
}

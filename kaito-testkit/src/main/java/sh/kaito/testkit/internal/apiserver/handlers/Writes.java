package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.api.Schemas;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.apiserver.strategy.MetadataRules;
import sh.kaito.testkit.internal.json.Json;

/** create, update, patch, delete and deletecollection of objects and their status. */
final class Writes {
  private final Store store;
  private final Resources resources;
  private final Deletions deletions;
  private final Schemas schemas;
  private final Bodies bodies;
  private final Patches patches;
  private final Reads reads;

  Writes(
      Store store,
      Resources resources,
      Deletions deletions,
      Schemas schemas,
      Bodies bodies,
      Patches patches,
      Reads reads) {
    this.store = store;
    this.resources = resources;
    this.deletions = deletions;
    this.schemas = schemas;
    this.bodies = bodies;
    this.patches = patches;
    this.reads = reads;
  }

  StoredObject create(Call call) {
    ResourceType type = call.type;
    call.checkWriteOptions("CreateOptions");
    boolean dryRun = call.dryRun("CreateOptions");
    Map<String, Object> object = bodies.object(call, BodyType.of(type, schemas));
    namespace(call, object);
    requireNamespace(call, Json.text(object, "metadata", "name"));
    if (type.custom() != null && type.custom().terminating()) {
      throw ApiFailure.forbidden(
          type,
          Json.text(object, "metadata", "name"),
          "create not allowed while custom resource definition is terminating");
    }
    return resources.create(type, call.namespace(), object, WriteOptions.of(call, dryRun));
  }

  Resources.Written update(Call call) {
    ResourceType type = call.type;
    call.checkWriteOptions("UpdateOptions");
    boolean dryRun = call.dryRun("UpdateOptions");
    Map<String, Object> object = bodies.object(call, BodyType.of(type, schemas));
    namespace(call, object);
    checkName(call, object);
    boolean main = call.subresource().isEmpty();
    boolean mayCreate = main && resources.strategies.of(type).createsOnUpdate();
    if (mayCreate && store.get(type.storage(), call.key()) == null) {
      requireNamespace(call, call.name());
    }
    return resources.update(
        type,
        call.namespace(),
        call.name(),
        mayCreate,
        WriteOptions.of(call, dryRun),
        live -> {
          if (live != null) {
            checkUid(call, object, live);
          }
          Map<String, Object> copy = Json.copyObject(object);
          if (live == null) {
            call.requireCreate();
            // A PUT that creates may carry the version of what it thought to replace.
            MetadataRules.metadata(copy).remove("resourceVersion");
          }
          return copy;
        });
  }

  Resources.Written patch(Call call) {
    return patches.patch(call, this);
  }

  /** A PUT whose uid is not that of the object is about another object. */
  private static void checkUid(Call call, Map<String, Object> object, Map<String, Object> live) {
    String sent = Json.text(object, "metadata", "uid");
    String present = Json.text(live, "metadata", "uid");
    if (!sent.isEmpty() && !sent.equals(present)) {
      ResourceType type = call.type;
      throw ApiFailure.conflict(
          type,
          call.name(),
          "StorageError: invalid object, Code: 4, Key: /registry/"
              + registryPath(type)
              + "/"
              + call.key()
              + ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in"
              + " precondition: "
              + sent
              + ", UID in object meta: "
              + present);
    }
  }

  /** Where etcd has a resource; some are called otherwise there. */
  private static String registryPath(ResourceType type) {
    return switch (type.storage()) {
      case "services" -> "services/specs";
      case "endpoints" -> "services/endpoints";
      case "nodes" -> "minions";
      case "replicationcontrollers" -> "controllers";
      case "ingresses.networking.k8s.io" -> "ingress";
      case "customresourcedefinitions.apiextensions.k8s.io", "apiservices.apiregistration.k8s.io" ->
          type.group() + "/" + type.plural();
      default -> (type.isCustom() ? type.group() + "/" : "") + type.plural();
    };
  }

  /** The namespace in the body is that of the path, or absent. */
  void namespace(Call call, Map<String, Object> object) {
    Map<String, Object> metadata = MetadataRules.metadata(object);
    String sent = Json.text(metadata, "namespace");
    String wanted = call.type.namespaced() && call.namespace() != null ? call.namespace() : "";
    if (sent.isEmpty()) {
      if (!wanted.isEmpty()) {
        metadata.put("namespace", wanted);
      }
    } else if (!sent.equals(wanted)) {
      if (wanted.isEmpty()) {
        // A cluster-scoped object has no namespace, whatever it says.
        metadata.remove("namespace");
        return;
      }
      throw ApiFailure.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
  }

  static void checkName(Call call, Map<String, Object> object) {
    Map<String, Object> metadata = MetadataRules.metadata(object);
    String sent = Json.text(metadata, "name");
    if (sent.isEmpty()) {
      throw ApiFailure.badRequest(
          "the name of the object ("
              + call.name()
              + " based on URL) was undeterminable: name must be provided");
    }
    if (!sent.equals(call.name())) {
      throw ApiFailure.badRequest(
          "the name of the object ("
              + sent
              + ") does not match the name on the URL ("
              + call.name()
              + ")");
    }
  }

  /** New objects need a namespace that stays. */
  void requireNamespace(Call call, String name) {
    String namespace = call.namespace();
    if (!call.type.namespaced() || namespace == null) {
      return;
    }
    StoredObject found = store.get("namespaces", namespace);
    if (found == null) {
      throw ApiFailure.of(404, "NotFound", "namespaces \"" + namespace + "\" not found")
          .withDetails(Json.objectOf("name", namespace, "kind", "namespaces"));
    }
    if (found.deleting()) {
      ApiFailure failure =
          ApiFailure.forbidden(
              call.type,
              name,
              "unable to create new content in namespace "
                  + namespace
                  + " because it is being terminated");
      Map<String, Object> details = Json.newObject();
      details.putAll(java.util.Objects.requireNonNull(Json.object(failure.status(), "details")));
      details.put(
          "causes",
          List.of(
              Json.objectOf(
                  "reason",
                  "NamespaceTerminating",
                  "message",
                  "namespace " + namespace + " is being terminated",
                  "field",
                  "metadata.namespace")));
      throw failure.withDetails(details);
    }
  }

  Deletions.Deleted delete(Call call) {
    DeleteOptions options = DeleteOptions.read(call);
    if (call.type.storage().equals("namespaces")) {
      StoredObject live = store.get("namespaces", call.name());
      if (live != null && live.deleting() && Json.list(live.json(), "spec", "finalizers") != null) {
        throw ApiFailure.conflict(
            call.type,
            call.name(),
            "The system is ensuring all content is removed from this namespace.  Upon completion,"
                + " this namespace will automatically be purged by the system.");
      }
    }
    warn(call, options);
    return deletions.delete(call.type, call.namespace(), call.name(), options);
  }

  Reads.Page deleteCollection(Call call) {
    DeleteOptions options = DeleteOptions.read(call);
    warn(call, options);
    Reads.Page page = reads.list(call);
    List<StoredObject> deleted = new ArrayList<>();
    for (StoredObject object : page.objects()) {
      try {
        deletions.delete(
            call.type,
            object.namespace().isEmpty() ? null : object.namespace(),
            object.name(),
            options.ofUid(object.uid()));
      } catch (ApiFailure e) {
        // Somebody else was faster: it is gone, as wanted.
        if (e.code() != 404) {
          throw e;
        }
      }
      deleted.add(object);
    }
    return new Reads.Page(deleted, page.metadata());
  }

  private void warn(Call call, DeleteOptions options) {
    String warning = resources.strategies.of(call.type).deletionWarning();
    if (warning != null && options.propagation() == DeleteOptions.Propagation.DEFAULT) {
      call.warn(warning);
    }
  }

  Resources resources() {
    return resources;
  }

  static ApiFailure patchInvalid(String text, String problem) {
    return ApiFailure.invalid("", "", "", List.of(Cause.invalid("patch", text, problem)));
  }
}

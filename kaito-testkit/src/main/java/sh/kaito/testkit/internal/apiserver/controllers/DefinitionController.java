package sh.kaito.testkit.internal.apiserver.controllers;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Dates;
import sh.kaito.testkit.internal.apiserver.api.CustomVersion;
import sh.kaito.testkit.internal.apiserver.api.Registry;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.handlers.DeleteOptions;
import sh.kaito.testkit.internal.apiserver.handlers.Deletions;
import sh.kaito.testkit.internal.apiserver.handlers.SystemWrites;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoreEvent;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.json.Json;

/** CustomResourceDefinitions: accepts names, serves the resources, empties before deletion. */
public final class DefinitionController implements Controllers.Controller {
  private static final String STORAGE = "customresourcedefinitions.apiextensions.k8s.io";
  private static final String CLEANUP = "customresourcecleanup.apiextensions.k8s.io";
  private static final String MANAGER = "kube-apiserver";

  private final Store store;
  private final Registry registry;
  private final Deletions deletions;
  private final SystemWrites writes;
  private final Clock clock;

  public DefinitionController(
      Store store, Registry registry, Deletions deletions, SystemWrites writes, Clock clock) {
    this.store = store;
    this.registry = registry;
    this.deletions = deletions;
    this.writes = writes;
    this.clock = clock;
  }

  @Override
  public void onChange(String storage, StoreEvent event) {
    if (storage.equals(STORAGE)) {
      StoredObject definition = event.object();
      if (event.type() == StoreEvent.Type.DELETED) {
        registry.remove(definition.name());
        return;
      }
      // Several writes may lie between this event and now: the newest counts.
      StoredObject current = store.get(STORAGE, definition.name());
      if (current != null) {
        reconcile(current);
      }
    } else if (event.type() == StoreEvent.Type.DELETED) {
      finishIfEmpty(storage);
    }
  }

  private @Nullable ResourceType type() {
    return registry.find("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  }

  private void reconcile(StoredObject definition) {
    ResourceType type = type();
    if (type == null) {
      return;
    }
    Map<String, Object> json = definition.json();
    if (definition.deleting()) {
      registry.install(definition.name(), CustomVersion.typesOf(json));
      if (!hasCondition(json, "Terminating")) {
        writes.editStatus(
            type,
            definition.key(),
            MANAGER,
            object ->
                setCondition(
                    object,
                    "Terminating",
                    "InstanceDeletionInProgress",
                    "CustomResource deletion is in progress"));
        return;
      }
      empty(definition);
      return;
    }
    registry.install(definition.name(), CustomVersion.typesOf(json));
    if (hasCondition(json, "Established")
        && Json.deepEquals(
            Json.get(json, "spec", "names"), Json.get(json, "status", "acceptedNames"))
        && storedVersionsComplete(json)) {
      return;
    }
    writes.editStatus(type, definition.key(), MANAGER, this::accept);
  }

  private static boolean storedVersionsComplete(Map<String, Object> json) {
    List<Object> stored = Json.list(json, "status", "storedVersions");
    return stored != null && stored.contains(storageVersion(json));
  }

  private static String storageVersion(Map<String, Object> json) {
    List<Object> versions = Json.list(json, "spec", "versions");
    if (versions != null) {
      for (Object version : versions) {
        if (Json.isTrue(version, "storage")) {
          return Json.text(version, "name");
        }
      }
    }
    return "";
  }

  private void accept(Map<String, Object> object) {
    setCondition(object, "NamesAccepted", "NoConflicts", "no conflicts found");
    setCondition(
        object, "Established", "InitialNamesAccepted", "the initial names have been accepted");
    Map<String, Object> status = status(object);
    status.put("acceptedNames", Json.deepCopy(Json.get(object, "spec", "names")));
    if (!storedVersionsComplete(object)) {
      List<Object> versions = new ArrayList<>();
      List<Object> before = Json.list(status, "storedVersions");
      if (before != null) {
        versions.addAll(before);
      }
      versions.add(storageVersion(object));
      status.put("storedVersions", versions);
    }
  }

  private static boolean hasCondition(Map<String, Object> json, String type) {
    List<Object> conditions = Json.list(json, "status", "conditions");
    return conditions != null
        && conditions.stream().anyMatch(condition -> Json.text(condition, "type").equals(type));
  }

  private static Map<String, Object> status(Map<String, Object> object) {
    Map<String, Object> status = Json.object(object, "status");
    if (status == null) {
      status = Json.newObject();
      object.put("status", status);
    }
    return status;
  }

  private void setCondition(
      Map<String, Object> object, String type, String reason, String message) {
    if (hasCondition(object, type)) {
      return;
    }
    List<Object> conditions = new ArrayList<>();
    List<Object> before = Json.list(object, "status", "conditions");
    if (before != null) {
      conditions.addAll(before);
    }
    conditions.add(
        Json.objectOf(
            "type", type,
            "status", "True",
            "lastTransitionTime", Dates.seconds(clock.instant()),
            "reason", reason,
            "message", message));
    status(object).put("conditions", conditions);
  }

  private void empty(StoredObject definition) {
    ResourceType served = instancesOf(definition);
    if (served != null) {
      for (StoredObject object : store.list(served.storage(), "").objects()) {
        if (object.deleting()) {
          continue;
        }
        try {
          deletions.delete(
              served,
              object.namespace().isEmpty() ? null : object.namespace(),
              object.name(),
              DeleteOptions.background());
        } catch (ApiFailure e) {
          // Gone already, as wanted.
          if (e.code() != 404) {
            throw e;
          }
        }
      }
      finishIfEmpty(served.storage());
    }
  }

  private @Nullable ResourceType instancesOf(StoredObject definition) {
    return CustomVersion.typesOf(definition.json()).stream().findFirst().orElse(null);
  }

  private void finishIfEmpty(String storage) {
    ResourceType served = registry.ofStorage(storage);
    CustomVersion custom = served == null ? null : served.custom();
    if (custom == null || !custom.terminating() || store.count(storage) > 0) {
      return;
    }
    ResourceType type = type();
    if (type == null || store.get(STORAGE, custom.crdName()) == null) {
      return;
    }
    writes.editMetadata(
        type,
        custom.crdName(),
        MANAGER,
        metadata -> {
          List<Object> left = new ArrayList<>();
          List<Object> finalizers = Json.list(metadata, "finalizers");
          if (finalizers != null) {
            left.addAll(finalizers);
          }
          left.remove(CLEANUP);
          if (left.isEmpty()) {
            metadata.remove("finalizers");
          } else {
            metadata.put("finalizers", left);
          }
        });
  }
}

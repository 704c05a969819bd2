package sh.kaito.testkit.internal.apiserver.controllers;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.api.CustomVersion;
import sh.kaito.testkit.internal.apiserver.api.Registry;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.handlers.DeleteOptions;
import sh.kaito.testkit.internal.apiserver.handlers.Deletions;
import sh.kaito.testkit.internal.apiserver.handlers.SystemWrites;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoreEvent;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.apiserver.strategy.DefinitionConditions;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.CustomResourceDefinitions;

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
        // Its names are free now: others of its group may have waited for them.
        ofGroup(definition).forEach(this::reconcile);
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

  /** The other definitions of the same API group. */
  private List<StoredObject> ofGroup(StoredObject definition) {
    String group = Json.text(definition.json(), "spec", "group");
    return store.list(STORAGE, "").objects().stream()
        .filter(other -> !other.name().equals(definition.name()))
        .filter(other -> Json.text(other.json(), "spec", "group").equals(group))
        .toList();
  }

  private void reconcile(StoredObject definition) {
    ResourceType type = type();
    if (type == null) {
      return;
    }
    DefinitionNames.Accepted names =
        DefinitionNames.accept(
            definition.json(), ofGroup(definition).stream().map(StoredObject::json).toList());
    Map<String, Object> next = Json.copyObject(definition.json());
    accept(next, names);
    if (DefinitionConditions.isTrue(next, DefinitionConditions.ESTABLISHED)) {
      // Served first: who reads that it is established can rely on that.
      registry.install(definition.name(), CustomVersion.typesOf(next));
    }
    writes.editStatus(type, definition.key(), MANAGER, object -> accept(object, names));
    StoredObject current = store.get(STORAGE, definition.name());
    if (current != null && current.deleting()) {
      finalizeDefinition(type, current);
    }
  }

  /** What became of the names; the first time that all are accepted, it is established. */
  private void accept(Map<String, Object> object, DefinitionNames.Accepted names) {
    Map<String, Object> status = Json.object(object, "status");
    if (status == null) {
      status = Json.newObject();
      object.put("status", status);
    }
    status.put("acceptedNames", names.names());
    set(object, DefinitionConditions.NAMES_ACCEPTED, names.all(), names.reason(), names.message());
    boolean established = DefinitionConditions.isTrue(object, DefinitionConditions.ESTABLISHED);
    if (!established && names.all()) {
      set(
          object,
          DefinitionConditions.ESTABLISHED,
          true,
          "InitialNamesAccepted",
          "the initial names have been accepted");
    } else if (!established) {
      set(
          object,
          DefinitionConditions.ESTABLISHED,
          false,
          "NotAccepted",
          "not all names are accepted");
    }
    approval(object);
  }

  private void set(
      Map<String, Object> object, String condition, boolean holds, String reason, String message) {
    DefinitionConditions.set(object, condition, holds, reason, message, clock.instant());
  }

  /** Groups of the Kubernetes community say whether they have its approval. */
  private void approval(Map<String, Object> object) {
    CustomResourceDefinitions.Approval approval = CustomResourceDefinitions.approval(object);
    if (approval != null) {
      set(
          object,
          DefinitionConditions.APPROVED,
          approval.approved(),
          approval.reason(),
          approval.message());
    }
  }

  private void write(
      ResourceType type,
      StoredObject definition,
      String condition,
      boolean holds,
      String reason,
      String message) {
    writes.editStatus(
        type, definition.key(), MANAGER, object -> set(object, condition, holds, reason, message));
  }

  private void finalizeDefinition(ResourceType type, StoredObject definition) {
    Map<String, Object> condition =
        DefinitionConditions.find(definition.json(), DefinitionConditions.TERMINATING);
    if (!definition.finalizers().contains(CLEANUP)) {
      return;
    }
    if (!DefinitionConditions.isTrue(definition.json(), DefinitionConditions.ESTABLISHED)) {
      write(
          type,
          definition,
          DefinitionConditions.TERMINATING,
          false,
          "NeverEstablished",
          "resource was never established");
      removeFinalizer(type, definition.name());
      return;
    }
    if (!Json.text(condition, "reason").equals("InstanceDeletionInProgress")) {
      write(
          type,
          definition,
          DefinitionConditions.TERMINATING,
          true,
          "InstanceDeletionInProgress",
          "CustomResource deletion is in progress");
    }
    empty(definition);
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
    removeFinalizer(type, custom.crdName());
  }

  private void removeFinalizer(ResourceType type, String name) {
    writes.editMetadata(
        type,
        name,
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

package sh.kaito.testkit.internal.apiserver.controllers;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.api.Registry;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.handlers.DeleteOptions;
import sh.kaito.testkit.internal.apiserver.handlers.Deletions;
import sh.kaito.testkit.internal.apiserver.handlers.SystemWrites;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoreEvent;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.json.Json;

/** Namespaces: the default service account of a new one, and the content of one that is deleted. */
public final class NamespaceController implements Controllers.Controller {
  private static final String MANAGER = "kube-controller-manager";

  private final Store store;
  private final Registry registry;
  private final Deletions deletions;
  private final SystemWrites writes;

  public NamespaceController(
      Store store, Registry registry, Deletions deletions, SystemWrites writes) {
    this.store = store;
    this.registry = registry;
    this.deletions = deletions;
    this.writes = writes;
  }

  @Override
  public void onChange(String storage, StoreEvent event) {
    StoredObject object = event.object();
    if (storage.equals("namespaces")) {
      if (event.type() != StoreEvent.Type.DELETED) {
        if (object.deleting()) {
          empty(object.name());
        } else if (event.type() == StoreEvent.Type.ADDED) {
          serviceAccount(object.name());
        }
      }
      return;
    }
    if (event.type() != StoreEvent.Type.DELETED || object.namespace().isEmpty()) {
      return;
    }
    StoredObject namespace = store.get("namespaces", object.namespace());
    if (namespace == null) {
      return;
    }
    if (namespace.deleting()) {
      finishIfEmpty(namespace.name());
    } else if (storage.equals("serviceaccounts") && object.name().equals("default")) {
      serviceAccount(namespace.name());
    }
  }

  private @Nullable ResourceType type(String plural) {
    return registry.find("", "v1", plural);
  }

  private void serviceAccount(String namespace) {
    ResourceType type = type("serviceaccounts");
    if (type == null) {
      return;
    }
    try {
      writes.create(
          type,
          namespace,
          Json.objectOf("metadata", Json.objectOf("name", "default", "namespace", namespace)),
          MANAGER);
    } catch (ApiFailure e) {
      // Somebody was faster.
      if (e.code() != 409) {
        throw e;
      }
    }
  }

  private void empty(String namespace) {
    for (String storage : store.resources()) {
      ResourceType type = registry.ofStorage(storage);
      if (type == null || !type.namespaced()) {
        continue;
      }
      for (StoredObject object : store.list(storage, namespace + "/").objects()) {
        if (object.deleting()) {
          continue;
        }
        try {
          deletions.delete(type, namespace, object.name(), DeleteOptions.background());
        } catch (ApiFailure e) {
          // Gone already, as wanted.
          if (e.code() != 404) {
            throw e;
          }
        }
      }
    }
    finishIfEmpty(namespace);
  }

  private void finishIfEmpty(String namespace) {
    for (String storage : store.resources()) {
      ResourceType type = registry.ofStorage(storage);
      if (type != null
          && type.namespaced()
          && !store.list(storage, namespace + "/").objects().isEmpty()) {
        return;
      }
    }
    ResourceType type = type("namespaces");
    StoredObject object = store.get("namespaces", namespace);
    if (type != null && object != null && finalizers(object.json()).contains("kubernetes")) {
      writes.finishNamespace(type, namespace);
    }
  }

  private static List<Object> finalizers(Map<String, Object> namespace) {
    List<Object> list = Json.list(namespace, "spec", "finalizers");
    return list == null ? List.of() : list;
  }
}

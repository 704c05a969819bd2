package sh.kaito.testkit.internal.apiserver.controllers;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

/**
 * Owner references: dependents go when their last owner is gone, before their owner in a foreground
 * deletion, and lose the reference when the owner orphans them.
 */
public final class GarbageCollector implements Controllers.Controller {
  private static final String ORPHAN = "orphan";
  private static final String FOREGROUND = "foregroundDeletion";

  private record Ref(String storage, String key) {}

  private final Store store;
  private final Registry registry;
  private final Deletions deletions;
  private final SystemWrites writes;
  private final Map<String, Set<Ref>> dependents = new HashMap<>();
  private final Map<String, Ref> byUid = new HashMap<>();

  public GarbageCollector(
      Store store, Registry registry, Deletions deletions, SystemWrites writes) {
    this.store = store;
    this.registry = registry;
    this.deletions = deletions;
    this.writes = writes;
  }

  @Override
  public void onChange(String storage, StoreEvent event) {
    // Events go by their time, not by who owns them, and there are many.
    Ref ref = new Ref(storage, event.object().key());
    if (event.previous() != null) {
      owners(event.previous()).forEach(uid -> forget(uid, ref));
    }
    if (event.type() == StoreEvent.Type.DELETED) {
      byUid.remove(event.object().uid());
      onDeleted(event.object());
      return;
    }
    StoredObject object = event.object();
    byUid.put(object.uid(), ref);
    List<String> owners = owners(object);
    owners.forEach(uid -> dependents.computeIfAbsent(uid, u -> new LinkedHashSet<>()).add(ref));
    if (!owners.isEmpty()) {
      collectIfOwnerless(ref);
    }
    if (object.deleting()) {
      onDeleting(ref, object);
    }
  }

  private void forget(String uid, Ref ref) {
    Set<Ref> refs = dependents.get(uid);
    if (refs != null) {
      refs.remove(ref);
      if (refs.isEmpty()) {
        dependents.remove(uid);
      }
    }
  }

  private static List<Object> references(StoredObject object) {
    List<Object> list = Json.list(object.json(), "metadata", "ownerReferences");
    return list == null ? List.of() : list;
  }

  private static List<String> owners(StoredObject object) {
    return references(object).stream().map(owner -> Json.text(owner, "uid")).toList();
  }

  private void onDeleted(StoredObject owner) {
    for (Ref ref : List.copyOf(dependents.getOrDefault(owner.uid(), Set.of()))) {
      collectIfOwnerless(ref);
    }
    // The last blocking dependent of a foreground deletion may be what has just gone.
    for (String uid : owners(owner)) {
      Ref ref = byUid.get(uid);
      StoredObject waiting = ref == null ? null : store.get(ref.storage(), ref.key());
      if (ref != null && waiting != null && waiting.deleting()) {
        onDeleting(ref, waiting);
      }
    }
  }

  private void onDeleting(Ref ref, StoredObject object) {
    List<String> finalizers = object.finalizers();
    if (finalizers.contains(ORPHAN)) {
      for (Ref dependent : List.copyOf(dependents.getOrDefault(object.uid(), Set.of()))) {
        release(dependent, object.uid());
      }
      removeFinalizer(ref, object.uid(), ORPHAN);
    } else if (finalizers.contains(FOREGROUND)) {
      boolean blocked = false;
      for (Ref dependent : List.copyOf(dependents.getOrDefault(object.uid(), Set.of()))) {
        StoredObject present = store.get(dependent.storage(), dependent.key());
        if (present == null || !owners(present).contains(object.uid())) {
          continue;
        }
        blocked |= blocks(present, object.uid());
        if (!present.deleting()) {
          collectIfOwnerless(dependent);
        }
      }
      if (!blocked) {
        removeFinalizer(ref, object.uid(), FOREGROUND);
      }
    }
  }

  private static boolean blocks(StoredObject dependent, String owner) {
    return references(dependent).stream()
        .anyMatch(
            reference ->
                Json.text(reference, "uid").equals(owner)
                    && Json.isTrue(reference, "blockOwnerDeletion"));
  }

  /** Deletes an object none of whose owners stays; keeps it, without dead references, otherwise. */
  private void collectIfOwnerless(Ref ref) {
    StoredObject object = store.get(ref.storage(), ref.key());
    if (object == null || object.deleting()) {
      return;
    }
    List<String> gone = new ArrayList<>();
    boolean foreground = false;
    boolean kept = false;
    for (Object reference : references(object)) {
      String uid = Json.text(reference, "uid");
      StoredObject owner = owner(object, reference, uid);
      if (owner == null) {
        gone.add(uid);
      } else if (owner.deleting() && owner.finalizers().contains(FOREGROUND)) {
        foreground = true;
      } else {
        kept = true;
      }
    }
    if (kept) {
      if (!gone.isEmpty()) {
        gone.forEach(uid -> release(ref, uid));
      }
      return;
    }
    if (gone.isEmpty() && !foreground) {
      return;
    }
    boolean hasDependents = dependents.containsKey(object.uid());
    DeleteOptions.Propagation propagation =
        object.finalizers().contains(ORPHAN)
            ? DeleteOptions.Propagation.ORPHAN
            : (foreground && hasDependents) || object.finalizers().contains(FOREGROUND)
                ? DeleteOptions.Propagation.FOREGROUND
                : DeleteOptions.Propagation.BACKGROUND;
    delete(ref, object, propagation);
  }

  private @Nullable StoredObject owner(StoredObject object, Object reference, String uid) {
    Ref ref = byUid.get(uid);
    if (ref != null) {
      StoredObject found = store.get(ref.storage(), ref.key());
      if (found != null && found.uid().equals(uid)) {
        // An owner of another namespace is no owner.
        boolean reachable =
            found.namespace().isEmpty() || found.namespace().equals(object.namespace());
        return reachable ? found : null;
      }
      return null;
    }
    ResourceType type =
        registry.ofKind(Json.text(reference, "apiVersion"), Json.text(reference, "kind"));
    if (type == null) {
      // An owner of an unknown kind may exist elsewhere: such dependents are left alone.
      return object;
    }
    StoredObject found =
        store.get(type.storage(), type.key(object.namespace(), Json.text(reference, "name")));
    return found != null && found.uid().equals(uid) ? found : null;
  }

  private void delete(Ref ref, StoredObject object, DeleteOptions.Propagation propagation) {
    ResourceType type = registry.ofStorage(ref.storage());
    if (type == null) {
      return;
    }
    try {
      deletions.delete(
          type,
          object.namespace().isEmpty() ? null : object.namespace(),
          object.name(),
          new DeleteOptions(object.uid(), null, propagation, null, false));
    } catch (ApiFailure e) {
      ignoreGone(e);
    }
  }

  private static void ignoreGone(ApiFailure e) {
    // Gone, or another object of that name by now: nothing is left to collect.
    if (e.code() != 404 && e.code() != 409) {
      throw e;
    }
  }

  private void release(Ref ref, String owner) {
    edit(
        ref,
        metadata -> {
          List<Object> left =
              Objects.requireNonNullElse(Json.list(metadata, "ownerReferences"), List.of()).stream()
                  .filter(reference -> !Json.text(reference, "uid").equals(owner))
                  .toList();
          if (left.isEmpty()) {
            metadata.remove("ownerReferences");
          } else {
            metadata.put("ownerReferences", left);
          }
        });
  }

  private void removeFinalizer(Ref ref, String uid, String finalizer) {
    StoredObject object = store.get(ref.storage(), ref.key());
    if (object == null || !object.uid().equals(uid)) {
      return;
    }
    edit(
        ref,
        metadata -> {
          List<Object> left =
              new ArrayList<>(
                  Objects.requireNonNullElse(Json.list(metadata, "finalizers"), List.of()));
          left.remove(finalizer);
          if (left.isEmpty()) {
            metadata.remove("finalizers");
          } else {
            metadata.put("finalizers", left);
          }
        });
  }

  private void edit(Ref ref, java.util.function.Consumer<Map<String, Object>> change) {
    ResourceType type = registry.ofStorage(ref.storage());
    if (type == null) {
      return;
    }
    try {
      writes.editMetadata(type, ref.key(), "kube-controller-manager", change);
    } catch (ApiFailure e) {
      ignoreGone(e);
    }
  }
}

package sh.kaito.testkit.internal.apiserver.handlers;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Dates;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.apiserver.strategy.Strategy;
import sh.kaito.testkit.internal.json.Json;

/**
 * Deletion: preconditions, grace, finalizers, propagation. Objects that must wait only get their
 * deletion timestamp here; who confirms (kubelet, controllers) does so by further writes.
 */
public final class Deletions {
  private static final String ORPHAN = "orphan";
  private static final String FOREGROUND = "foregroundDeletion";

  /**
   * What a deletion left behind.
   *
   * @param object the deleted object, or the object as it waits
   * @param gone whether it is no longer stored
   */
  public record Deleted(StoredObject object, boolean gone) {}

  private final Store store;
  private final Resources resources;
  private final Clock clock;

  public Deletions(Resources resources, Clock clock) {
    this.resources = resources;
    this.store = resources.store;
    this.clock = clock;
  }

  /**
   * Deletes an object or starts its deletion.
   *
   * @throws ApiFailure 404, or 409 when a precondition does not hold
   */
  public Deleted delete(
      ResourceType type, @Nullable String namespace, String name, DeleteOptions options) {
    String key = type.key(namespace, name);
    while (true) {
      StoredObject live = store.get(type.storage(), key);
      if (live == null) {
        throw ApiFailure.notFound(type, name);
      }
      checkPreconditions(type, live, options);
      Deleted deleted = attempt(type, live, options);
      if (deleted != null) {
        return deleted;
      }
    }
  }

  private static void checkPreconditions(
      ResourceType type, StoredObject live, DeleteOptions options) {
    String uid = options.uid();
    if (uid != null && !uid.equals(live.uid())) {
      throw ApiFailure.conflict(
          type,
          live.name(),
          "Precondition failed: UID in precondition: "
              + uid
              + ", UID in object meta: "
              + live.uid());
    }
    String version = options.resourceVersion();
    if (version != null && !version.equals(Long.toString(live.revision()))) {
      throw ApiFailure.conflict(
          type,
          live.name(),
          "Precondition failed: ResourceVersion in precondition: "
              + version
              + ", ResourceVersion in object meta: "
              + live.revision());
    }
  }

  /** Null when another writer came between. */
  private @Nullable Deleted attempt(ResourceType type, StoredObject live, DeleteOptions options) {
    Strategy strategy = resources.strategies.of(type);
    Map<String, Object> object = mutable(live);
    Map<String, Object> metadata = Objects.requireNonNull(Json.object(object, "metadata"));
    boolean graceful = false;
    boolean pending = false;
    long grace = 0;
    Long asked = options.gracePeriodSeconds();
    Long period = strategy.gracePeriod(object, asked);
    Instant now = clock.instant();
    if (period != null) {
      if (live.deleting()) {
        long current = Json.integer(metadata, 0, "deletionGracePeriodSeconds");
        if (asked != null && Math.max(period, 0) < current) {
          grace = period;
          metadata.put(
              "deletionTimestamp",
              Dates.seconds(
                  Instant.parse(Json.text(metadata, "deletionTimestamp"))
                      .plusSeconds(grace - current)));
          metadata.put("deletionGracePeriodSeconds", grace);
          graceful = true;
        } else {
          pending = true;
        }
      } else {
        grace = period;
        metadata.put("deletionTimestamp", Dates.seconds(now.plusSeconds(grace)));
        metadata.put("deletionGracePeriodSeconds", grace);
        bumpGeneration(metadata);
        graceful = true;
      }
    }
    if (pending) {
      return new Deleted(live, false);
    }
    List<Object> finalizers = finalizers(metadata, options, strategy);
    boolean changed = !finalizers.equals(live.finalizers());
    if (finalizers.isEmpty()) {
      metadata.remove("finalizers");
    } else {
      metadata.put("finalizers", finalizers);
    }
    boolean held = !finalizers.isEmpty() || strategy.holdsDeletion(object);
    boolean own = !live.deleting() && strategy.startDeletion(object, now);
    if (own) {
      metadata = Objects.requireNonNull(Json.object(object, "metadata"));
      held = true;
      changed = true;
    } else if (held && !live.deleting() && !graceful) {
      metadata.put("deletionTimestamp", Dates.seconds(now));
      metadata.put("deletionGracePeriodSeconds", 0L);
      bumpGeneration(metadata);
    }
    if (options.dryRun()) {
      return new Deleted(
          StoredObject.unsaved(live.key(), object), !held && !(graceful && grace > 0));
    }
    StoredObject standing = live;
    if (graceful || held || changed) {
      if (held && live.deleting() && !graceful && !changed) {
        return new Deleted(live, false);
      }
      standing = store.replace(type.storage(), live, object);
      if (standing == null) {
        return null;
      }
      if (held || (graceful && grace > 0)) {
        return new Deleted(standing, false);
      }
    }
    StoredObject removed = store.delete(type.storage(), standing, standing.json());
    return removed == null ? null : new Deleted(removed, true);
  }

  private static Map<String, Object> mutable(StoredObject live) {
    Map<String, Object> object = new LinkedHashMap<>(live.json());
    object.put("metadata", new LinkedHashMap<>(live.metadata()));
    return object;
  }

  private static void bumpGeneration(Map<String, Object> metadata) {
    long generation = Json.integer(metadata, 0, "generation");
    if (generation > 0) {
      metadata.put("generation", generation + 1);
    }
  }

  /** The policy decides which of the two finalizers of the garbage collector stand. */
  private static List<Object> finalizers(
      Map<String, Object> metadata, DeleteOptions options, Strategy strategy) {
    List<Object> present = Objects.requireNonNullElse(Json.list(metadata, "finalizers"), List.of());
    List<Object> result = new ArrayList<>(present);
    boolean orphan = present.contains(ORPHAN);
    boolean foreground = present.contains(FOREGROUND);
    switch (options.propagation()) {
      case ORPHAN -> {
        orphan = true;
        foreground = false;
      }
      case FOREGROUND -> {
        orphan = false;
        foreground = true;
      }
      case BACKGROUND -> {
        orphan = false;
        foreground = false;
      }
      case DEFAULT -> {
        // What an earlier request decided stays.
        orphan = orphan || (!foreground && strategy.orphansByDefault());
      }
    }
    result.removeIf(f -> f.equals(ORPHAN) || f.equals(FOREGROUND));
    if ((orphan && present.contains(ORPHAN)) || (foreground && present.contains(FOREGROUND))) {
      return present;
    }
    if (orphan) {
      result.add(ORPHAN);
    }
    if (foreground) {
      result.add(FOREGROUND);
    }
    return result;
  }
}

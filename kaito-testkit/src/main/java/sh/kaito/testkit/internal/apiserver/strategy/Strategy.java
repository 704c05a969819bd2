package sh.kaito.testkit.internal.apiserver.strategy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/**
 * How objects of one type are made and changed. Objects are given as trees of the caller's and are
 * changed in place. Stateless, so one instance serves all threads.
 */
public class Strategy {

  /** Sets what clients do not decide; {@code metadata} has been checked before. */
  public void prepareForCreate(ResourceType type, Map<String, Object> object) {
    if (type.subresources().containsKey("status")) {
      object.remove("status");
    }
  }

  /** Keeps what a write to the object itself may not change. */
  public void prepareForUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    if (type.subresources().containsKey("status")) {
      keep(object, old, "status");
    }
  }

  /** Keeps what a write to {@code /status} may not change; metadata may change there too. */
  public void prepareForStatusUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    keep(object, old, "spec");
  }

  /** Keeps what a write to another subresource may not change. */
  public void prepareForSubresourceUpdate(
      ResourceType type, String subresource, Map<String, Object> object, Map<String, Object> old) {
    prepareForUpdate(type, object, old);
  }

  /** Paths of fields that a write discards and whose writer does not come to own them. */
  public String[] resetFields(ResourceType type, String subresource) {
    if (subresource.equals("status")) {
      return new String[] {"spec"};
    }
    return type.subresources().containsKey("status") ? new String[] {"status"} : new String[0];
  }

  /** Defaults that stand in no schema. */
  public void applyDefaults(ResourceType type, Map<String, Object> object) {
    // Most types have none.
  }

  /** Complaints about a name. */
  public List<String> nameProblem(ResourceType type, String name) {
    return Names.subdomain(name);
  }

  /** Complaints about a new object. */
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    // Types without rules of their own accept what their schema accepts.
  }

  /** Complaints about a changed object. */
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    validate(type, object, causes);
  }

  /** Complaints about a changed status; metadata has been checked. */
  public void validateStatusUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    // What a status says is for controllers to know.
  }

  /** Complaints about a patch that an update of the same content would not get. */
  public void validatePatch(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    // Usually the way does not matter.
  }

  /** Whether new objects start at generation 1. */
  public boolean hasGeneration(ResourceType type) {
    return type.isCustom();
  }

  /** Whether a change is one of the desired state. */
  public boolean bumpsGeneration(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    return hasGeneration(type) && !Objects.equals(object.get("spec"), old.get("spec"));
  }

  /** Whether a PUT may leave the resource version out. */
  public boolean allowsUnconditionalUpdate(ResourceType type) {
    return !type.isCustom();
  }

  /** Whether a PUT creates what is missing. */
  public boolean createsOnUpdate() {
    return false;
  }

  /** Whether the answer to a deletion is the object rather than a Status. */
  public boolean returnsDeletedObject() {
    return false;
  }

  /** Whether dependents of a deleted object stay when the client does not say. */
  public boolean orphansByDefault() {
    return false;
  }

  /** What a deletion that leaves dependents to this type is warned of; null for nothing. */
  public @Nullable String deletionWarning() {
    return null;
  }

  /**
   * What the client is to be warned of, for a write that is accepted.
   *
   * @param old null on create
   */
  public List<String> warnings(
      ResourceType type, Map<String, Object> object, @Nullable Map<String, Object> old) {
    return List.of();
  }

  /**
   * Seconds that a deletion waits for somebody to confirm it; null when objects of this type go at
   * once.
   *
   * @param requested what the client asked for
   */
  public @Nullable Long gracePeriod(Map<String, Object> object, @Nullable Long requested) {
    return null;
  }

  /**
   * Starts the deletion of a type that has its own way to go, in place.
   *
   * @param object the object, which is not being deleted yet
   * @return whether it did; false leaves it to the usual rules
   */
  public boolean startDeletion(Map<String, Object> object, Instant now) {
    return false;
  }

  /** Whether something besides finalizers of the metadata holds an object that is deleted. */
  public boolean holdsDeletion(Map<String, Object> object) {
    return false;
  }

  /** Takes one field of the old object, or removes it where that had none. */
  protected static void keep(Map<String, Object> object, Map<String, Object> old, String field) {
    Object value = old.get(field);
    if (value == null) {
      object.remove(field);
    } else {
      object.put(field, Json.deepCopy(value));
    }
  }
}

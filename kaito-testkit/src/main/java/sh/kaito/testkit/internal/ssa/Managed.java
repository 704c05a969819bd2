package sh.kaito.testkit.internal.ssa;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.Json;

/** The content of {@code metadata.managedFields}. Changed in place while one request is worked. */
final class Managed {
  /** What a manager owns, in the terms of one API version. */
  record Owned(FieldSet set, String apiVersion, boolean applied) {
    Owned with(FieldSet newSet) {
      return new Owned(newSet, apiVersion, applied);
    }
  }

  /** managedFields that cannot be read. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message, null, false, false);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }

  /** From this many managers on, the oldest updaters share one entry. */
  private static final int MAX_UPDATERS = 10;

  private final TreeMap<Manager, Owned> owners = new TreeMap<>();
  private final Map<Manager, String> times = new LinkedHashMap<>();

  Map<Manager, Owned> owners() {
    return owners;
  }

  /** When a manager's entry was last written; null when it does not say. */
  @Nullable String time(Manager manager) {
    return times.get(manager);
  }

  /** Adds an entry with its time. */
  void put(
      Manager manager, FieldSet set, String apiVersion, boolean applied, @Nullable String time) {
    owners.put(manager, new Owned(set, apiVersion, applied));
    if (time != null) {
      times.put(manager, time);
    }
  }

  /** When a manager's entry was last written; only ever set, never cleared. */
  void touch(Manager manager, Instant now) {
    times.put(manager, Instant.ofEpochSecond(now.getEpochSecond()).toString());
  }

  static Managed decode(@Nullable List<@Nullable Object> entries) throws MalformedException {
    Managed managed = new Managed();
    if (entries == null) {
      return managed;
    }
    for (int i = 0; i < entries.size(); i++) {
      Object entry = entries.get(i);
      String operation = Json.text(entry, "operation");
      if (!operation.equals("Apply") && !operation.equals("Update")) {
        throw new MalformedException("operation must be `Apply` or `Update`");
      }
      String apiVersion = Json.text(entry, "apiVersion");
      if (apiVersion.isEmpty()) {
        throw new MalformedException("apiVersion must not be empty");
      }
      String fieldsType = Json.text(entry, "fieldsType");
      if (fieldsType.isEmpty()) {
        throw new MalformedException("missing fieldsType in managed fields entry " + i);
      }
      if (!fieldsType.equals("FieldsV1")) {
        throw new MalformedException(
            "invalid fieldsType " + GoFormat.quote(fieldsType) + " in managed fields entry " + i);
      }
      boolean applied = operation.equals("Apply");
      Manager manager =
          new Manager(
              Json.text(entry, "manager"),
              applied,
              applied ? "" : apiVersion,
              Json.text(entry, "subresource"));
      managed.owners.put(manager, new Owned(fields(entry), apiVersion, applied));
      String time = Json.string(entry, "time");
      if (time != null) {
        managed.times.put(manager, time);
      }
    }
    return managed;
  }

  private static FieldSet fields(@Nullable Object entry) throws MalformedException {
    Map<String, @Nullable Object> fields = Json.object(entry, "fieldsV1");
    try {
      return fields == null ? new FieldSet() : FieldSet.parse(fields);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("error decoding set: " + e.getMessage());
    }
  }

  /**
   * Whether a request's managedFields ask for all entries to be dropped: {@code []}, {@code [{}]}.
   */
  static boolean isReset(@Nullable List<@Nullable Object> entries) {
    return entries != null
        && (entries.isEmpty()
            || (entries.size() == 1
                && entries.get(0) instanceof Map<?, ?> entry
                && entry.values().stream().allMatch(v -> v == null || v.equals(""))));
  }

  /** As JSON, in the order of the real server; null when nobody owns anything. */
  @Nullable List<@Nullable Object> encode() {
    if (owners.isEmpty()) {
      return null;
    }
    List<Manager> order = new ArrayList<>(owners.keySet());
    order.sort(
        Comparator.comparing(Manager::operation)
            .thenComparing(this::seconds)
            .thenComparing(Manager::name, Values::compareText)
            .thenComparing(m -> owned(m).apiVersion, Values::compareText)
            .thenComparing(Manager::subresource, Values::compareText));
    List<@Nullable Object> entries = new ArrayList<>();
    for (Manager manager : order) {
      Owned owned = owned(manager);
      Map<String, @Nullable Object> entry = Json.newObject();
      if (!manager.name().isEmpty()) {
        entry.put("manager", manager.name());
      }
      entry.put("operation", manager.operation());
      entry.put("apiVersion", owned.apiVersion);
      String time = times.get(manager);
      if (time != null) {
        entry.put("time", time);
      }
      entry.put("fieldsType", "FieldsV1");
      entry.put("fieldsV1", owned.set.toJson());
      if (!manager.subresource().isEmpty()) {
        entry.put("subresource", manager.subresource());
      }
      entries.add(entry);
    }
    return entries;
  }

  private Owned owned(Manager manager) {
    Owned owned = owners.get(manager);
    return owned == null ? new Owned(new FieldSet(), "", false) : owned;
  }

  private long seconds(Manager manager) {
    String time = times.get(manager);
    if (time == null) {
      return 0;
    }
    try {
      return java.time.OffsetDateTime.parse(time).toEpochSecond();
    } catch (DateTimeParseException e) {
      return 0;
    }
  }

  /** Lets the oldest updaters share the entry {@code ancient-changes} when there are too many. */
  void capUpdaters() {
    List<Manager> updaters = new ArrayList<>();
    owners.forEach(
        (manager, owned) -> {
          if (!owned.applied) {
            updaters.add(manager);
          }
        });
    int count = updaters.size();
    updaters.sort(Comparator.comparing(this::seconds).thenComparing(Comparator.naturalOrder()));
    Map<String, Manager> firstOfVersion = new LinkedHashMap<>();
    for (Manager manager : updaters) {
      if (count <= MAX_UPDATERS) {
        return;
      }
      Owned owned = owned(manager);
      Manager first = firstOfVersion.putIfAbsent(owned.apiVersion, manager);
      if (first == null) {
        continue;
      }
      Manager bucket = Manager.updater("ancient-changes", owned.apiVersion, "");
      if (!owners.containsKey(bucket)) {
        Owned moved = owned(first);
        owners.remove(first);
        owners.put(bucket, moved);
      }
      owners.put(bucket, owned.with(owned.set.union(owned(bucket).set)));
      owners.remove(manager);
      count--;
      String time = times.get(manager);
      if (time != null) {
        times.put(bucket, time);
      }
    }
  }
}

package sh.kaito.core.engine;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.SlotStatus;
import sh.kaito.core.manifest.Manifests;

/**
 * What was allowed to be bought for one Workspace: the epoch of each slot and when slots were
 * replaced. It is persisted in the annotation {@code java.kaito.sh/nodes} before the purchase that
 * it covers, so that a controller that crashes in a loop neither forgets what it bought nor spends
 * more. Immutable.
 *
 * <p>Wire form: {@code {"v":1,"type":"Standard_NC6s_v3","epochs":{"2":3},
 * "replaced":["2026-11-22T05:04:14Z"],"finished":{"input":"9f86…","generation":1,"succeeded":true},
 * "adopted":{"0":"ws374d3c430"},"leaving":"2026-11-22T06:00:00Z"}}; a slot that is not listed is at
 * epoch 1. {@code v} is 2 where {@code adopted} or {@code leaving} is there: a build that knows
 * neither must not act on the rest. Both versions are read.
 *
 * @param instanceType what was bought first; a Workspace never changes it. Empty with nodes of the
 *     user's own
 * @param epochs epochs above 1, by slot
 * @param replaced times of the replacements of the last hour, oldest first
 * @param finished the Job that ended last: it is never run again, whether or not it still exists
 * @param adopted present where the Workspace was taken over from the Go operator: by slot, the
 *     names of the claims that were bought there. A slot that was replaced since is not among them
 * @param leaving when it was begun to hand the Workspace over to the Go operator: from then on
 *     nothing is bought, changed or released
 */
record Ledger(
    String instanceType,
    Map<Integer, Integer> epochs,
    List<Instant> replaced,
    Optional<Finished> finished,
    Optional<Map<Integer, String>> adopted,
    Optional<Instant> leaving) {

  /**
   * The end of a Job.
   *
   * @param inputHash what the Job was made from
   * @param generation of the Workspace at that time: as long as it is this one, nothing runs again,
   *     whatever somebody does to a ConfigMap that it names
   */
  record Finished(String inputHash, long generation, boolean succeeded) {
    /** In place of a generation: it was made for an earlier one, and says nothing of this one. */
    static final long EARLIER = 0;
  }

  /** At most this many replacements of lost nodes in {@link #WINDOW}; then a person must look. */
  static final int REPLACEMENTS = 3;

  static final Duration WINDOW = Duration.ofHours(1);

  /**
   * Version of a ledger that says that the Workspace changes hands. A build that does not know of
   * it would buy what was taken over; this it cannot read, and it buys nothing then.
   */
  private static final int HANDED_OVER = 2;

  private static final ObjectMapper JSON = new ObjectMapper();

  Ledger {
    epochs = Map.copyOf(epochs);
    replaced = List.copyOf(replaced);
    adopted = adopted.map(Map::copyOf);
  }

  private Ledger(
      String instanceType,
      Map<Integer, Integer> epochs,
      List<Instant> replaced,
      Optional<Finished> finished) {
    this(instanceType, epochs, replaced, finished, Optional.empty(), Optional.empty());
  }

  /** Of a Workspace that is taken over, with the claims that fill its slots. */
  static Ledger adopted(
      String instanceType, Map<NodeSlot, String> claims, Optional<Finished> finished) {
    Map<Integer, Integer> epochs = new TreeMap<>();
    Map<Integer, String> names = new TreeMap<>();
    claims.forEach(
        (slot, name) -> {
          names.put(slot.index(), name);
          if (slot.epoch() > 1) {
            epochs.put(slot.index(), slot.epoch());
          }
        });
    return new Ledger(
        instanceType, epochs, List.of(), finished, Optional.of(names), Optional.empty());
  }

  /** The same, on its way to the Go operator. */
  Ledger leave(Instant now) {
    return new Ledger(instanceType, epochs, replaced, finished, adopted, Optional.of(now));
  }

  /** The same, with claims in it that turned up after the Workspace was taken over. */
  Ledger with(Map<NodeSlot, String> late) {
    Map<Integer, Integer> raised = new TreeMap<>(epochs);
    Map<Integer, String> names = new TreeMap<>(adopted.orElse(Map.of()));
    late.forEach(
        (slot, name) -> {
          raised.put(slot.index(), slot.epoch());
          names.put(slot.index(), name);
        });
    return new Ledger(instanceType, raised, replaced, finished, Optional.of(names), leaving);
  }

  boolean isAdopted() {
    return adopted.isPresent();
  }

  /** The names that claims of these slots have kept. */
  Map<NodeSlot, String> adoptedNames(List<NodeSlot> slots) {
    Map<Integer, String> names = adopted.orElse(Map.of());
    Map<NodeSlot, String> kept = new HashMap<>();
    for (NodeSlot slot : slots) {
      String name = names.get(slot.index());
      if (name != null && slot.epoch() == epoch(slot.index())) {
        kept.put(slot, name);
      }
    }
    return kept;
  }

  /** Of a Workspace for which nothing was bought yet. */
  static Ledger first(String instanceType) {
    return new Ledger(instanceType, Map.of(), List.of(), Optional.empty());
  }

  /**
   * Of a Workspace whose annotation is missing: the newest epoch of each claim that exists, so that
   * a dropped annotation neither deletes nor buys a node.
   */
  static Ledger of(String instanceType, List<SlotStatus> existing) {
    Map<Integer, Integer> epochs = new TreeMap<>();
    for (SlotStatus slot : existing) {
      if (slot.slot().epoch() > 1) {
        epochs.merge(slot.slot().index(), slot.slot().epoch(), Math::max);
      }
    }
    return new Ledger(instanceType, epochs, List.of(), Optional.empty());
  }

  /**
   * Reads the annotation.
   *
   * @return empty when there is none, or when it cannot be read: then the caller must not guess
   *     epochs, see {@link #isReadable}
   */
  static Optional<Ledger> read(@Nullable String annotation) {
    if (annotation == null) {
      return Optional.empty();
    }
    try {
      JsonNode tree = JSON.readTree(annotation);
      int version = tree.path("v").asInt();
      if (version != 1 && version != HANDED_OVER) {
        return Optional.empty();
      }
      Map<Integer, Integer> epochs = new TreeMap<>();
      for (Map.Entry<String, JsonNode> entry : tree.path("epochs").properties()) {
        epochs.put(Integer.valueOf(entry.getKey()), entry.getValue().intValue());
      }
      List<Instant> replaced = new ArrayList<>();
      for (JsonNode time : tree.path("replaced")) {
        replaced.add(Instant.parse(time.asText()));
      }
      JsonNode end = tree.path("finished");
      Optional<Finished> finished =
          end.isObject()
              ? Optional.of(
                  new Finished(
                      end.path("input").asText(),
                      end.path("generation").asLong(),
                      end.path("succeeded").asBoolean()))
              : Optional.empty();
      JsonNode leaving = tree.path("leaving");
      return Optional.of(
          new Ledger(
              tree.path("type").asText(),
              epochs,
              replaced,
              finished,
              adopted(tree.path("adopted")),
              leaving.isTextual()
                  ? Optional.of(Instant.parse(leaving.asText()))
                  : Optional.empty()));
    } catch (JsonProcessingException | IllegalArgumentException | java.time.DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Map<Integer, String>> adopted(JsonNode tree) {
    if (!tree.isObject()) {
      return Optional.empty();
    }
    Map<Integer, String> names = new TreeMap<>();
    tree.properties()
        .forEach(entry -> names.put(Integer.valueOf(entry.getKey()), entry.getValue().asText()));
    return Optional.of(names);
  }

  /** Whether an annotation is absent or can be read; a garbled one must stop purchases. */
  static boolean isReadable(@Nullable String annotation) {
    return annotation == null || read(annotation).isPresent();
  }

  /** The wire form. */
  String write() {
    ObjectNode tree = object("v", adopted.isPresent() || leaving.isPresent() ? HANDED_OVER : 1);
    if (!instanceType.isEmpty()) {
      tree.put("type", instanceType);
    }
    if (!epochs.isEmpty()) {
      ObjectNode byslot = tree.putObject("epochs");
      new TreeMap<>(epochs).forEach((slot, epoch) -> byslot.put(Integer.toString(slot), epoch));
    }
    if (!replaced.isEmpty()) {
      ArrayNode times = tree.putArray("replaced");
      replaced.forEach(time -> times.add(time.toString()));
    }
    finished.ifPresent(
        end ->
            tree.set(
                "finished",
                object(
                    "input",
                    end.inputHash(),
                    "generation",
                    end.generation(),
                    "succeeded",
                    end.succeeded())));
    adopted.ifPresent(
        names -> {
          ObjectNode byslot = tree.putObject("adopted");
          new TreeMap<>(names).forEach((slot, name) -> byslot.put(Integer.toString(slot), name));
        });
    leaving.ifPresent(time -> tree.put("leaving", time.toString()));
    return tree.toString();
  }

  /** The ledger with the end of a Job in it. */
  Ledger finish(Finished end) {
    return new Ledger(instanceType, epochs, replaced, Optional.of(end), adopted, leaving);
  }

  /**
   * How the Job made for this specification, or for this generation of the Workspace, ended. With
   * which settings does not matter: the Workspace's own change alone runs it again.
   */
  Optional<Finished> finished(String inputHash, long generation) {
    return finished.filter(
        end ->
            Manifests.isSameSpecification(end.inputHash(), inputHash)
                || end.generation() == generation);
  }

  /** The time of the last replacement that is still on record. */
  Optional<Instant> lastReplaced() {
    return replaced.isEmpty() ? Optional.empty() : Optional.of(replaced.get(replaced.size() - 1));
  }

  /** The slots of a set of this size, each at its epoch. */
  List<NodeSlot> slots(int count) {
    List<NodeSlot> slots = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      slots.add(new NodeSlot(i, epoch(i)));
    }
    return slots;
  }

  int epoch(int slot) {
    return epochs.getOrDefault(slot, 1);
  }

  /** Whether one more replacement is allowed now. */
  boolean mayReplace(Instant now) {
    return recent(now).size() < REPLACEMENTS;
  }

  /** When the next replacement will be allowed, where none is now. */
  Optional<Instant> nextReplacement(Instant now) {
    List<Instant> recent = recent(now);
    return recent.size() < REPLACEMENTS
        ? Optional.empty()
        : Optional.of(recent.get(recent.size() - REPLACEMENTS).plus(WINDOW));
  }

  /** The ledger with one more epoch for a slot whose node was lost. */
  Ledger replace(int slot, Instant now) {
    Map<Integer, Integer> raised = new TreeMap<>(epochs);
    raised.put(slot, epoch(slot) + 1);
    List<Instant> times = new ArrayList<>(recent(now));
    times.add(now);
    Optional<Map<Integer, String>> kept =
        adopted.map(
            names -> {
              Map<Integer, String> rest = new TreeMap<>(names);
              rest.remove(slot);
              return rest;
            });
    return new Ledger(instanceType, raised, times, finished, kept, leaving);
  }

  private List<Instant> recent(Instant now) {
    return replaced.stream().filter(time -> time.plus(WINDOW).isAfter(now)).toList();
  }
}

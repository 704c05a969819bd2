package sh.kaito.testkit.internal.sim.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.sim.Kind;
import sh.kaito.testkit.internal.sim.Objects;

/**
 * The status that a provisioner writes on a claim: conditions Launched, Registered, Initialized and
 * their root Ready, with the reasons of Karpenter. On a karpenter.sh/v1 NodeClaim a stage that is
 * not reached is Unknown. On a v1alpha5 Machine the stages are called MachineLaunched and so on,
 * one that was looked at and is not reached is False, and a generation is not told.
 */
final class KarpenterClaims implements ClaimDialect {
  private final boolean machines;

  private KarpenterClaims(boolean machines) {
    this.machines = machines;
  }

  static KarpenterClaims nodeClaims() {
    return new KarpenterClaims(false);
  }

  static KarpenterClaims machines() {
    return new KarpenterClaims(true);
  }

  /** One condition without its time. */
  private record Condition(String status, String reason, String message) {
    static final Condition WAITING = new Condition("Unknown", "AwaitingReconciliation", "");

    static Condition done(String type) {
      return new Condition("True", type, "");
    }
  }

  @Override
  public Kind kind() {
    return machines ? Kind.MACHINE : Kind.NODE_CLAIM;
  }

  @Override
  public @Nullable Instant launchedAt(JsonNode claim) {
    JsonNode launched = Objects.condition(claim, type("Launched"));
    return launched == null || !Objects.text(launched, "status").equals("True")
        ? null
        : Objects.instant(Objects.text(launched, "lastTransitionTime")).orElse(null);
  }

  @Override
  public ObjectNode status(
      JsonNode claim, Machine machine, @Nullable JsonNode node, String nodeName, Instant now) {
    Condition registered = registered(machine, node);
    Map<String, Condition> stages = new LinkedHashMap<>();
    stages.put("Launched", launched(machine, now));
    stages.put("Registered", registered);
    stages.put("Initialized", initialized(claim, machine, node));
    stages.put("Ready", root(stages));

    ObjectNode status = Objects.object();
    if (machine.launched != null && machine.shape != null) {
      status.put("providerID", NodeObject.providerId(Objects.name(claim)));
      status.put("imageID", "simulated");
      status.set("capacity", NodeObject.resources(machine.shape, true));
      status.set("allocatable", NodeObject.resources(machine.shape, true));
    }
    if (registered.status().equals("True")) {
      status.put("nodeName", nodeName);
    }
    status.set("conditions", conditions(claim, stages, now));
    return status;
  }

  private static Condition launched(Machine machine, Instant now) {
    if (machine.launched != null) {
      return Condition.done("Launched");
    }
    if (!now.isBefore(machine.launchDue)) {
      return machine.shape == null
          ? new Condition("Unknown", "LaunchFailed", unknownType(machine.instanceType))
          : new Condition(
              "Unknown",
              machine.behavior.launchFailureReason(),
              machine.behavior.launchFailureMessage());
    }
    return Condition.WAITING;
  }

  private static String unknownType(String instanceType) {
    return instanceType.isEmpty()
        ? "the claim has no requirement node.kubernetes.io/instance-type with operator In"
        : "the simulation sells no instance type " + instanceType;
  }

  private static Condition registered(Machine machine, @Nullable JsonNode node) {
    if (machine.launched == null) {
      return Condition.WAITING;
    }
    return node == null && machine.joined == null
        ? new Condition("Unknown", "NodeNotFound", "Node not registered with cluster")
        : Condition.done("Registered");
  }

  private Condition initialized(JsonNode claim, Machine machine, @Nullable JsonNode node) {
    if (machine.launched == null) {
      return Condition.WAITING;
    }
    JsonNode before = Objects.condition(claim, type("Initialized"));
    if (before != null && before.path("status").asText().equals("True")) {
      // Karpenter does not take it back when the node breaks later.
      return Condition.done("Initialized");
    }
    if (node == null) {
      return new Condition("Unknown", "NodeNotFound", "Node not registered with cluster");
    }
    if (!Objects.isTrue(node, "Ready")) {
      return new Condition("Unknown", "NodeNotReady", "Node status is NotReady");
    }
    List<String> missing = new ArrayList<>();
    claim
        .path("spec")
        .path("resources")
        .path("requests")
        .properties()
        .forEach(
            request -> {
              // gpu-provisioner takes storage for the size of the disk.
              if (!request.getKey().equals("storage")
                  && !isPositive(node.path("status").path("allocatable").path(request.getKey()))) {
                missing.add(request.getKey());
              }
            });
    return missing.isEmpty()
        ? Condition.done("Initialized")
        : new Condition(
            "Unknown",
            "ResourceNotRegistered",
            "Resource \"" + missing.get(0) + "\" was requested but not registered");
  }

  private static boolean isPositive(JsonNode quantity) {
    String text = quantity.asText("");
    return !text.isEmpty() && !text.equals("0");
  }

  private static Condition root(Map<String, Condition> stages) {
    List<String> open = new ArrayList<>();
    stages.forEach(
        (type, stage) -> {
          if (!stage.status().equals("True")) {
            open.add(type + "=" + stage.status());
          }
        });
    return open.isEmpty()
        ? Condition.done("Ready")
        : new Condition("Unknown", "ReconcilingDependents", String.join(", ", open));
  }

  private ArrayNode conditions(JsonNode claim, Map<String, Condition> stages, Instant now) {
    ArrayNode result = Objects.array();
    stages.forEach(
        (stageName, stage) -> {
          String type = type(stageName);
          String value = value(stage);
          JsonNode before = Objects.condition(claim, type);
          boolean same = before != null && Objects.text(before, "status").equals(value);
          ObjectNode condition = result.addObject().put("type", type).put("status", value);
          if (!stage.reason().isEmpty()) {
            condition.put("reason", stage.reason()).put("message", stage.message());
          }
          if (!machines) {
            condition.put(
                "observedGeneration", claim.path("metadata").path("generation").asLong(1));
          }
          condition.put(
              "lastTransitionTime",
              same && before != null
                  ? Objects.text(before, "lastTransitionTime")
                  : Objects.time(now));
        });
    NodeObject.keepOthers(result, claim);
    return result;
  }

  private String type(String stage) {
    return machines && !stage.equals("Ready") ? "Machine" + stage : stage;
  }

  private String value(Condition stage) {
    boolean seen = !stage.reason().equals(Condition.WAITING.reason());
    return machines && seen && stage.status().equals("Unknown") ? "False" : stage.status();
  }

  @Override
  public boolean isInitialized(JsonNode claim) {
    return Objects.isTrue(claim, type("Initialized"));
  }
}

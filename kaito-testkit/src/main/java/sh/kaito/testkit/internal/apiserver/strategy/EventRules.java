package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/**
 * Events, kept once and seen through two groups: {@code events.k8s.io} asks for more than the core
 * group does. Complaints name fields as the core group does, but for the reporting controller.
 */
final class EventRules extends Strategy {
  private static final int SHORT = 128;
  private static final int NOTE = 1024;

  @Override
  public List<String> nameProblem(ResourceType type, String name) {
    return type.group().isEmpty() ? Names.pathSegment(name) : Names.subdomain(name);
  }

  @Override
  public boolean createsOnUpdate() {
    return true;
  }

  @Override
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    common(type, object, causes);
    if (type.group().isEmpty()) {
      return;
    }
    Check event = Check.of(object, "", causes);
    if (!event.has("eventTime")) {
      event.required("eventTime", "");
    }
    String kind = event.text("type");
    if (!kind.equals("Normal") && !kind.equals("Warning")) {
      event.invalid("type", "", "has invalid value: " + kind);
    }
    unset(event, "deprecatedFirstTimestamp", "firstTimestamp");
    unset(event, "deprecatedLastTimestamp", "lastTimestamp");
    if (event.number("deprecatedCount") != 0) {
      event.invalid("count", "", "needs to be unset");
    }
    if (!Map.of().equals(Objects.requireNonNullElse(event.get("deprecatedSource"), Map.of()))) {
      event.invalid("source", "", "needs to be unset");
    }
  }

  private static void unset(Check event, String field, String name) {
    if (event.has(field)) {
      event.invalid(name, "", "needs to be unset");
    }
  }

  private static void common(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    boolean core = type.group().isEmpty();
    Check event = Check.of(object, "", causes);
    String namespace = event.text("metadata.namespace");
    String about = core ? "involvedObject" : "regarding";
    String involved = event.text(about + ".namespace");
    boolean timed = event.has("eventTime");
    boolean fits =
        involved.isEmpty()
            ? namespace.equals("default") || (timed && namespace.equals("kube-system"))
            : timed || involved.equals(namespace);
    if (!fits) {
      event.invalid("involvedObject.namespace", involved, "does not match event.namespace");
    }
    if (!timed) {
      return;
    }
    String controller = core ? "reportingComponent" : "reportingController";
    event.present(controller);
    Names.qualified(event.text(controller))
        .forEach(problem -> event.invalid(controller, event.text(controller), problem));
    event.present("reportingInstance", "action", "reason");
    for (String field : List.of("reportingInstance", "action", "reason")) {
      longest(event, field, event.text(field), SHORT);
    }
    longest(event, "message", event.text(core ? "message" : "note"), NOTE);
  }

  private static void longest(Check event, String field, String value, int most) {
    if (value.length() > most) {
      event.invalid(field, "", "can have at most " + most + " characters");
    }
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    common(type, object, causes);
    if (type.group().isEmpty()) {
      return;
    }
    fixed("regarding", "involvedObject", object, old, causes);
    fixed("note", "message", object, old, causes);
    fixed("deprecatedSource", "source", object, old, causes);
    fixed("deprecatedFirstTimestamp", "firstTimestamp", object, old, causes);
    fixed("deprecatedLastTimestamp", "lastTimestamp", object, old, causes);
    fixed("deprecatedCount", "count", object, old, causes);
    for (String field :
        List.of(
            "reason",
            "type",
            "eventTime",
            "action",
            "related",
            "reportingController",
            "reportingInstance")) {
      fixed(field, field, object, old, causes);
    }
  }

  private static void fixed(
      String field,
      String name,
      Map<String, Object> object,
      Map<String, Object> old,
      List<Cause> causes) {
    Object value = object.get(field);
    if (!Objects.equals(value, old.get(field))) {
      Object shown = value == null && Json.text(old, field).isEmpty() ? null : value;
      causes.add(MetadataRules.immutable(name, shown));
    }
  }
}

package sh.kaito.testkit.internal.apiserver.selectors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.api.CustomVersion;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.json.Json;

/** Which fields of a resource may be selected by, and how they are read. */
public final class SelectableFields {
  private static final Map<String, List<String>> BUILT_IN = new LinkedHashMap<>();

  static {
    BUILT_IN.put(
        "pods",
        List.of(
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName"));
    BUILT_IN.put(
        "events",
        List.of(
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type"));
    BUILT_IN.put("nodes", List.of("spec.unschedulable"));
    BUILT_IN.put("namespaces", List.of("status.phase"));
    BUILT_IN.put("secrets", List.of("type"));
    BUILT_IN.put("services", List.of("spec.clusterIP", "spec.type"));
    BUILT_IN.put("jobs.batch", List.of("status.successful"));
    BUILT_IN.put("replicasets.apps", List.of("status.replicas"));
    BUILT_IN.put("replicationcontrollers", List.of("status.replicas"));
  }

  private final ResourceType type;
  private final List<String> fields;

  private SelectableFields(ResourceType type, List<String> fields) {
    this.type = type;
    this.fields = fields;
  }

  /** The fields of a resource. */
  public static SelectableFields of(ResourceType type) {
    List<String> fields = new ArrayList<>();
    CustomVersion custom = type.custom();
    if (custom != null) {
      for (String path : custom.selectableFields()) {
        fields.add(path.startsWith(".") ? path.substring(1) : path);
      }
    } else {
      for (String field : BUILT_IN.getOrDefault(type.storage(), List.of())) {
        fields.add(type.group().equals("events.k8s.io") ? inEvents(field) : field);
      }
    }
    return new SelectableFields(type, fields);
  }

  /**
   * Reads a field selector for this resource.
   *
   * @throws ApiFailure 400 when it cannot be read or names another field
   */
  public FieldSelector parse(@Nullable String text) {
    FieldSelector selector = FieldSelector.parse(text);
    for (FieldSelector.Term term : selector.terms()) {
      String field = term.field();
      boolean known =
          field.equals("metadata.name")
              || (field.equals("metadata.namespace") && (type.namespaced() || !type.isCustom()))
              || fields.contains(field);
      if (!known) {
        throw ApiFailure.badRequest(unknown(field));
      }
    }
    return selector;
  }

  private String unknown(String field) {
    if (type.isCustom()) {
      return "field label not supported: " + field;
    }
    return switch (type.storage()) {
      case "pods", "nodes", "events", "secrets", "services", "jobs.batch", "replicasets.apps" ->
          "field label not supported: " + field;
      case "namespaces" ->
          Quoting.go(field)
              + " is not a known field selector: only \"metadata.name\", \"status.phase\"";
      default ->
          Quoting.go(field)
              + " is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";
    };
  }

  /** The name of a field of core Events in {@code events.k8s.io}. */
  private static String inEvents(String field) {
    return field.equals("reportingComponent")
        ? "reportingController"
        : field.replaceFirst("^involvedObject\\.", "regarding.");
  }

  /**
   * The value of a field as selectors compare it; empty when absent.
   *
   * @param object as it is stored
   * @param name as any version of the type calls the field
   */
  public static String read(Map<String, Object> object, String name) {
    String field =
        name.equals("reportingController")
            ? "reportingComponent"
            : name.replaceFirst("^regarding\\.", "involvedObject.");
    if (field.equals("source")) {
      Object component = Json.get(object, "source", "component");
      Object value = component != null ? component : object.get("reportingComponent");
      return value == null ? "" : value.toString();
    }
    if (field.equals("status.successful")) {
      Object value = Json.get(object, "status", "succeeded");
      return value == null ? "0" : value.toString();
    }
    if (field.equals("spec.unschedulable") || field.equals("spec.hostNetwork")) {
      Object value = Json.get(object, field.split("\\."));
      return value == null ? "false" : value.toString();
    }
    Object value = Json.get(object, field.split("\\."));
    if (value == null) {
      return field.equals("status.replicas") ? "0" : "";
    }
    return value.toString();
  }
}

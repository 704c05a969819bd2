package sh.kaito.api.internal.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.schema.Shape.Entries;
import sh.kaito.api.internal.schema.Shape.Fields;
import sh.kaito.api.internal.schema.Shape.Items;
import sh.kaito.api.internal.schema.Shape.Kind;
import sh.kaito.api.internal.schema.Shape.Member;
import sh.kaito.api.internal.schema.Shape.Scalar;
import sh.kaito.api.internal.yaml.YamlWriter;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.KaitoApi;

/** Makes the CustomResourceDefinition of Workspace from {@link WorkspaceSchema}. */
public final class CrdGenerator {

  private static final String HEADER =
      """
      # CustomResourceDefinition of Workspace, both API versions, made from WorkspaceSchema.java.
      # Do not edit: change WorkspaceSchema.java, then run
      #   ./mvnw -pl kaito-api test -Dtest=GeneratedFilesTest -Dkaito.regenerate=true
      """;

  private CrdGenerator() {}

  /** The YAML text that is checked in. */
  public static String yaml() {
    return HEADER + YamlWriter.write(tree());
  }

  private static Map<String, @Nullable Object> tree() {
    List<Object> versions = new ArrayList<>();
    for (ApiVersion version : ApiVersion.values()) {
      versions.add(version(version));
    }
    return map(
        "apiVersion",
        "apiextensions.k8s.io/v1",
        "kind",
        "CustomResourceDefinition",
        "metadata",
        map(
            "name",
            KaitoApi.WORKSPACE_CRD,
            "labels",
            map(
                "app.kubernetes.io/name",
                "kaito",
                "app.kubernetes.io/managed-by",
                KaitoApi.FIELD_MANAGER)),
        "spec",
        map(
            "group",
            KaitoApi.GROUP,
            "names",
            map(
                "kind",
                KaitoApi.WORKSPACE_KIND,
                "listKind",
                KaitoApi.WORKSPACE_LIST_KIND,
                "plural",
                KaitoApi.WORKSPACE_PLURAL,
                "singular",
                KaitoApi.WORKSPACE_SINGULAR,
                "shortNames",
                List.of("wk", "wks"),
                "categories",
                List.of("workspace")),
            "scope",
            "Namespaced",
            "conversion",
            map("strategy", "None"),
            "versions",
            versions));
  }

  private static Map<String, @Nullable Object> version(ApiVersion version) {
    return map(
        "name",
        version.version(),
        "served",
        true,
        "storage",
        version == ApiVersion.V1BETA1,
        "subresources",
        map("status", map()),
        "additionalPrinterColumns",
        columns(version),
        "schema",
        map("openAPIV3Schema", schema(WorkspaceSchema.root(), version)));
  }

  /** kubectl prints the names in capitals: {@code WorkspaceReady} stands as WORKSPACEREADY. */
  private static List<Object> columns(ApiVersion version) {
    List<Object> columns = new ArrayList<>();
    columns.add(column("Instance", "string", ".resource.instanceType", 0));
    columns.add(column("ResourceReady", "string", condition("ResourceReady"), 0));
    columns.add(column("InferenceReady", "string", condition("InferenceReady"), 0));
    // The condition of the sum is called WorkspaceSucceeded by every controller.
    columns.add(column("WorkspaceReady", "string", condition("WorkspaceSucceeded"), 0));
    if (version == ApiVersion.V1BETA1) {
      columns.add(column("State", "string", ".status.state", 0));
    }
    columns.add(column("JobStarted", "string", condition("JobStarted"), 1));
    if (version == ApiVersion.V1BETA1) {
      columns.add(column("TargetNodeCount", "integer", ".status.targetNodeCount", 1));
    }
    columns.add(column("Age", "date", ".metadata.creationTimestamp", 0));
    return columns;
  }

  private static String condition(String type) {
    return ".status.conditions[?(@.type==\"" + type + "\")].status";
  }

  private static Map<String, @Nullable Object> column(
      String name, String type, String jsonPath, int priority) {
    Map<String, @Nullable Object> column = map("name", name, "type", type, "jsonPath", jsonPath);
    if (priority != 0) {
      column.put("priority", priority);
    }
    return column;
  }

  private static Map<String, @Nullable Object> schema(FieldSpec field, ApiVersion version) {
    Map<String, @Nullable Object> schema = map();
    String description = field.description();
    if (!description.isEmpty()) {
      schema.put(
          "description",
          field.deprecated().contains(version) ? "Deprecated. " + description : description);
    }
    if (field.isOpaque()) {
      schema.put("type", "object");
      schema.put("x-kubernetes-preserve-unknown-fields", true);
      return schema;
    }
    schema.putAll(shape(field.shape(), field.itemConstraints(), version));
    Object fallback = field.defaults().get(version);
    if (fallback != null) {
      schema.put("default", fallback);
    }
    schema.putAll(field.constraints());
    List<Object> rules = rules(field, version);
    if (!rules.isEmpty()) {
      schema.put("x-kubernetes-validations", rules);
    }
    return schema;
  }

  private static Map<String, @Nullable Object> shape(
      Shape shape, Map<String, Object> itemConstraints, ApiVersion version) {
    if (shape instanceof Scalar scalar) {
      return scalar(scalar);
    }
    if (shape instanceof Items items) {
      Map<String, @Nullable Object> element = shape(items.element(), Map.of(), version);
      element.putAll(itemConstraints);
      return map("type", "array", "items", element);
    }
    if (shape instanceof Entries entries) {
      Map<String, @Nullable Object> value = shape(entries.value(), Map.of(), version);
      value.putAll(itemConstraints);
      return map("type", "object", "additionalProperties", value);
    }
    if (shape instanceof Fields fields) {
      return fields(fields, version);
    }
    throw new IllegalStateException("No schema for " + shape);
  }

  private static Map<String, @Nullable Object> scalar(Scalar scalar) {
    Map<String, @Nullable Object> schema =
        scalar.kind() == Kind.DATE_TIME
            ? map("type", "string", "format", "date-time")
            : map("type", scalar.kind() == Kind.INTEGER ? "integer" : "string");
    if (!scalar.allowed().isEmpty()) {
      schema.put("enum", scalar.allowed());
    }
    return schema;
  }

  private static Map<String, @Nullable Object> fields(Fields fields, ApiVersion version) {
    Map<String, @Nullable Object> properties = map();
    List<String> required = new ArrayList<>();
    for (Member member : fields.members().values()) {
      if (!(member instanceof FieldSpec field)) {
        throw new IllegalStateException("Kubernetes type without opaque(): " + fields.name());
      }
      if (field.versions().contains(version)) {
        // Not even a description: an API server refuses a definition that says anything else of it.
        properties.put(
            field.name(),
            fields == WorkspaceSchema.shape() && field.name().equals("metadata")
                ? map("type", "object")
                : schema(field, version));
        if (field.required()) {
          required.add(field.name());
        }
      }
    }
    Map<String, @Nullable Object> schema = map("type", "object", "properties", properties);
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    return schema;
  }

  private static List<Object> rules(FieldSpec field, ApiVersion version) {
    List<Object> rules = new ArrayList<>();
    for (FieldSpec.Rule rule : field.rules()) {
      if (!rule.versions().contains(version)) {
        continue;
      }
      if (rule.creation()) {
        rules.add(
            map(
                "rule",
                "oldSelf.hasValue() || " + parenthesised(rule.cel()),
                "optionalOldSelf",
                true,
                "message",
                rule.message()));
      } else {
        rules.add(map("rule", rule.cel(), "message", rule.message()));
      }
    }
    return rules;
  }

  private static String parenthesised(String cel) {
    return cel.contains(" || ") || cel.contains(" ? ") ? "(" + cel + ")" : cel;
  }

  private static Map<String, @Nullable Object> map(Object... keysAndValues) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}

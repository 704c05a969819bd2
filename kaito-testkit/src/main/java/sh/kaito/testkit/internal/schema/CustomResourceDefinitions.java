package sh.kaito.testkit.internal.schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.GoFormat;
import sh.kaito.testkit.internal.json.Json;

/** Validation of CustomResourceDefinitions (apiextensions.k8s.io/v1). Stateless. */
public final class CustomResourceDefinitions {
  private static final String APPROVED = "api-approved.kubernetes.io";
  private static final List<String> COLUMN_TYPES =
      List.of("boolean", "date", "integer", "number", "string");
  private static final Set<String> COLUMN_FORMATS =
      Set.of("int32", "int64", "float", "double", "byte", "date", "date-time", "password");

  private CustomResourceDefinitions() {}

  /**
   * What is wrong with a definition. The general rules for metadata, the form of its name among
   * them, are not looked at.
   *
   * @param definition the definition with its defaults and {@code status.storedVersions}
   * @param old the stored definition; null on create
   */
  public static List<FieldError> validate(
      Map<String, @Nullable Object> definition, @Nullable Map<String, @Nullable Object> old) {
    List<FieldError> errors = new ArrayList<>();
    Map<String, @Nullable Object> spec = Json.object(definition, "spec");
    Map<String, @Nullable Object> safe = spec == null ? Map.of() : spec;
    String plural = Json.text(safe, "names", "plural");
    String group = Json.text(safe, "group");
    String name = Json.text(definition, "metadata", "name");
    if (old == null && !name.equals(plural + "." + group)) {
      errors.add(
          FieldError.invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
    }
    group(group, errors);
    scope(Json.text(safe, "scope"), errors);
    versions(safe, errors);
    names(safe, errors);
    storedVersions(definition, errors);
    approval(definition, old, errors);
    if (Json.isTrue(safe, "preserveUnknownFields")
        && !Json.isTrue(old, "spec", "preserveUnknownFields")) {
      errors.add(
          FieldError.invalid(
              "spec.preserveUnknownFields",
              true,
              "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in"
                  + " spec.versions[*].schema instead"));
    }
    if (old != null) {
      immutable(definition, old, errors);
    }
    return errors;
  }

  /** What is wrong with the status of a definition. */
  public static List<FieldError> validateStatus(Map<String, @Nullable Object> definition) {
    List<FieldError> errors = new ArrayList<>();
    storedVersions(definition, errors);
    return errors;
  }

  private static void group(String group, List<FieldError> errors) {
    String problem = Names.dns1123Subdomain(group);
    if (group.isEmpty()) {
      errors.add(FieldError.required("spec.group", ""));
    } else if (problem != null) {
      errors.add(FieldError.invalid("spec.group", group, problem));
    } else if (group.indexOf('.') < 0) {
      errors.add(
          FieldError.invalid("spec.group", group, "should be a domain with at least one dot"));
    }
  }

  private static void scope(String scope, List<FieldError> errors) {
    if (scope.isEmpty()) {
      errors.add(FieldError.required("spec.scope", ""));
    } else if (!scope.equals("Cluster") && !scope.equals("Namespaced")) {
      errors.add(FieldError.notSupported("spec.scope", scope, "Cluster", "Namespaced"));
    }
  }

  private static void versions(Map<String, @Nullable Object> spec, List<FieldError> errors) {
    List<@Nullable Object> versions = Json.list(spec, "versions");
    List<@Nullable Object> all = versions == null ? List.of() : versions;
    HoistedVersions hoisted = HoistedVersions.of(all);
    Set<String> names = new HashSet<>();
    boolean unique = true;
    int storage = 0;
    for (int i = 0; i < all.size(); i++) {
      String path = "spec.versions[" + i + "]";
      Object version = all.get(i);
      String versionName = Json.text(version, "name");
      unique &= names.add(versionName);
      storage += Json.isTrue(version, "storage") ? 1 : 0;
      String problem = Names.dns1035(versionName);
      if (problem != null) {
        errors.add(FieldError.invalid(path + ".name", versionName, problem));
      }
      if (Json.get(version, "schema", "openAPIV3Schema") == null) {
        errors.add(FieldError.required(path + ".schema.openAPIV3Schema", ""));
      }
      deprecation(version, path, errors);
    }
    hoisted.forEachSchema(
        (path, schema, status) -> DefinitionSchemas.validate(schema, path, status, errors));
    hoisted.forEachColumns((path, columns) -> columns(columns, path, errors));
    hoisted.forEachScale((path, scale) -> scale(scale, path, errors));
    if (!unique) {
      errors.add(
          FieldError.invalid(
              "spec.versions", hoisted.shown(versions), "must contain unique version names"));
    }
    if (storage != 1) {
      errors.add(
          FieldError.invalid(
              "spec.versions",
              hoisted.shown(versions),
              "must have exactly one version marked as storage version"));
    }
    String strategy = Json.text(spec, "conversion", "strategy");
    if (!strategy.isEmpty() && !strategy.equals("None") && !strategy.equals("Webhook")) {
      errors.add(FieldError.notSupported("spec.conversion.strategy", strategy, "None", "Webhook"));
    }
    webhook(spec, strategy.equals("Webhook"), errors);
  }

  private static void webhook(
      Map<String, @Nullable Object> spec, boolean wanted, List<FieldError> errors) {
    String config = "spec.conversion.webhookClientConfig";
    String reviews = "spec.conversion.conversionReviewVersions";
    String unwanted = "should not be set when strategy is not set to Webhook";
    Map<String, @Nullable Object> client =
        Json.object(spec, "conversion", "webhook", "clientConfig");
    List<@Nullable Object> versions =
        Json.list(spec, "conversion", "webhook", "conversionReviewVersions");
    List<@Nullable Object> known = versions == null ? List.of() : versions;
    if (!wanted) {
      if (client != null) {
        errors.add(FieldError.forbidden(config, unwanted));
      }
      if (!known.isEmpty()) {
        errors.add(FieldError.forbidden(reviews, unwanted));
      }
      return;
    }
    if (client == null) {
      errors.add(FieldError.required(config, "required when strategy is set to Webhook"));
    } else if ((client.get("url") == null) == (client.get("service") == null)) {
      errors.add(FieldError.required(config, "exactly one of url or service is required"));
    }
    if (known.isEmpty()) {
      errors.add(FieldError.required(reviews, ""));
    } else if (!known.contains("v1") && !known.contains("v1beta1")) {
      errors.add(FieldError.invalid(reviews, known, "must include at least one of v1, v1beta1"));
    }
  }

  private static void deprecation(@Nullable Object version, String path, List<FieldError> errors) {
    String warning = Json.string(version, "deprecationWarning");
    if (warning == null) {
      return;
    }
    String problem = null;
    if (!Json.isTrue(version, "deprecated")) {
      problem = "can only be set for deprecated versions";
    } else if (warning.isEmpty()) {
      problem = "must not be an empty string";
    } else if (warning.length() > 256) {
      problem = "must be <= 256 characters long";
    }
    if (problem != null) {
      errors.add(FieldError.invalid(path + ".deprecationWarning", warning, problem));
    }
  }

  private static void columns(List<?> columns, String path, List<FieldError> errors) {
    for (int i = 0; i < columns.size(); i++) {
      Object column = columns.get(i);
      String at = path + "[" + i + "]";
      String type = Json.text(column, "type");
      if (Json.text(column, "name").isEmpty()) {
        errors.add(FieldError.required(at + ".name", ""));
      }
      String allowed = "must be one of " + String.join(",", COLUMN_TYPES);
      if (type.isEmpty()) {
        errors.add(FieldError.required(at + ".type", allowed));
      } else if (!COLUMN_TYPES.contains(type)) {
        errors.add(FieldError.invalid(at + ".type", type, allowed));
      }
      String format = Json.text(column, "format");
      if (!format.isEmpty() && !COLUMN_FORMATS.contains(format)) {
        errors.add(
            FieldError.invalid(
                at + ".format",
                format,
                "must be one of " + String.join(",", new java.util.TreeSet<>(COLUMN_FORMATS))));
      }
      String jsonPath = Json.text(column, "jsonPath");
      if (jsonPath.isEmpty()) {
        errors.add(FieldError.required(at + ".JSONPath", ""));
      } else {
        simplePath(jsonPath, at + ".JSONPath", errors);
      }
    }
  }

  private static boolean simplePath(String path, String field, List<FieldError> errors) {
    if (path.startsWith(".")) {
      return true;
    }
    errors.add(FieldError.invalid(field, path, "must be a simple json path starting with ."));
    return false;
  }

  private static void scale(
      Map<String, @Nullable Object> scale, String path, List<FieldError> errors) {
    replicasPath(scale, "specReplicasPath", ".spec", path, errors);
    replicasPath(scale, "statusReplicasPath", ".status", path, errors);
    String selector = Json.text(scale, "labelSelectorPath");
    String field = path + ".labelSelectorPath";
    if (!selector.isEmpty()
        && simplePath(selector, field, errors)
        && !selector.startsWith(".spec.")
        && !selector.startsWith(".status.")) {
      errors.add(
          FieldError.invalid(
              field, selector, "should be a json path under either .spec or .status"));
    }
  }

  private static void replicasPath(
      Map<String, @Nullable Object> scale,
      String key,
      String under,
      String path,
      List<FieldError> errors) {
    String value = Json.text(scale, key);
    String field = path + "." + key;
    if (value.isEmpty()) {
      errors.add(FieldError.required(field, ""));
    } else if (simplePath(value, field, errors) && !value.startsWith(under + ".")) {
      errors.add(FieldError.invalid(field, value, "should be a json path under " + under));
    }
  }

  private static void names(Map<String, @Nullable Object> spec, List<FieldError> errors) {
    for (String key : List.of("plural", "singular", "kind", "listKind")) {
      String value = Json.text(spec, "names", key);
      String field = "spec.names." + key;
      boolean mixed = key.endsWith("ind");
      String problem = Names.dns1035(mixed ? value.toLowerCase(Locale.ROOT) : value);
      if (value.isEmpty()) {
        errors.add(FieldError.required(field, ""));
      } else if (problem != null) {
        String words = mixed ? "may have mixed case, but should otherwise match: " : "";
        errors.add(FieldError.invalid(field, value, words + problem));
      }
    }
    for (String key : List.of("shortNames", "categories")) {
      List<@Nullable Object> list = Json.list(spec, "names", key);
      for (int i = 0; list != null && i < list.size(); i++) {
        String value = String.valueOf(list.get(i));
        String problem = Names.dns1035(value);
        if (problem != null) {
          errors.add(FieldError.invalid("spec.names." + key + "[" + i + "]", value, problem));
        }
      }
    }
    String kind = Json.text(spec, "names", "kind");
    if (!kind.isEmpty() && kind.equals(Json.text(spec, "names", "listKind"))) {
      errors.add(
          FieldError.invalid("spec.names.listKind", kind, "kind and listKind may not be the same"));
    }
  }

  private static void storedVersions(
      Map<String, @Nullable Object> definition, List<FieldError> errors) {
    List<@Nullable Object> stored = Json.list(definition, "status", "storedVersions");
    String field = "status.storedVersions";
    if (stored == null || stored.isEmpty()) {
      errors.add(FieldError.invalid(field, null, "must have at least one stored version"));
      return;
    }
    Set<String> known = new HashSet<>();
    List<@Nullable Object> versions = Json.list(definition, "spec", "versions");
    if (versions != null) {
      for (Object version : versions) {
        String name = Json.text(version, "name");
        known.add(name);
        if (Json.isTrue(version, "storage") && !stored.contains(name)) {
          errors.add(FieldError.invalid(field, stored, "must have the storage version " + name));
        }
      }
    }
    for (int i = 0; i < stored.size(); i++) {
      String name = String.valueOf(stored.get(i));
      if (!known.contains(name)) {
        errors.add(
            FieldError.invalid(
                field + "[" + i + "]",
                name,
                "missing from spec.versions; "
                    + name
                    + " was previously a storage version, and must remain in spec.versions until a"
                    + " storage migration ensures no data remains persisted in "
                    + name
                    + " and removes "
                    + name
                    + " from status.storedVersions"));
      }
    }
  }

  /**
   * What a definition of a group of the Kubernetes community says of its approval.
   *
   * @param reason of the condition {@code KubernetesAPIApprovalPolicyConformant}
   */
  public record Approval(boolean approved, String reason, String message) {}

  /** Null when the group needs no approval. */
  public static @Nullable Approval approval(Map<String, @Nullable Object> definition) {
    String group = "." + Json.text(definition, "spec", "group");
    if (!group.endsWith(".k8s.io") && !group.endsWith(".kubernetes.io")) {
      return null;
    }
    String value = Json.text(definition, "metadata", "annotations", APPROVED);
    String words = "protected groups must have approval annotation \"" + APPROVED + "\"";
    String see = ", see https://github.com/kubernetes/enhancements/pull/1111";
    if (value.isEmpty()) {
      return new Approval(false, "MissingAnnotation", words + see);
    }
    if (value.startsWith("unapproved")) {
      return new Approval(false, "UnapprovedAnnotation", "not approved: " + GoFormat.quote(value));
    }
    GoUrl url = GoUrl.parse(value);
    return url != null && !url.host().isEmpty()
        ? new Approval(true, "ApprovedAnnotation", "approved in " + value)
        : new Approval(
            false,
            "InvalidAnnotation",
            words + " with either a URL or a reason starting with \"unapproved\"" + see);
  }

  private static void approval(
      Map<String, @Nullable Object> definition,
      @Nullable Map<String, @Nullable Object> old,
      List<FieldError> errors) {
    Approval approval = approval(definition);
    String value = Json.text(definition, "metadata", "annotations", APPROVED);
    if (approval == null
        || (old != null && value.equals(Json.text(old, "metadata", "annotations", APPROVED)))) {
      return;
    }
    String field = "metadata.annotations[" + APPROVED + "]";
    switch (approval.reason()) {
      case "MissingAnnotation" -> errors.add(FieldError.required(field, approval.message()));
      case "InvalidAnnotation" -> errors.add(FieldError.invalid(field, value, approval.message()));
      default -> {
        // Approved, or knowingly not.
      }
    }
  }

  private static void immutable(
      Map<String, @Nullable Object> definition,
      Map<String, @Nullable Object> old,
      List<FieldError> errors) {
    List<String[]> fields = new ArrayList<>();
    if (isEstablished(old)) {
      fields.add(new String[] {"spec", "scope"});
      fields.add(new String[] {"spec", "names", "kind"});
    }
    fields.add(new String[] {"spec", "group"});
    fields.add(new String[] {"spec", "names", "plural"});
    for (String[] path : fields) {
      Object value = Json.get(definition, path);
      if (!Objects.equals(value, Json.get(old, path))) {
        errors.add(
            FieldError.invalid(
                String.join(".", path), value == null ? "" : value, "field is immutable"));
      }
    }
  }

  private static boolean isEstablished(Map<String, @Nullable Object> definition) {
    List<@Nullable Object> conditions = Json.list(definition, "status", "conditions");
    return conditions != null
        && conditions.stream()
            .anyMatch(
                condition ->
                    Json.text(condition, "type").equals("Established")
                        && Json.text(condition, "status").equals("True"));
  }
}

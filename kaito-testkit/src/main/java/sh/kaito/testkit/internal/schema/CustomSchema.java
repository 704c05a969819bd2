package sh.kaito.testkit.internal.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * A custom resource in one version.
 *
 * <pre>{@code
 * CustomSchema schema = CustomSchema.of("kaito.sh/v1beta1", "Workspace", openApiSchema);
 * Decoded decoded = schema.decode(Json.parseTracking(body));
 * List<FieldError> causes = schema.validate(decoded.object(), null, null).errors();
 * }</pre>
 */
public final class CustomSchema implements ObjectSchema {
  private static final Set<String> BLOCKING =
      Set.of(
          "FieldValueNotSupported",
          "FieldValueRequired",
          "FieldValueTooLong",
          "FieldValueTooMany",
          "FieldValueTypeInvalid");

  private final String apiVersion;
  private final String kind;
  private final @Nullable Structural schema;
  private final ApplyType applyType;
  private final @Nullable RuleEngine rules;

  /**
   * Fails where the CEL library is missing: at the start of a server rather than in the answer to
   * some later request.
   *
   * @throws IllegalStateException that names the dependency
   */
  public static void requireRuleEngine() {
    RuleEngine.require();
  }

  private CustomSchema(String apiVersion, String kind, @Nullable Structural schema) {
    this.apiVersion = apiVersion;
    this.kind = kind;
    this.schema = schema;
    this.applyType = StructuralApplyTypes.ofResource(schema);
    this.rules = schema != null && schema.hasRules() ? RuleEngine.compile(schema) : null;
  }

  /**
   * The schema of a version of a CustomResourceDefinition.
   *
   * @param apiVersion group and version
   * @param openApiSchema {@code spec.versions[].schema.openAPIV3Schema}; null when there is none
   */
  public static CustomSchema of(
      String apiVersion, String kind, @Nullable Map<String, @Nullable Object> openApiSchema) {
    return new CustomSchema(
        apiVersion, kind, openApiSchema == null ? null : Structural.parse(openApiSchema));
  }

  /** The schema; null when the version has none. */
  public @Nullable Structural schema() {
    return schema;
  }

  @Override
  public Decoded decode(Json.Parsed document) throws DecodeException {
    Map<String, @Nullable Object> source = Json.asObject(document.value());
    StructuralDecoder decoder = new StructuralDecoder(false);
    Map<String, @Nullable Object> object =
        decoder.decode(source == null ? Map.of() : source, schema);
    StructuralDecoder.fillDefaults(object, schema);
    List<String> problems = new ArrayList<>();
    document.duplicates().forEach(path -> problems.add("duplicate field \"" + path + "\""));
    decoder.unknown().forEach(path -> problems.add("unknown field \"" + path + "\""));
    return new Decoded(object, problems);
  }

  /** {@link #decode} of a value without repeated keys. */
  public Decoded decode(Map<String, @Nullable Object> value) throws DecodeException {
    return decode(new Json.Parsed(value, List.of()));
  }

  /**
   * A stored object of this version as it is read: pruned and defaulted by this schema. Metadata
   * that cannot be read is dropped.
   */
  public Map<String, @Nullable Object> adopt(Map<String, @Nullable Object> stored) {
    Map<String, @Nullable Object> object = convert(stored);
    StructuralDecoder.fillDefaults(object, schema);
    return object;
  }

  /**
   * An object of another version in this one: apiVersion changed and pruned by this schema, which
   * is all that conversion without a webhook does; defaults are those of the other version.
   */
  public Map<String, @Nullable Object> convert(Map<String, @Nullable Object> other) {
    Map<String, @Nullable Object> source = Json.newObject();
    source.putAll(other);
    source.put("apiVersion", apiVersion);
    try {
      return new StructuralDecoder(true).decode(source, schema);
    } catch (DecodeException e) {
      throw new IllegalStateException("stored objects have a kind and metadata", e);
    }
  }

  @Override
  public Map<String, @Nullable Object> empty() {
    return Json.objectOf("apiVersion", apiVersion, "kind", kind);
  }

  @Override
  public ApplyType applyType() {
    return applyType;
  }

  /**
   * What is wrong with an object.
   *
   * @param errors causes of a 422
   * @param warnings what an update lets pass because it did not change it; each goes out as a
   *     Warning header
   */
  public record Findings(List<FieldError> errors, List<String> warnings) {}

  /**
   * What is wrong with an object, metadata apart.
   *
   * @param object the new object, decoded
   * @param old the stored object in this version; null on create
   * @param scale {@code subresources.scale} of the version; null when there is none
   */
  public Findings validate(
      Map<String, @Nullable Object> object,
      @Nullable Map<String, @Nullable Object> old,
      @Nullable Map<String, @Nullable Object> scale) {
    List<FieldError> errors = new ArrayList<>();
    Correlation correlation = old == null ? null : new Correlation(object, old, schema);
    if (schema != null) {
      errors.addAll(StructuralValidator.validate(schema, object, "", correlation));
    }
    errors.addAll(StructuralChecks.scale(object, scale, true));
    if (schema != null) {
      errors.addAll(StructuralChecks.embedded(schema, object));
      if (old == null || StructuralChecks.uniqueness(schema, old).isEmpty()) {
        errors.addAll(StructuralChecks.uniqueness(schema, object));
      }
    }
    return new Findings(errors, checkRules(object, old, correlation, errors));
  }

  /** What is wrong with a write of the status subresource, metadata apart. */
  public Findings validateStatus(
      Map<String, @Nullable Object> object,
      Map<String, @Nullable Object> old,
      @Nullable Map<String, @Nullable Object> scale) {
    List<FieldError> errors = new ArrayList<>();
    Correlation correlation = new Correlation(object, old, schema);
    Structural status = schema == null ? null : schema.properties().get("status");
    if (status != null && object.containsKey("status")) {
      errors.addAll(
          StructuralValidator.validate(
              status, object.get("status"), "status", correlation.key("status")));
    }
    errors.addAll(StructuralChecks.scale(object, scale, false));
    if (schema != null && StructuralChecks.uniqueness(schema, old).isEmpty()) {
      errors.addAll(StructuralChecks.uniqueness(schema, object));
    }
    return new Findings(errors, checkRules(object, old, correlation, errors));
  }

  private List<String> checkRules(
      Map<String, @Nullable Object> object,
      @Nullable Map<String, @Nullable Object> old,
      @Nullable Correlation correlation,
      List<FieldError> errors) {
    List<String> warnings = new ArrayList<>();
    if (rules == null) {
      return warnings;
    }
    if (errors.stream().anyMatch(error -> BLOCKING.contains(error.reason()))) {
      errors.add(
          FieldError.invalid(
              "<nil>",
              null,
              "some validation rules were not checked because the object was invalid; correct the"
                  + " existing errors to complete validation"));
      return warnings;
    }
    rules.validate(object, old, correlation, errors, warnings);
    return warnings;
  }
}

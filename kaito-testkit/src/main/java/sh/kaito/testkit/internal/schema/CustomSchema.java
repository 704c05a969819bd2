package sh.kaito.testkit.internal.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** A custom resource in one version. */
public final class CustomSchema implements ObjectSchema {
  private final String apiVersion;
  private final String kind;

  private CustomSchema(String apiVersion, String kind) {
    this.apiVersion = apiVersion;
    this.kind = kind;
  }

  /**
   * The schema of a version of a CustomResourceDefinition.
   *
   * @param openApiSchema {@code spec.versions[].schema.openAPIV3Schema}; null when there is none
   */
  public static CustomSchema of(
      String apiVersion, String kind, @Nullable Map<String, @Nullable Object> openApiSchema) {
    return new CustomSchema(apiVersion, kind);
  }

  @Override
  public Decoded decode(Json.Parsed document) throws DecodeException {
    Map<String, @Nullable Object> object = Json.asObject(document.value());
    return new Decoded(object == null ? Json.newObject() : Json.copyObject(object), List.of());
  }

  @Override
  public Map<String, @Nullable Object> empty() {
    return Json.objectOf("apiVersion", apiVersion, "kind", kind);
  }

  @Override
  public ApplyType applyType() {
    return ApplyType.deduced();
  }
}

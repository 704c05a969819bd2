package sh.kaito.testkit.internal.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * The versions of a definition as the real server holds them inside: what is the same in all of
 * them stands once at {@code spec}, and error paths name it there.
 */
final class HoistedVersions {
  /** Takes a schema with its path, and whether the status subresource is on. */
  interface SchemaVisitor {
    void visit(String path, Map<String, @Nullable Object> schema, boolean status);
  }

  /** Takes printer columns with their path. */
  interface ColumnsVisitor {
    void visit(String path, List<?> columns);
  }

  /** Takes a scale subresource with its path. */
  interface ScaleVisitor {
    void visit(String path, Map<String, @Nullable Object> scale);
  }

  private final List<@Nullable Object> versions;
  private final boolean sameSchema;
  private final boolean sameSubresources;
  private final boolean sameColumns;

  private HoistedVersions(List<@Nullable Object> versions) {
    this.versions = versions;
    this.sameSchema = isSame("schema");
    this.sameSubresources = isSame("subresources");
    this.sameColumns = isSame("additionalPrinterColumns");
  }

  static HoistedVersions of(List<@Nullable Object> versions) {
    return new HoistedVersions(versions);
  }

  private boolean isSame(String key) {
    Object first = versions.isEmpty() ? null : Json.get(versions.get(0), key);
    return versions.stream().allMatch(version -> Objects.equals(Json.get(version, key), first));
  }

  private boolean anyStatus() {
    return versions.stream().anyMatch(v -> Json.get(v, "subresources", "status") != null);
  }

  void forEachSchema(SchemaVisitor visitor) {
    for (int i = 0; i < versions.size() && (i == 0 || !sameSchema); i++) {
      Map<String, @Nullable Object> schema =
          Json.object(versions.get(i), "schema", "openAPIV3Schema");
      if (schema == null) {
        continue;
      }
      String path = sameSchema ? "spec.validation" : "spec.versions[" + i + "].schema";
      boolean status =
          sameSchema ? anyStatus() : Json.get(versions.get(i), "subresources", "status") != null;
      visitor.visit(path + ".openAPIV3Schema", schema, status);
    }
  }

  void forEachColumns(ColumnsVisitor visitor) {
    for (int i = 0; i < versions.size() && (i == 0 || !sameColumns); i++) {
      List<@Nullable Object> columns = Json.list(versions.get(i), "additionalPrinterColumns");
      if (columns != null) {
        String path = sameColumns ? "spec" : "spec.versions[" + i + "]";
        visitor.visit(path + ".additionalPrinterColumns", columns);
      }
    }
  }

  void forEachScale(ScaleVisitor visitor) {
    for (int i = 0; i < versions.size() && (i == 0 || !sameSubresources); i++) {
      Map<String, @Nullable Object> scale = Json.object(versions.get(i), "subresources", "scale");
      if (scale != null) {
        String path = sameSubresources ? "spec" : "spec.versions[" + i + "]";
        visitor.visit(path + ".subresources.scale", scale);
      }
    }
  }

  /** The versions as an error shows them; null stays null. */
  @Nullable Object shown(@Nullable List<@Nullable Object> original) {
    if (original == null) {
      return null;
    }
    List<@Nullable Object> result = new ArrayList<>();
    for (Object version : versions) {
      result.add(new ShownVersion(version, sameSchema, sameSubresources, sameColumns).toJson());
    }
    return new InOrder(result);
  }

  /** A list that field errors print with its keys in their order. */
  private record ShownVersion(
      @Nullable Object version, boolean schema, boolean subresources, boolean columns) {
    Map<String, @Nullable Object> toJson() {
      return Json.objectOf(
          "Name", Json.text(version, "name"),
          "Served", Json.isTrue(version, "served"),
          "Storage", Json.isTrue(version, "storage"),
          "Deprecated", Json.isTrue(version, "deprecated"),
          "DeprecationWarning", Json.get(version, "deprecationWarning"),
          "Schema", schema ? null : Json.get(version, "schema"),
          "Subresources", subresources ? null : Json.get(version, "subresources"),
          "AdditionalPrinterColumns",
              columns ? null : Json.get(version, "additionalPrinterColumns"),
          "SelectableFields", Json.get(version, "selectableFields"));
    }
  }

  /** A value of which errors print the keys in their order. */
  record InOrder(Object value) {
    @Override
    public String toString() {
      return Json.writeString(value);
    }
  }
}

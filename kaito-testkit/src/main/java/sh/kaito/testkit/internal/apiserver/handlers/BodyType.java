package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.api.Schemas;
import sh.kaito.testkit.internal.schema.BuiltInSchema;
import sh.kaito.testkit.internal.schema.CustomSchema;
import sh.kaito.testkit.internal.schema.ObjectSchema;

/**
 * What a body is: the resource's own kind, or that of a subresource with a kind of its own.
 *
 * @param group empty for the core group
 */
record BodyType(String group, String version, String kind, ObjectSchema schema) {

  /** Objects of a resource. */
  static BodyType of(ResourceType type, Schemas schemas) {
    return new BodyType(type.group(), type.version(), type.kind(), schemas.of(type));
  }

  /** A built-in kind. */
  static BodyType builtIn(String group, String version, String kind) {
    return new BodyType(
        group,
        version,
        kind,
        Objects.requireNonNull(BuiltInSchema.of(group, version, kind), () -> "no kind " + kind));
  }

  boolean isCustom() {
    return schema instanceof CustomSchema;
  }

  /** The built-in schema; null for custom resources. */
  @Nullable BuiltInSchema builtInSchema() {
    return schema instanceof BuiltInSchema builtIn ? builtIn : null;
  }

  String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** The package that the server's own words call the group. */
  String internalGroup() {
    return group.isEmpty() ? "core" : group.replaceAll("\\..*", "");
  }
}

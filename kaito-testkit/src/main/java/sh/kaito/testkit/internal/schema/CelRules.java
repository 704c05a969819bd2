package sh.kaito.testkit.internal.schema;

import dev.cel.bundle.Cel;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** CEL rules compiled once per schema, evaluated per object. Safe from any thread. */
final class CelRules implements RuleEngine {
  /** A test starts two or three servers with a handful of definitions each. */
  static final CompiledOnce<Structural, CelRules> COMPILED = new CompiledOnce<>(32, CelRules::new);

  /** Messages that an expression makes may have this many bytes. */
  private static final int MAX_MESSAGE = 5 * 1024;

  /** A rule ready to run, or why it is not. */
  private record Compiled(
      Structural.Rule rule,
      CelRuntime.@Nullable Program program,
      CelRuntime.@Nullable Program message,
      boolean usesOldSelf,
      String error) {}

  /** The rules of a schema node and of what is below it. */
  private static final class Node {
    final Structural schema;
    final boolean root;
    final List<Compiled> rules = new ArrayList<>();
    final Map<String, Node> properties = new LinkedHashMap<>();
    @Nullable Node additional;
    @Nullable Node items;

    Node(Structural schema, boolean root) {
      this.schema = schema;
      this.root = root;
    }

    boolean isEmpty() {
      return rules.isEmpty() && properties.isEmpty() && additional == null && items == null;
    }
  }

  private final Cel plain = CelEnvironment.with(SimpleType.DYN);
  private final Cel optional = CelEnvironment.with(OptionalType.create(SimpleType.DYN));
  private final Node root;

  private CelRules(Structural schema) {
    root = compile(schema, true);
  }

  private Node compile(Structural schema, boolean isRoot) {
    Node node = new Node(schema, isRoot);
    for (Structural.Rule rule : schema.rules()) {
      node.rules.add(compile(rule));
    }
    schema
        .properties()
        .forEach(
            (name, property) -> {
              Node child = compile(property, false);
              if (!child.isEmpty()) {
                node.properties.put(name, child);
              }
            });
    node.additional = child(schema.additional());
    node.items = child(schema.items());
    return node;
  }

  private @Nullable Node child(@Nullable Structural schema) {
    if (schema == null) {
      return null;
    }
    Node child = compile(schema, false);
    return child.isEmpty() ? null : child;
  }

  private Compiled compile(Structural.Rule rule) {
    Cel cel = Boolean.TRUE.equals(rule.optionalOldSelf()) ? optional : plain;
    try {
      CelAbstractSyntaxTree ast = cel.compile(rule.rule()).getAst();
      boolean usesOldSelf =
          ast.getReferenceMap().values().stream().anyMatch(r -> r.name().equals("oldSelf"));
      CelRuntime.Program message =
          rule.messageExpression().isEmpty()
              ? null
              : plain.createProgram(plain.compile(rule.messageExpression()).getAst());
      return new Compiled(rule, cel.createProgram(ast), message, usesOldSelf, "");
    } catch (CelValidationException | CelEvaluationException e) {
      return new Compiled(rule, null, null, false, "compilation failed: " + e.getMessage());
    }
  }

  @Override
  public void validate(
      Map<String, @Nullable Object> object,
      @Nullable Map<String, @Nullable Object> old,
      @Nullable Correlation correlation,
      List<FieldError> errors,
      List<String> warnings) {
    new Run(errors, warnings).visit(root, object, old, "", correlation, null);
  }

  /** One evaluation of all rules. */
  private record Run(List<FieldError> errors, List<String> warnings) {

    /**
     * @param correlation the old value at the same place; null where it cannot be found
     * @param nearest the nearest place above where it can
     */
    void visit(
        Node node,
        @Nullable Object value,
        @Nullable Object old,
        String path,
        @Nullable Correlation correlation,
        @Nullable Correlation nearest) {
      if (value == null) {
        return;
      }
      evaluate(node, value, old, path, correlation == null ? nearest : correlation);
      Correlation above = correlation == null ? nearest : correlation;
      if (value instanceof List<?> list && node.items != null) {
        for (int i = 0; i < list.size(); i++) {
          Correlation child = correlation == null ? null : correlation.index(i);
          Object oldItem = oldItem(node.schema, list.get(i), old);
          visit(node.items, list.get(i), oldItem, path + "[" + i + "]", child, above);
        }
      } else if (value instanceof Map<?, ?> map) {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          String name = (String) entry.getKey();
          Object oldField = old instanceof Map<?, ?> oldMap ? oldMap.get(name) : null;
          Correlation child = correlation == null ? null : correlation.key(name);
          Node property = node.properties.get(name);
          if (property != null) {
            String below = StructuralChecks.child(path, name);
            visit(property, entry.getValue(), oldField, below, child, above);
          } else if (node.additional != null && !node.schema.properties().containsKey(name)) {
            String below = path + "[" + name + "]";
            visit(node.additional, entry.getValue(), oldField, below, child, above);
          }
        }
      }
    }

    /** The old item with the same keys, in lists of type map. */
    private static @Nullable Object oldItem(
        Structural list, @Nullable Object item, @Nullable Object old) {
      if (!(old instanceof List<?> oldList)) {
        return null;
      }
      Correlation correlation =
          new Correlation(List.of(item == null ? Map.of() : item), oldList, list);
      Correlation child = correlation.index(0);
      return child == null ? null : child.oldValue();
    }

    private void evaluate(
        Node node, Object value, @Nullable Object old, String path, @Nullable Correlation ratchet) {
      if (node.rules.isEmpty()) {
        return;
      }
      Object self = CelValues.convert(node.schema, value, node.root);
      Object oldSelf = old == null ? null : CelValues.convert(node.schema, old, node.root);
      for (Compiled rule : node.rules) {
        boolean isOptional = Boolean.TRUE.equals(rule.rule.optionalOldSelf());
        CelRuntime.Program program = rule.program;
        if (program == null) {
          errors.add(
              FieldError.invalid(
                  field(path), node.schema.type(), "rule compile error: " + rule.error));
          continue;
        }
        if (rule.usesOldSelf && old == null && !isOptional) {
          continue;
        }
        Map<String, Object> variables = new HashMap<>();
        variables.put("self", self);
        if (isOptional) {
          variables.put("oldSelf", Optional.ofNullable(oldSelf));
        } else if (oldSelf != null) {
          variables.put("oldSelf", oldSelf);
        }
        try {
          if (Boolean.TRUE.equals(program.eval(variables))) {
            continue;
          }
        } catch (CelEvaluationException e) {
          errors.add(
              FieldError.invalid(
                  field(path),
                  node.schema.type(),
                  e.getMessage() + " evaluating rule: " + name(rule.rule)));
          continue;
        }
        if (oldSelf != null) {
          variables.put("oldSelf", oldSelf);
        }
        FieldError error = failure(node.schema, rule, value, path, variables);
        if (!rule.usesOldSelf && ratchet != null && ratchet.isEqual()) {
          warnings.add(error.toString());
        } else {
          errors.add(error);
        }
      }
    }

    private static String field(String path) {
      return path.isEmpty() ? "<nil>" : path;
    }

    private static String name(Structural.Rule rule) {
      return (rule.message().isEmpty() ? rule.rule() : rule.message()).strip();
    }

    private static FieldError failure(
        Structural schema,
        Compiled rule,
        Object value,
        String path,
        Map<String, Object> variables) {
      String detail = message(rule, variables);
      if (detail == null) {
        detail =
            rule.rule.message().isEmpty()
                ? "failed rule: " + name(rule.rule)
                : rule.rule.message().strip();
      }
      String field = field(path);
      String relative = relative(rule.rule.fieldPath());
      if (!relative.isEmpty()) {
        field = path.isEmpty() ? relative : path + "." + relative;
      }
      boolean omitted = schema.type().equals("object") || schema.type().equals("array");
      String shown =
          omitted ? "" : ": " + sh.kaito.testkit.internal.json.GoFormat.fieldValue(value);
      return switch (rule.rule.reason()) {
        case "FieldValueForbidden" -> FieldError.forbidden(field, detail);
        case "FieldValueRequired" -> FieldError.required(field, detail);
        case "FieldValueDuplicate" ->
            new FieldError("FieldValueDuplicate", field, "Duplicate value" + shown);
        default ->
            new FieldError("FieldValueInvalid", field, "Invalid value" + shown + ": " + detail);
      };
    }

    /** {@code .a['b']} as it stands in the path of an error: {@code a[b]}. */
    private static String relative(String fieldPath) {
      String path = fieldPath.startsWith(".") ? fieldPath.substring(1) : fieldPath;
      return path.replace("['", "[").replace("']", "]");
    }

    /** What the message expression says; null when it says nothing usable. */
    private static @Nullable String message(Compiled rule, Map<String, Object> variables) {
      CelRuntime.Program program = rule.message;
      if (program == null) {
        return null;
      }
      Object result;
      try {
        result = program.eval(variables);
      } catch (CelEvaluationException e) {
        // As in the real server, the static message takes its place.
        return null;
      }
      if (!(result instanceof String text)) {
        return null;
      }
      String stripped = text.strip();
      boolean usable =
          !stripped.isEmpty()
              && stripped.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= MAX_MESSAGE
              && stripped.indexOf('\n') < 0;
      return usable ? stripped : null;
    }
  }
}

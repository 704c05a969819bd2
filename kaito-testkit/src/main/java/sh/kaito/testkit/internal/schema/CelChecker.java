package sh.kaito.testkit.internal.schema;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import dev.cel.bundle.Cel;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks the rules of one schema node against its types, as the real server does when a definition
 * is written. One use, one thread.
 */
final class CelChecker {
  /** The Workspace's definition has about fifty nodes with rules in each version. */
  static final CompiledOnce<Node, List<RuleEngine.Problem>> CHECKED =
      new CompiledOnce<>(512, node -> check(node.schema(), node.root()));

  private static final Pattern PLACE = Pattern.compile("(ERROR: <input>:\\d+:\\d+: )");

  /** The types of the objects below the node, by their names. */
  private final Map<String, CelType> structs = new LinkedHashMap<>();

  private CelChecker() {}

  /**
   * A schema node with rules.
   *
   * @param root whether it is that of whole resources
   */
  record Node(Structural schema, boolean root) {}

  private static List<RuleEngine.Problem> check(Structural schema, boolean root) {
    CelChecker checker = new CelChecker();
    // No expression can spell that name and so take the type for a value.
    CelType self = checker.type(schema, root, "@self");
    List<RuleEngine.Problem> problems = new ArrayList<>();
    for (Structural.Rule rule : schema.rules()) {
      boolean optional = Boolean.TRUE.equals(rule.optionalOldSelf());
      CelType known = self == null ? SimpleType.DYN : self;
      CelType old = optional ? OptionalType.create(known) : known;
      Cel cel = CelEnvironment.with(known, old, checker.provider());
      problems.add(
          new RuleEngine.Problem(
              problem(
                  cel,
                  rule.rule(),
                  SimpleType.BOOL,
                  "compilation failed: ",
                  "cel expression must evaluate to a bool"),
              problem(
                  cel,
                  rule.messageExpression(),
                  SimpleType.STRING,
                  "messageExpression compilation failed: ",
                  "messageExpression must evaluate to a string")));
    }
    return List.copyOf(problems);
  }

  private static String problem(
      Cel cel, String expression, CelType wanted, String failed, String wrongType) {
    if (expression.isEmpty()) {
      return "";
    }
    CelValidationResult parsed = cel.parse(expression);
    if (parsed.hasError()) {
      // The real server's parser says of what kind its errors are.
      return failed + PLACE.matcher(parsed.getErrorString()).replaceAll("$1Syntax error: ");
    }
    try {
      CelType result = cel.compile(expression).getAst().getResultType();
      return result.equals(wanted) || result.equals(SimpleType.DYN) ? "" : wrongType;
    } catch (CelValidationException e) {
      return failed + e.getMessage();
    }
  }

  private CelTypeProvider provider() {
    ImmutableMap<String, CelType> types = ImmutableMap.copyOf(structs);
    return new CelTypeProvider() {
      @Override
      public ImmutableCollection<CelType> types() {
        return types.values();
      }

      @Override
      public Optional<CelType> findType(String name) {
        return Optional.ofNullable(types.get(name));
      }
    };
  }

  /** Null for what has no type, and is no field therefore. */
  private @Nullable CelType type(Structural schema, boolean resource, String name) {
    if (schema.intOrString()) {
      return SimpleType.DYN;
    }
    return switch (schema.type()) {
      case "object" -> object(schema, resource || schema.embedded(), name);
      case "array" -> {
        CelType items = schema.items() == null ? null : type(schema.items(), false, name + ".@idx");
        yield items == null ? null : ListType.create(items);
      }
      case "string" -> string(schema);
      case "boolean" -> SimpleType.BOOL;
      case "number" -> SimpleType.DOUBLE;
      case "integer" -> SimpleType.INT;
      default -> null;
    };
  }

  private static CelType string(Structural schema) {
    Object format = schema.source().get("format");
    return switch (format instanceof String text ? text.replace("-", "") : "") {
      case "byte" -> SimpleType.BYTES;
      case "duration" -> SimpleType.DURATION;
      case "date", "datetime" -> SimpleType.TIMESTAMP;
      default -> SimpleType.STRING;
    };
  }

  private @Nullable CelType object(Structural schema, boolean resource, String name) {
    if (schema.additional() != null) {
      CelType values = type(schema.additional(), false, name + ".@elem");
      return values == null ? null : MapType.create(SimpleType.STRING, values);
    }
    Map<String, CelType> fields = new LinkedHashMap<>();
    schema
        .properties()
        .forEach(
            (field, property) -> {
              CelType type = type(property, false, name + "." + field);
              if (type != null) {
                fields.put(CelValues.escape(field), type);
              }
            });
    if (resource) {
      fields.put("apiVersion", SimpleType.STRING);
      fields.put("kind", SimpleType.STRING);
      fields.put(
          "metadata",
          struct(
              name + ".metadata",
              Map.of("name", SimpleType.STRING, "generateName", SimpleType.STRING)));
    }
    return struct(name, fields);
  }

  private CelType struct(String name, Map<String, CelType> declared) {
    ImmutableMap<String, CelType> fields = ImmutableMap.copyOf(declared);
    CelType type =
        StructType.create(name, fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
    structs.put(name, type);
    return type;
  }
}

package sh.kaito.api.model;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelOptionalLibrary;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Evaluates the CEL rules of a CustomResourceDefinition on one object, as an API server does. */
final class CrdCel {
  private final Map<String, Map<?, ?>> schemas = new HashMap<>();
  private final Map<String, CelRuntime.Program> programs = new HashMap<>();
  private final Cel updates = cel(false);
  private final Cel creations = cel(true);

  CrdCel(KaitoCrd crd) {
    Map<?, ?> tree =
        (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(crd.yaml());
    for (Object version : (List<?>) at(tree, "spec", "versions")) {
      schemas.put(
          String.valueOf(at(version, "name")),
          (Map<?, ?>) at(version, "schema", "openAPIV3Schema"));
    }
  }

  private static Cel cel(boolean optionalOldSelf) {
    return CelFactory.standardCelBuilder()
        .setOptions(CelOptions.current().build())
        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
        .addCompilerLibraries(CelOptionalLibrary.INSTANCE)
        .addRuntimeLibraries(CelOptionalLibrary.INSTANCE)
        .addVar("self", SimpleType.DYN)
        .addVar("oldSelf", optionalOldSelf ? OptionalType.create(SimpleType.DYN) : SimpleType.DYN)
        .build();
  }

  static Object at(Object tree, String... keys) {
    Object value = tree;
    for (String key : keys) {
      value = Objects.requireNonNull(((Map<?, ?>) value).get(key), key);
    }
    return value;
  }

  /** Messages of the rules that do not hold; {@code before} is null on creation. */
  List<String> violated(ApiVersion version, @Nullable Object before, Object after) {
    List<String> messages = new ArrayList<>();
    walk(Objects.requireNonNull(schemas.get(version.version())), before, after, messages);
    return messages;
  }

  private void walk(
      Map<?, ?> schema, @Nullable Object before, @Nullable Object after, List<String> messages) {
    if (after == null) {
      return;
    }
    if (schema.get("x-kubernetes-validations") instanceof List<?> rules) {
      for (Object rule : rules) {
        if (!holds((Map<?, ?>) rule, before, after)) {
          messages.add(String.valueOf(at(rule, "message")));
        }
      }
    }
    if (schema.get("properties") instanceof Map<?, ?> properties
        && after instanceof Map<?, ?> map) {
      properties.forEach(
          (name, child) ->
              walk(
                  (Map<?, ?>) child,
                  before instanceof Map<?, ?> old ? old.get(name) : null,
                  map.get(name),
                  messages));
    }
  }

  private boolean holds(Map<?, ?> rule, @Nullable Object before, Object after) {
    String cel = String.valueOf(rule.get("rule"));
    boolean optional = Boolean.TRUE.equals(rule.get("optionalOldSelf"));
    if (!optional && cel.contains("oldSelf") && before == null) {
      return true; // a rule for updates
    }
    Cel environment = optional ? creations : updates;
    Map<String, Object> variables = new HashMap<>();
    variables.put("self", after);
    if (optional) {
      variables.put("oldSelf", Optional.ofNullable(before));
    } else if (before != null) {
      variables.put("oldSelf", before);
    }
    try {
      CelRuntime.Program program = programs.get(cel);
      if (program == null) {
        program = environment.createProgram(environment.compile(cel).getAst());
        programs.put(cel, program);
      }
      return (Boolean) program.eval(variables);
    } catch (CelValidationException | CelEvaluationException e) {
      throw new AssertionError("The rule cannot be evaluated: " + cel, e);
    }
  }
}

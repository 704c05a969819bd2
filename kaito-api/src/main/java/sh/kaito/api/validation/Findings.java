package sh.kaito.api.validation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sh.kaito.api.internal.text.ImageReference;
import sh.kaito.api.internal.text.Names;
import sh.kaito.api.internal.text.Quoted;

/** Collects violations, and has the checks that several rules share. */
final class Findings {
  private final List<Violation> violations = new ArrayList<>();

  void add(String rule, Violation.Builder violation) {
    if (!RuleTable.rows().containsKey(rule)) {
      throw new IllegalArgumentException("The rule " + rule + " is not in the table of rules");
    }
    violations.add(violation.rule(rule).build());
  }

  List<Violation> toList() {
    return List.copyOf(violations);
  }

  /** A Secret or ConfigMap, named by somebody. */
  void objectName(String path, Optional<String> name, String rule) {
    name.ifPresent(text -> objectName(path, text, rule));
  }

  void objectName(String path, String name, String rule) {
    Names.subdomainProblem(name)
        .ifPresent(
            problem -> {
              Violation.Builder violation =
                  Violation.error(path, "the name " + Quoted.of(name) + " " + problem)
                      .found(Quoted.shorten(name))
                      .action("name an object of this namespace");
              Names.repaired(name).ifPresent(violation::nearest);
              add(rule, violation);
            });
  }

  void objectNames(String path, List<String> names, String rule) {
    for (int i = 0; i < names.size(); i++) {
      objectName(path + "[" + i + "]", names.get(i), rule);
    }
  }

  void image(String path, String reference, String rule) {
    ImageReference.problem(reference)
        .ifPresent(
            problem -> {
              boolean placeholder = reference.contains("_HERE");
              add(
                  rule,
                  Violation.error(
                          path, "the image reference " + Quoted.of(reference) + " " + problem)
                      .found(Quoted.shorten(reference))
                      .action(
                          placeholder
                              ? "replace the placeholder by your registry and image name"
                              : "write registry/path:tag in lower case, such as"
                                  + " registry.example.org/adapters/support:1"));
            });
  }
}

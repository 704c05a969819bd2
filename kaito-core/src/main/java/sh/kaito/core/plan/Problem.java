package sh.kaito.core.plan;

import java.util.List;
import java.util.Optional;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.validation.Violation;

/** Shorthand for the violations that planning finds. */
final class Problem {
  private Problem() {}

  /**
   * An error without a list of allowed values.
   *
   * @param rule identifier of the rule, such as {@code V-52}
   * @param path where it stands in the workspace
   * @param found what stands there; empty when something is missing
   * @param problem what is wrong, as the end of a sentence that begins with what was found
   * @param advice what to do; may be empty
   */
  static Violation of(String rule, String path, String found, String problem, String advice) {
    return of(rule, path, found, problem, List.of(), List.of(), advice);
  }

  /**
   * An error.
   *
   * @param allowed what may stand there; empty when that is no list
   * @param nearest what was probably meant, best first
   */
  static Violation of(
      String rule,
      String path,
      String found,
      String problem,
      List<String> allowed,
      List<String> nearest,
      String advice) {
    Violation.Builder violation =
        Violation.error(path, found.isEmpty() ? problem : Quoted.of(found) + " " + problem)
            .rule(rule)
            .allowed(allowed);
    if (!found.isEmpty()) {
      violation.found(Quoted.shorten(found));
    }
    nearest.stream().findFirst().ifPresent(violation::nearest);
    if (!advice.isEmpty()) {
      violation.action(advice);
    }
    return violation.build();
  }

  /** What is wrong inside the text of a ConfigMap, told at the field that names the ConfigMap. */
  static Violation inText(String rule, String path, Violation inside) {
    return inside.toBuilder()
        .rule(rule)
        .path(path)
        .message(
            inside.location().map(place -> place + ": ").orElse("")
                + (inside.path().isEmpty() ? "" : inside.path() + ": ")
                + inside.message())
        .location(Optional.empty())
        .build();
  }

  /** A warning; its message is a sentence about the path. */
  static Violation warning(String path, String message, String advice) {
    Violation.Builder violation = Violation.warning(path, message);
    if (!advice.isEmpty()) {
      violation.action(advice);
    }
    return violation.build();
  }
}

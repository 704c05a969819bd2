package sh.kaito.core.plan;

import java.util.List;

/**
 * A reason why there is no plan.
 *
 * @param rule identifier of the rule, such as {@code V-52}
 * @param path where it stands in the workspace
 * @param found what stands there; empty when something is missing
 * @param problem what is wrong
 * @param allowed what may stand there; empty when that is no list
 * @param nearest what was probably meant
 * @param advice what to do; may be empty
 */
record Problem(
    String rule,
    String path,
    String found,
    String problem,
    List<String> allowed,
    List<String> nearest,
    String advice) {
  static Problem of(String rule, String path, String found, String problem, String advice) {
    return new Problem(rule, path, found, problem, List.of(), List.of(), advice);
  }

  /** One line for a person. */
  String message() {
    StringBuilder text = new StringBuilder();
    if (!path.isEmpty()) {
      text.append(path).append(": ");
    }
    if (!found.isEmpty()) {
      text.append(found).append(' ');
    }
    text.append(problem);
    if (!nearest.isEmpty()) {
      text.append("; did you mean ").append(String.join(" or ", nearest)).append('?');
    }
    if (!advice.isEmpty()) {
      text.append("; ").append(advice);
    }
    return text.toString();
  }
}

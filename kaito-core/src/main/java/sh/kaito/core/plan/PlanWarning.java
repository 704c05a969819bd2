package sh.kaito.core.plan;

/**
 * Something that does not stop the workspace, but that its owner would want to know.
 *
 * @param path where the cause stands in the workspace
 * @param problem what it is
 * @param advice what to do about it; may be empty
 */
public record PlanWarning(String path, String problem, String advice) {
  @Override
  public String toString() {
    return path + ": " + problem + (advice.isEmpty() ? "" : "; " + advice);
  }
}

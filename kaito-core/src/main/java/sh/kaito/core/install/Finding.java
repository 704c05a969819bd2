package sh.kaito.core.install;

/**
 * Something about a cluster that stands in the way of Workspaces, or may.
 *
 * @param severity how bad it is
 * @param subject what it is about, such as {@code DaemonSet} or {@code namespace/gpu}
 * @param problem what is wrong, with what was found
 * @param remedy what to do
 */
public record Finding(Severity severity, String subject, String problem, String remedy) {

  /** How bad it is. */
  public enum Severity {
    /** Nothing will work before it is mended. */
    ERROR,
    /** It may work, or fail late. */
    WARNING
  }

  /** {@code ERROR subject: problem; remedy}. */
  @Override
  public String toString() {
    return severity + " " + subject + ": " + problem + "; " + remedy;
  }
}

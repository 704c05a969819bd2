package sh.kaito.api.validation;

import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;
import sh.kaito.api.internal.text.Nearest;

/**
 * One thing that is wrong, or doubtful, in a Workspace: where, what was found, what is allowed, the
 * nearest valid value, and what to do. Immutable.
 *
 * <p>Values that users wrote are quoted in full up to 80 characters; query strings and credentials
 * of URLs, and values of environment variables, are never quoted.
 */
@Value.Immutable
@Value.Style(
    visibility = Value.Style.ImplementationVisibility.PACKAGE,
    overshadowImplementation = true,
    defaults = @Value.Immutable(copy = false),
    jdkOnly = true)
public abstract class Violation {

  /** How bad it is. */
  public enum Severity {
    /** Refused. */
    ERROR,
    /** Accepted, but probably not what was meant. */
    WARNING
  }

  /** So many allowed values are all listed in the text. */
  private static final int LISTED = 10;

  /** So many are named of a longer list. */
  private static final int CHOSEN = 5;

  Violation() {}

  /** How bad it is. Default {@link Severity#ERROR}. */
  @Value.Default
  public Severity severity() {
    return Severity.ERROR;
  }

  /**
   * JSON path as the API server writes it: {@code inference.adapters[0].strength}, {@code
   * metadata.annotations[kaito.sh/runtime]}. Empty for the whole document.
   */
  public abstract String path();

  /** What is wrong, with what was found; a clause without full stop. */
  public abstract String message();

  /** What was found, as text; absent where nothing was found or where it may be secret. */
  public abstract Optional<String> found();

  /** What is allowed; empty where it cannot be listed. */
  public abstract List<String> allowed();

  /** The allowed value, or field, that is most like what was found. */
  public abstract Optional<String> nearest();

  /** What to do; a clause without full stop. */
  public abstract Optional<String> action();

  /**
   * Name of the rule, such as {@code V-51}, as in the page {@code docs/reference/validation.md}.
   */
  public abstract Optional<String> rule();

  /** Where it stands, when it was read from text. */
  public abstract Optional<SourceLocation> location();

  /** Whether this refuses the Workspace. */
  public final boolean isError() {
    return severity() == Severity.ERROR;
  }

  /** The same with the position that a document knows for {@link #path()}, unless it has one. */
  public final Violation locatedIn(SourceDocument document) {
    return location().isPresent() ? this : toBuilder().location(document.locate(path())).build();
  }

  /**
   * One line: {@code file:line:column: path: message; did you mean "x"?; allowed: a, b; action}. Of
   * more than ten allowed values it names the five that are most like what was found, and how many
   * there are; {@link #allowed()} has all.
   */
  @Override
  public final String toString() {
    StringBuilder text = new StringBuilder();
    location().ifPresent(place -> text.append(place).append(": "));
    if (!path().isEmpty()) {
      text.append(path()).append(": ");
    }
    if (!isError()) {
      text.append("warning: ");
    }
    text.append(message());
    nearest().ifPresent(value -> text.append("; did you mean \"").append(value).append("\"?"));
    if (allowed().size() > LISTED) {
      List<String> some = Nearest.first(found().orElse(""), allowed(), CHOSEN);
      text.append("; ").append(allowed().size()).append(" are allowed, among them ");
      text.append(String.join(", ", some));
    } else if (!allowed().isEmpty()) {
      text.append("; allowed: ").append(String.join(", ", allowed()));
    }
    action().ifPresent(value -> text.append("; ").append(value));
    return text.toString();
  }

  /** A builder; path and message are required. */
  public static Builder builder() {
    return new Builder();
  }

  /** An error at that path. */
  public static Builder error(String path, String message) {
    return builder().path(path).message(message);
  }

  /** A warning at that path. */
  public static Builder warning(String path, String message) {
    return builder().severity(Severity.WARNING).path(path).message(message);
  }

  /** A builder that starts from this value. */
  public final Builder toBuilder() {
    return builder().from(this);
  }

  /** Builds a {@link Violation}. Not thread-safe. */
  public static final class Builder extends ImmutableViolation.Builder {
    Builder() {}
  }
}

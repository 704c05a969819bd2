package sh.kaito.core.plan;

import java.util.Optional;
import org.immutables.value.Value;

/** One changed field of a workspace, and what the change does. Immutable. */
@Value.Immutable
@PlanStyle
public interface FieldChange {
  /** How the field changed. */
  enum Kind {
    /** It was absent. */
    ADDED("added"),
    /** It is absent now. */
    REMOVED("removed"),
    /** It has another value. */
    CHANGED("changed");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** For people, and in JSON. */
    public String text() {
      return text;
    }
  }

  /**
   * JSON path of the field, as in violations: {@code inference.adapters[0].strength}, {@code
   * metadata.annotations[kaito.sh/runtime]}. The content of a ConfigMap stands below the field that
   * names it: {@code inference.config[inference_config.yaml]}.
   */
  String path();

  /** How it changed. */
  Kind kind();

  /**
   * The value before; absent where there was none, where it has parts, and inside pod templates and
   * volumes, where it may be secret. At most 80 characters, URLs without credentials and query.
   */
  Optional<String> before();

  /** The value after; absent as {@link #before()}. */
  Optional<String> after();

  /** What the change does. */
  ChangeEffect effect();

  /** Why; one clause without a full stop. */
  String reason();

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link FieldChange}. Not thread-safe. */
  final class Builder extends ImmutableFieldChange.Builder {
    Builder() {}
  }
}

package sh.kaito.testkit.internal.patch;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.schema.FieldError;
import sh.kaito.testkit.internal.schema.Refusal;

/**
 * What a patch makes of an object, before the result is read into its type.
 *
 * @param object the patched document; keys of objects that the patch touched are sorted, as in the
 *     real server
 * @param problems unknown and repeated keys of the patch itself, to be put before those of the
 *     result; empty when field validation is Ignore
 * @param shown the value that a refusal of the result shows
 */
public record Patched(Map<String, @Nullable Object> object, List<String> problems, String shown) {

  /**
   * The answer when the result does not fit its type, or has problems under field validation
   * Strict.
   *
   * @param message what the decoder said, or {@code strict decoding error: } and the problems
   */
  public Refusal refuse(String message) {
    return Refusal.invalidPatch(FieldError.invalid("patch", shown, message));
  }

  /** The answer when there are problems under field validation Strict. */
  public Refusal refuseStrictly(List<String> allProblems) {
    return refuse("strict decoding error: " + String.join(", ", allProblems));
  }
}

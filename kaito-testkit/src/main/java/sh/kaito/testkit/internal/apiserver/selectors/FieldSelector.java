package sh.kaito.testkit.internal.apiserver.selectors;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.ApiFailure;

/** A parsed field selector: all terms hold. Immutable. */
public final class FieldSelector {
  /** Selects everything. */
  public static final FieldSelector ALL = new FieldSelector(List.of());

  /** One term; {@code equal} is false for {@code !=}. */
  public record Term(String field, String value, boolean equal) {}

  private final List<Term> terms;

  private FieldSelector(List<Term> terms) {
    this.terms = terms;
  }

  /**
   * Reads {@code metadata.name=a,status.phase!=Running}.
   *
   * @throws ApiFailure 400 in the words of the real parser
   */
  public static FieldSelector parse(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return ALL;
    }
    List<Term> terms = new ArrayList<>();
    for (String part : split(text)) {
      if (part.isEmpty()) {
        continue;
      }
      terms.add(term(text, part));
    }
    return new FieldSelector(terms);
  }

  /** Commas separate unless a backslash stands before them. */
  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        part.append(c).append(text.charAt(++i));
      } else if (c == ',') {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    parts.add(part.toString());
    return parts;
  }

  private static Term term(String whole, String part) {
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      if (c == '\\') {
        i++;
      } else if (part.startsWith("!=", i)) {
        return new Term(part.substring(0, i), unescape(part.substring(i + 2)), false);
      } else if (part.startsWith("==", i)) {
        return new Term(part.substring(0, i), unescape(part.substring(i + 2)), true);
      } else if (c == '=') {
        return new Term(part.substring(0, i), unescape(part.substring(i + 1)), true);
      }
    }
    throw ApiFailure.badRequest(
        "invalid selector: '" + whole + "'; can't understand '" + part + "'");
  }

  private static String unescape(String value) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\') {
        if (i + 1 >= value.length() || "\\,=".indexOf(value.charAt(i + 1)) < 0) {
          throw ApiFailure.badRequest(
              "invalid field selector: invalid escape sequence in '" + value + "'");
        }
        out.append(value.charAt(++i));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** The terms. */
  public List<Term> terms() {
    return terms;
  }

  /** Whether there is no term. */
  public boolean isEmpty() {
    return terms.isEmpty();
  }

  /** The value that a field must have, where a term says so. */
  public @Nullable String required(String field) {
    for (Term term : terms) {
      if (term.equal() && term.field().equals(field)) {
        return term.value();
      }
    }
    return null;
  }

  /**
   * Whether an object satisfies all terms.
   *
   * @param fields reads a field of an object; empty when it is absent
   */
  public boolean matches(
      Map<String, Object> object, BiFunction<Map<String, Object>, String, String> fields) {
    if (terms.isEmpty()) {
      return true;
    }

    for (Term term : terms) {
      if (fields.apply(object, term.field()).equals(term.value()) != term.equal()) {
        return false;
      }
    }
    return true;
  }
}

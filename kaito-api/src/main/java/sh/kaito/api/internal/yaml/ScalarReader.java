package sh.kaito.api.internal.yaml;

import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.custom.QuantityFormatException;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.internal.schema.Shape;
import sh.kaito.api.internal.schema.Shape.Kind;
import sh.kaito.api.internal.text.Nearest;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.internal.yaml.SourceNode.Mapping;
import sh.kaito.api.internal.yaml.SourceNode.Scalar;
import sh.kaito.api.validation.Violation;

/** Compares single values with the kind that a field wants. */
final class ScalarReader {

  private static final Pattern QUANTITY =
      Pattern.compile(
          "[+-]?([0-9]{1,40}(\\.[0-9]{0,40})?|\\.[0-9]{1,40})(([KMGTPE]i|[numkMGTPE])|[eE][+-]?[0-9]{1,3})?");

  private static final List<String> SUFFIXES =
      List.of("Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "k", "M", "G", "T", "P", "E", "m", "u", "n");

  private final Problems problems;

  ScalarReader(Problems problems) {
    this.problems = problems;
  }

  @Nullable Object read(SourceNode node, Shape.Scalar expected, String path, SourceNode key) {
    if (!(node instanceof Scalar scalar)) {
      wrongType(node, key, path, expected.kind().description(), "");
      return null;
    }
    Object value = KubectlScalars.resolve(scalar);
    if (value == null) {
      return null;
    }
    Object fitting =
        switch (expected.kind()) {
          case STRING -> string(scalar, value, path);
          case INTEGER -> integer(scalar, value, path);
          case NUMBER -> number(scalar, value, path);
          case BOOLEAN -> bool(scalar, value, path);
          case QUANTITY -> quantity(scalar, value, path);
          case INT_OR_STRING -> intOrString(scalar, value, path);
          case DATE_TIME -> dateTime(scalar, value, path);
          case BYTES -> bytes(scalar, value, path);
        };
    if (fitting instanceof String text
        && !expected.allowed().isEmpty()
        && !expected.allowed().contains(text)) {
      Violation.Builder violation =
          Violation.error(path, "unknown value " + Quoted.of(text))
              .rule("V-08")
              .found(Quoted.shorten(text))
              .allowed(expected.allowed().stream().filter(allowed -> !allowed.isEmpty()).toList());
      Nearest.of(text, expected.allowed()).ifPresent(violation::nearest);
      problems.add(node, violation);
      return null;
    }
    return fitting;
  }

  private @Nullable Object string(Scalar scalar, Object value, String path) {
    if (value instanceof String) {
      return value;
    }
    String quoted = Quoted.of(scalar.text());
    String action = isSecret(path) ? "write the value in quotes" : "write " + quoted + " in quotes";
    wrongType(scalar, scalar, path, Kind.STRING.description(), action);
    return null;
  }

  private @Nullable Object integer(Scalar scalar, Object value, String path) {
    if (value instanceof Long) {
      return value;
    }
    if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
      return number.longValue();
    }
    if (value instanceof BigInteger) {
      problems.add(
          scalar,
          Violation.error(path, "number out of range: " + Quoted.shorten(scalar.text()))
              .found(Quoted.shorten(scalar.text())));
      return null;
    }
    wrongType(scalar, scalar, path, Kind.INTEGER.description(), withoutQuotes(scalar));
    return null;
  }

  private @Nullable Object number(Scalar scalar, Object value, String path) {
    if (value instanceof Number) {
      return value;
    }
    wrongType(scalar, scalar, path, Kind.NUMBER.description(), withoutQuotes(scalar));
    return null;
  }

  private @Nullable Object bool(Scalar scalar, Object value, String path) {
    if (value instanceof Boolean) {
      return value;
    }
    wrongType(scalar, scalar, path, Kind.BOOLEAN.description(), withoutQuotes(scalar));
    return null;
  }

  private @Nullable Object quantity(Scalar scalar, Object value, String path) {
    if (value instanceof Boolean) {
      wrongType(scalar, scalar, path, Kind.QUANTITY.description(), "");
      return null;
    }
    String text = scalar.plain() ? plainNumber(value, scalar) : scalar.text();
    if (QUANTITY.matcher(text).matches() && parses(text)) {
      return text;
    }
    Violation.Builder violation =
        Violation.error(path, "not a quantity: " + Quoted.of(text))
            .found(Quoted.shorten(text))
            .action(
                "write a number with one of the suffixes "
                    + String.join(" ", SUFFIXES)
                    + ", such as 16Gi");
    String number = text.replaceFirst("[A-Za-z]+$", "");
    String suffix = text.substring(number.length());
    String repaired = suffix.length() > 1 ? number + suffix.charAt(0) + "i" : "";
    if (QUANTITY.matcher(repaired).matches()) {
      violation.nearest(repaired);
    }
    problems.add(scalar, violation);
    return null;
  }

  private static String plainNumber(Object value, Scalar scalar) {
    return value instanceof Long || value instanceof BigInteger ? value.toString() : scalar.text();
  }

  private static boolean parses(String text) {
    try {
      Quantity.fromString(text);
      return true;
    } catch (QuantityFormatException | NumberFormatException e) {
      return false;
    }
  }

  private @Nullable Object intOrString(Scalar scalar, Object value, String path) {
    if (value instanceof String || value instanceof Long) {
      return value;
    }
    wrongType(scalar, scalar, path, Kind.INT_OR_STRING.description(), "");
    return null;
  }

  private @Nullable Object dateTime(Scalar scalar, Object value, String path) {
    if (value instanceof String text) {
      try {
        OffsetDateTime.parse(text);
        return text;
      } catch (DateTimeException e) {
        // Said below, with what is expected instead of the parser's words.
      }
    }
    wrongType(scalar, scalar, path, Kind.DATE_TIME.description(), "");
    return null;
  }

  private @Nullable Object bytes(Scalar scalar, Object value, String path) {
    if (value instanceof String text) {
      try {
        Base64.getDecoder().decode(text);
        return text;
      } catch (IllegalArgumentException e) {
        // Said below, without the content.
      }
    }
    wrongType(scalar, scalar, path, Kind.BYTES.description(), "");
    return null;
  }

  private static String withoutQuotes(Scalar scalar) {
    return !scalar.plain() && !(KubectlScalars.resolve(scalar.text()) instanceof String)
        ? "write " + Quoted.shorten(scalar.text()) + " without quotes"
        : "";
  }

  /** Complains that something of another type stands there. */
  void wrongType(SourceNode node, SourceNode key, String path, String expected, String action) {
    Violation.Builder violation =
        Violation.error(path, "expected " + expected + ", found " + describe(node, path))
            .rule("V-08");
    if (node instanceof Scalar scalar && !isSecret(path)) {
      violation.found(Quoted.shorten(scalar.text()));
    }
    if (!action.isEmpty()) {
      violation.action(action);
    }
    problems.add(node instanceof Scalar ? node : key, violation);
  }

  private static String describe(SourceNode node, String path) {
    if (!(node instanceof Scalar scalar)) {
      return node instanceof Mapping ? "a mapping" : "a list";
    }
    Object value = KubectlScalars.resolve(scalar);
    String kind =
        value == null
            ? "nothing"
            : value instanceof Boolean ? "boolean" : value instanceof Number ? "number" : "string";
    if (isSecret(path) || value == null) {
      return value == null ? kind : "a " + kind;
    }
    return "the "
        + kind
        + " "
        + (value instanceof String ? Quoted.of(scalar.text()) : Quoted.shorten(scalar.text()));
  }

  /** Values of environment variables are often passwords. */
  private static boolean isSecret(String path) {
    return path.endsWith("].value") && path.contains(".env[");
  }
}

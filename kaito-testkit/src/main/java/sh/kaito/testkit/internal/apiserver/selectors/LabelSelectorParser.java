package sh.kaito.testkit.internal.apiserver.selectors;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.apiserver.Quoting;

/**
 * The grammar of label selectors with the messages of {@code k8s.io/apimachinery/pkg/labels}. One
 * use.
 */
final class LabelSelectorParser {
  private enum Kind {
    END,
    CLOSED_PAR,
    COMMA,
    DOES_NOT_EXIST,
    DOUBLE_EQUALS,
    EQUALS,
    GREATER,
    IDENTIFIER,
    IN,
    LESS,
    NOT_EQUALS,
    NOT_IN,
    OPEN_PAR
  }

  private record Token(Kind kind, String text) {}

  private final List<Token> tokens = new ArrayList<>();
  private int position;

  LabelSelectorParser(String text) {
    scan(text);
  }

  private void scan(String text) {
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (isBlank(c)) {
        i++;
        continue;
      }
      if (isSpecial(c)) {
        // The longest operator wins: "==" before "=".
        String two = i + 1 < text.length() ? text.substring(i, i + 2) : "";
        if (two.equals("==") || two.equals("!=")) {
          tokens.add(new Token(two.equals("==") ? Kind.DOUBLE_EQUALS : Kind.NOT_EQUALS, two));
          i += 2;
        } else {
          tokens.add(new Token(special(c), String.valueOf(c)));
          i++;
        }
        continue;
      }
      int start = i;
      while (i < text.length() && !isBlank(text.charAt(i)) && !isSpecial(text.charAt(i))) {
        i++;
      }
      String word = text.substring(start, i);
      tokens.add(
          new Token(
              word.equals("in") ? Kind.IN : word.equals("notin") ? Kind.NOT_IN : Kind.IDENTIFIER,
              word));
    }
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private static boolean isSpecial(char c) {
    return "=!(),><".indexOf(c) >= 0;
  }

  private static Kind special(char c) {
    return switch (c) {
      case '=' -> Kind.EQUALS;
      case '!' -> Kind.DOES_NOT_EXIST;
      case '(' -> Kind.OPEN_PAR;
      case ')' -> Kind.CLOSED_PAR;
      case ',' -> Kind.COMMA;
      case '>' -> Kind.GREATER;
      default -> Kind.LESS;
    };
  }

  /** In the place of values, {@code in} and {@code notin} are ordinary words. */
  private Token peek(boolean values) {
    return at(position, values);
  }

  private Token next(boolean values) {
    Token token = at(position, values);
    position++;
    return token;
  }

  private Token at(int index, boolean values) {
    if (index >= tokens.size()) {
      return new Token(Kind.END, "");
    }
    Token token = tokens.get(index);
    return values && (token.kind() == Kind.IN || token.kind() == Kind.NOT_IN)
        ? new Token(Kind.IDENTIFIER, token.text())
        : token;
  }

  LabelSelector parse() {
    List<LabelSelector.Requirement> requirements = new ArrayList<>();
    while (true) {
      Token token = peek(true);
      switch (token.kind()) {
        case IDENTIFIER, DOES_NOT_EXIST -> {
          requirements.add(requirement());
          Token separator = next(false);
          if (separator.kind() == Kind.END) {
            return new LabelSelector(requirements);
          }
          if (separator.kind() != Kind.COMMA) {
            throw bad("found '" + separator.text() + "', expected: ',' or 'end of string'");
          }
          Token after = peek(true);
          if (after.kind() != Kind.IDENTIFIER && after.kind() != Kind.DOES_NOT_EXIST) {
            throw bad("found '" + after.text() + "', expected: identifier after ','");
          }
        }
        case END -> {
          return new LabelSelector(requirements);
        }
        default ->
            throw bad("found '" + token.text() + "', expected: !, identifier, or 'end of string'");
      }
    }
  }

  private static ApiFailure bad(String message) {
    return ApiFailure.badRequest(message);
  }

  private static ApiFailure unparsable(String message) {
    return bad("unable to parse requirement: " + message);
  }

  private LabelSelector.Requirement requirement() {
    boolean absent = false;
    if (peek(true).kind() == Kind.DOES_NOT_EXIST) {
      absent = true;
      next(true);
    }
    Token name = next(true);
    if (name.kind() != Kind.IDENTIFIER) {
      throw unparsable("found '" + name.text() + "', expected: identifier");
    }
    String key = name.text();
    List<String> problems = Names.qualified(key);
    if (!problems.isEmpty()) {
      throw unparsable(
          "key: Invalid value: " + Quoting.go(key) + ": " + String.join("; ", problems));
    }
    if (absent) {
      return new LabelSelector.Requirement(key, LabelSelector.Operator.ABSENT, Set.of());
    }
    Kind following = peek(false).kind();
    if (following == Kind.END || following == Kind.COMMA) {
      return new LabelSelector.Requirement(key, LabelSelector.Operator.EXISTS, Set.of());
    }
    Token operator = next(false);
    return switch (operator.kind()) {
      case IN -> checked(key, LabelSelector.Operator.IN, values());
      case NOT_IN -> checked(key, LabelSelector.Operator.NOT_IN, values());
      case EQUALS, DOUBLE_EQUALS -> checked(key, LabelSelector.Operator.IN, exactValue());
      case NOT_EQUALS -> checked(key, LabelSelector.Operator.NOT_IN, exactValue());
      case GREATER -> number(key, LabelSelector.Operator.GREATER);
      case LESS -> number(key, LabelSelector.Operator.LESS);
      default ->
          throw unparsable(
              "found '" + operator.text() + "', expected: in, notin, =, ==, !=, gt, lt");
    };
  }

  private LabelSelector.Requirement checked(
      String key, LabelSelector.Operator operator, Set<String> values) {
    int index = 0;
    for (String value : values) {
      int at = index++;
      List<String> problems = Names.labelValue(value);
      if (!problems.isEmpty()) {
        throw unparsable(
            "values["
                + at
                + "]["
                + key
                + "]: Invalid value: "
                + Quoting.go(value)
                + ": "
                + String.join("; ", problems));
      }
    }
    return new LabelSelector.Requirement(key, operator, values);
  }

  private LabelSelector.Requirement number(String key, LabelSelector.Operator operator) {
    Set<String> values = exactValue();
    String value = values.iterator().next();
    try {
      Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw unparsable(
          "values[0]: Invalid value: "
              + Quoting.go(value)
              + ": for 'Gt', 'Lt' operators, the value must be an integer");
    }
    return new LabelSelector.Requirement(key, operator, values);
  }

  private Set<String> exactValue() {
    Kind following = peek(true).kind();
    if (following == Kind.END || following == Kind.COMMA) {
      return Set.of("");
    }
    Token value = next(true);
    if (value.kind() != Kind.IDENTIFIER) {
      throw unparsable("found '" + value.text() + "', expected: identifier");
    }
    return Set.of(value.text());
  }

  private Set<String> values() {
    Token open = next(true);
    if (open.kind() != Kind.OPEN_PAR) {
      throw unparsable("found '" + open.text() + "' expected: '('");
    }
    Set<String> values = new LinkedHashSet<>();
    Token first = peek(true);
    switch (first.kind()) {
      case IDENTIFIER, COMMA -> {
        identifiers(values);
        Token close = next(true);
        if (close.kind() != Kind.CLOSED_PAR) {
          throw unparsable("found '" + close.text() + "', expected: ')'");
        }
      }
      case CLOSED_PAR -> {
        next(true);
        values.add("");
      }
      default -> throw unparsable("found '" + first.text() + "', expected: ',', ')' or identifier");
    }
    return values;
  }

  private void identifiers(Set<String> values) {
    while (true) {
      Token token = next(true);
      switch (token.kind()) {
        case IDENTIFIER -> {
          values.add(token.text());
          Token following = peek(true);
          if (following.kind() == Kind.CLOSED_PAR) {
            return;
          }
          if (following.kind() != Kind.COMMA) {
            throw unparsable("found '" + following.text() + "', expected: ',' or ')'");
          }
        }
        case COMMA -> {
          if (values.isEmpty()) {
            values.add("");
          }
          if (peek(true).kind() == Kind.CLOSED_PAR) {
            values.add("");
            return;
          }
          if (peek(true).kind() == Kind.COMMA) {
            next(true);
            values.add("");
          }
        }
        default -> throw unparsable("found '" + token.text() + "', expected: ',', or identifier");
      }
    }
  }
}

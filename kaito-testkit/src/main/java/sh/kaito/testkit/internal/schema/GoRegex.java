package sh.kaito.testkit.internal.schema;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Regular expressions in Go's syntax, run by Java's engine. */
final class GoRegex {
  private GoRegex() {}

  /** The pattern, or null when it is none. */
  static @Nullable Pattern compile(String pattern) {
    try {
      return Pattern.compile(translate(pattern));
    } catch (PatternSyntaxException e) {
      return null;
    }
  }

  /** What is wrong with a pattern, in Go's words; null when nothing is. */
  static @Nullable String error(String pattern) {
    int depth = 0;
    boolean repeatable = false;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      switch (c) {
        case '\\' -> {
          if (i + 1 == pattern.length()) {
            return "error parsing regexp: trailing backslash at end of expression: ``";
          }
          i++;
          repeatable = true;
        }
        case '[' -> {
          int end = classEnd(pattern, i);
          if (end < 0) {
            return "error parsing regexp: missing closing ]: `" + pattern.substring(i) + "`";
          }
          i = end;
          repeatable = true;
        }
        case '(' -> {
          depth++;
          repeatable = false;
        }
        case ')' -> {
          if (depth == 0) {
            return "error parsing regexp: unexpected ): `" + pattern + "`";
          }
          depth--;
          repeatable = true;
        }
        case '*', '+', '?' -> {
          boolean groupMark = c == '?' && i > 0 && pattern.charAt(i - 1) == '(';
          if (!repeatable && !groupMark) {
            return "error parsing regexp: missing argument to repetition operator: `" + c + "`";
          }
        }
        case '|' -> repeatable = false;
        default -> repeatable = true;
      }
    }
    if (depth > 0) {
      return "error parsing regexp: missing closing ): `" + pattern + "`";
    }
    return compile(pattern) == null
        ? "error parsing regexp: invalid or unsupported Perl syntax: `" + pattern + "`"
        : null;
  }

  private static int classEnd(String pattern, int start) {
    int i = start + 1;
    if (i < pattern.length() && pattern.charAt(i) == '^') {
      i++;
    }
    for (int first = i; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '[' && pattern.startsWith("[:", i) && pattern.indexOf(":]", i) > 0) {
        i = pattern.indexOf(":]", i) + 1;
      } else if (c == ']' && i > first) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Go's {@code $} is the end of the text and not before a last newline; in a class {@code [} and
   * {@code &&} are plain characters; named groups are written {@code (?P<name>}.
   */
  private static String translate(String pattern) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\' && i + 1 < pattern.length()) {
        out.append(c).append(pattern.charAt(++i));
      } else if (c == '[') {
        int end = classEnd(pattern, i);
        if (end < 0) {
          return pattern;
        }
        charClass(pattern.substring(i + 1, end), out);
        i = end;
      } else if (c == '$' && !pattern.contains("(?m")) {
        out.append("\\z");
      } else if (pattern.startsWith("(?P<", i)) {
        out.append("(?<");
        i += 3;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static void charClass(String body, StringBuilder out) {
    out.append('[');
    for (int i = 0; i < body.length(); i++) {
      char c = body.charAt(i);
      if (c == '\\' && i + 1 < body.length()) {
        out.append(c).append(body.charAt(++i));
      } else if (c == '[' && body.startsWith("[:", i) && body.indexOf(":]", i) > 0) {
        int end = body.indexOf(":]", i);
        out.append(posixClass(body.substring(i + 2, end)));
        i = end + 1;
      } else if (c == '[' || c == ']' || c == '&') {
        out.append('\\').append(c);
      } else {
        out.append(c);
      }
    }
    out.append(']');
  }

  private static String posixClass(String name) {
    boolean negated = name.startsWith("^");
    String set =
        switch (negated ? name.substring(1) : name) {
          case "alpha" -> "Alpha";
          case "digit" -> "Digit";
          case "alnum" -> "Alnum";
          case "upper" -> "Upper";
          case "lower" -> "Lower";
          case "punct" -> "Punct";
          case "print" -> "Print";
          case "graph" -> "Graph";
          case "blank" -> "Blank";
          case "cntrl" -> "Cntrl";
          case "xdigit" -> "XDigit";
          default -> "Space";
        };
    return (negated ? "\\P{" : "\\p{") + set + "}";
  }
}

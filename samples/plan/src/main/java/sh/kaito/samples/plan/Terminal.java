package sh.kaito.samples.plan;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.regex.Pattern;

/** Colour, where a person looks: never in a file or a pipe, never where NO_COLOR is set. */
final class Terminal {
  private static final Pattern TITLE =
      Pattern.compile("(?m)^(Workspace .*|Warnings|Migration|Refused|GPU memory.*)$");

  private final boolean colour;

  private Terminal(boolean colour) {
    this.colour = colour;
  }

  static Terminal plain() {
    return new Terminal(false);
  }

  static Terminal coloured() {
    return new Terminal(true);
  }

  static Terminal of(Map<String, String> environment) {
    Console console = System.console();
    return new Terminal(
        console != null
            && isTerminal(console)
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "dumb").equals("dumb"));
  }

  /** From Java 22 on there is a console in a pipe too, and a method that tells. */
  private static boolean isTerminal(Console console) {
    try {
      return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("Console.isTerminal is public and throws nothing", e);
    }
  }

  String titles(String text) {
    return colour ? TITLE.matcher(text).replaceAll("\u001b[1m$1\u001b[0m") : text;
  }

  String error(String text) {
    return colour ? "\u001b[31m" + text + "\u001b[0m" : text;
  }

  String warning(String text) {
    return colour ? "\u001b[33m" + text + "\u001b[0m" : text;
  }
}

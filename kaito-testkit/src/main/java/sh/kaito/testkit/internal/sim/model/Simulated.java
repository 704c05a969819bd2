package sh.kaito.testkit.internal.sim.model;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * The words of the stub: the same question always gets the same answer, and the answer says that it
 * is simulated.
 */
final class Simulated {
  /** Characters of a question that an answer repeats. */
  private static final int ECHO = 400;

  private Simulated() {}

  static String answer(String model, String question) {
    String asked = question.strip();
    if (asked.length() > ECHO) {
      // Not between the halves of a surrogate pair.
      int end = Character.isHighSurrogate(asked.charAt(ECHO - 1)) ? ECHO - 1 : ECHO;
      asked = asked.substring(0, end) + "...";
    }
    return "[simulated " + model + "] You asked: " + asked;
  }

  /** The name of a model that adapters were merged into. */
  static String merged(String model, List<String> adapters) {
    return adapters.isEmpty() ? model : model + " + " + String.join(" + ", adapters);
  }

  /** At most so many words of a text, never fewer than its first two: the mark stays readable. */
  static String limit(String text, int words) {
    int keep = Math.max(2, words);
    int at = 0;
    for (int seen = 0; seen < keep; seen++) {
      int space = text.indexOf(' ', at);
      if (space < 0) {
        return text;
      }
      at = space + 1;
    }
    return text.substring(0, at).stripTrailing();
  }

  /** Words, which stand for tokens. */
  static int tokens(String text) {
    int count = 0;
    boolean inWord = false;
    for (int i = 0; i < text.length(); i++) {
      boolean space = Character.isWhitespace(text.charAt(i));
      if (!space && !inWord) {
        count++;
      }
      inWord = !space;
    }
    return count;
  }

  /** An id that depends on the request alone. */
  static String id(String prefix, byte[] request) {
    return prefix + UUID.nameUUIDFromBytes(request).toString().replace("-", "");
  }

  static String id(String prefix, String request) {
    return id(prefix, request.getBytes(StandardCharsets.UTF_8));
  }
}

package sh.kaito.api.internal.text;

import java.net.URI;
import java.net.URISyntaxException;

/** Texts of users, made fit for a message: short, on one line, without secrets. */
public final class Quoted {
  private static final int LONGEST = 80;

  private Quoted() {}

  /** The text in double quotes, at most 80 characters of it, control characters escaped. */
  public static String of(String text) {
    return '"' + shorten(text) + '"';
  }

  /** The text without quotes, at most 80 characters of it, control characters escaped. */
  public static String shorten(String text) {
    StringBuilder out = new StringBuilder();
    int end = Math.min(text.length(), LONGEST);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        out.append("\\n");
      } else if (c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0) || c == 0x2028 || c == 0x2029) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    if (end < text.length()) {
      out.append("... (").append(text.length()).append(" characters)");
    }
    return out.toString();
  }

  /** A URL without user information, query and fragment, which often carry credentials. */
  public static String url(String url) {
    String bare = url;
    int cut = indexOfAny(bare, '?', '#');
    if (cut >= 0) {
      bare = bare.substring(0, cut) + "?...";
    }
    int at = bare.indexOf('@');
    int scheme = bare.indexOf("://");
    if (at >= 0) {
      try {
        URI uri = new URI(cut >= 0 ? bare.substring(0, bare.length() - 4) : bare);
        if (uri.getRawUserInfo() == null) {
          return of(bare);
        }
      } catch (URISyntaxException e) {
        // No URL: then nobody knows which part is the password, and all before the @ goes.
        return of("..." + bare.substring(at));
      }
      bare = (scheme >= 0 ? bare.substring(0, scheme + 3) : "") + "..." + bare.substring(at);
    }
    return of(bare);
  }

  private static int indexOfAny(String text, char a, char b) {
    int first = text.indexOf(a);
    int second = text.indexOf(b);
    if (first < 0) {
      return second;
    }
    return second < 0 ? first : Math.min(first, second);
  }
}

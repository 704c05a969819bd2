package sh.kaito.api.provision;

import java.util.regex.Pattern;

/** Takes out of a cloud's error text what could be a credential. */
final class SecretWords {
  private static final String GONE = "<redacted>";

  /** Authorization headers and bare JSON Web Tokens. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?i)\\b(bearer|basic)\\s+[\\w.~+/=-]{8,}"
              + "|\\beyJ[\\w-]{5,}\\.[\\w-]{5,}(?:\\.[\\w-]*)?");

  /** {@code sig=...} of a shared access signature, {@code client_secret: ...} and their like. */
  private static final Pattern ASSIGNED =
      Pattern.compile(
          "(?i)\\b(sig|password|passwd|client_?secret|secret|token|access_?token|account_?key|api_?key)"
              + "(\"?\\s*[=:]\\s*\"?)[^\\s\"'&,;}]{4,}");

  private SecretWords() {}

  static String removed(String text) {
    String withoutTokens = TOKEN.matcher(text).replaceAll(GONE);
    return ASSIGNED.matcher(withoutTokens).replaceAll("$1$2" + GONE);
  }
}

package sh.kaito.testkit.internal.schema;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules for names, with the messages of kube-apiserver. */
final class Names {
  private static final Pattern DNS_1035 = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern DNS_1123_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern DNS_1123_SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private Names() {}

  /** What is wrong with a DNS-1035 label; null when nothing is. */
  static @Nullable String dns1035(String text) {
    if (text.length() > 63) {
      return "must be no more than 63 bytes";
    }
    return DNS_1035.matcher(text).matches()
        ? null
        : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
            + " alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or"
            + " 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
  }

  /** What is wrong with an RFC 1123 label; null when nothing is. */
  static @Nullable String dns1123Label(String text) {
    if (text.length() > 63) {
      return "must be no more than 63 bytes";
    }
    return DNS_1123_LABEL.matcher(text).matches()
        ? null
        : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and"
            + " must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc',"
            + " regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
  }

  /** What is wrong with an RFC 1123 subdomain; null when nothing is. */
  static @Nullable String dns1123Subdomain(String text) {
    if (text.length() > 253) {
      return "must be no more than 253 bytes";
    }
    return DNS_1123_SUBDOMAIN.matcher(text).matches()
        ? null
        : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
            + " '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex"
            + " used for validation is"
            + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  }
}

package sh.kaito.testkit.internal.apiserver;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The rules for names, label keys and label values, each answering with the complaint of the real
 * server ({@code k8s.io/apimachinery/pkg/util/validation}), or with nothing.
 */
public final class Names {
  private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  private static final String SUBDOMAIN = LABEL + "(\\." + LABEL + ")*";
  private static final String QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
  private static final String VALUE = "((" + "[A-Za-z0-9][-A-Za-z0-9_.]*" + ")?[A-Za-z0-9])?";
  private static final String LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";

  private static final Pattern LABEL_PATTERN = Pattern.compile(LABEL);
  private static final Pattern SUBDOMAIN_PATTERN = Pattern.compile(SUBDOMAIN);
  private static final Pattern QUALIFIED_PATTERN = Pattern.compile(QUALIFIED);
  private static final Pattern VALUE_PATTERN = Pattern.compile(VALUE);
  private static final Pattern LABEL_1035_PATTERN = Pattern.compile(LABEL_1035);

  private Names() {}

  private static String tooLong(int limit) {
    return "must be no more than " + limit + " characters";
  }

  /** A DNS label: names of Namespaces. */
  public static Optional<String> label(String value) {
    if (value.length() > 63) {
      return Optional.of(tooLong(63));
    }
    return LABEL_PATTERN.matcher(value).matches()
        ? Optional.empty()
        : Optional.of(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-',"
                + " and must start and end with an alphanumeric character (e.g. 'my-name',  or"
                + " '123-abc', regex used for validation is '"
                + LABEL
                + "')");
  }

  /** A DNS label that starts with a letter: names of Services. */
  public static Optional<String> label1035(String value) {
    if (value.length() > 63) {
      return Optional.of(tooLong(63));
    }
    return LABEL_1035_PATTERN.matcher(value).matches()
        ? Optional.empty()
        : Optional.of(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start"
                + " with an alphabetic character, and end with an alphanumeric character (e.g."
                + " 'my-name',  or 'abc-123', regex used for validation is '"
                + LABEL_1035
                + "')");
  }

  /** A DNS subdomain: names of most objects. */
  public static Optional<String> subdomain(String value) {
    if (value.length() > 253) {
      return Optional.of(tooLong(253));
    }
    return SUBDOMAIN_PATTERN.matcher(value).matches()
        ? Optional.empty()
        : Optional.of(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters,"
                + " '-' or '.', and must start and end with an alphanumeric character (e.g."
                + " 'example.com', regex used for validation is '"
                + SUBDOMAIN
                + "')");
  }

  /** What may stand in a path: names of RBAC objects. */
  public static Optional<String> pathSegment(String value) {
    if (value.equals(".") || value.equals("..")) {
      return Optional.of("may not be '" + value + "'");
    }
    if (value.contains("/")) {
      return Optional.of("may not contain '/'");
    }
    return value.contains("%") ? Optional.of("may not contain '%'") : Optional.empty();
  }

  /** A label key or finalizer: {@code prefix/name}. */
  public static Optional<String> qualified(String value) {
    String[] parts = value.split("/", -1);
    String name;
    if (parts.length == 1) {
      name = parts[0];
    } else if (parts.length == 2) {
      name = parts[1];
      if (parts[0].isEmpty()) {
        return Optional.of("prefix part must be non-empty");
      }
      Optional<String> prefix = subdomain(parts[0]);
      if (prefix.isPresent()) {
        return Optional.of("prefix part " + prefix.get());
      }
    } else {
      return Optional.of(
          "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must"
              + " start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or"
              + " '123-abc', regex used for validation is '"
              + QUALIFIED
              + "') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
    }
    if (name.isEmpty()) {
      return Optional.of("name part must be non-empty");
    }
    if (name.length() > 63) {
      return Optional.of("name part " + tooLong(63));
    }
    return QUALIFIED_PATTERN.matcher(name).matches()
        ? Optional.empty()
        : Optional.of(
            "name part must consist of alphanumeric characters, '-', '_' or '.', and must start"
                + " and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or"
                + " '123-abc', regex used for validation is '"
                + QUALIFIED
                + "')");
  }

  /** A label value. */
  public static Optional<String> labelValue(String value) {
    if (value.length() > 63) {
      return Optional.of(tooLong(63));
    }
    return VALUE_PATTERN.matcher(value).matches()
        ? Optional.empty()
        : Optional.of(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_'"
                + " or '.', and must start and end with an alphanumeric character (e.g. 'MyValue', "
                + " or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
  }
}

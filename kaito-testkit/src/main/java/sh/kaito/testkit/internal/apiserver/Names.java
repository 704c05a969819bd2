package sh.kaito.testkit.internal.apiserver;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The rules for names, label keys and label values, each answering with the complaints of the real
 * server ({@code k8s.io/apimachinery/pkg/util/validation}); none for what is well-formed.
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
  private static final Pattern PORT_CHARACTERS = Pattern.compile("[-a-z0-9]+");

  private static final String QUALIFIED_WORDS =
      "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
          + " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
          + " validation is '"
          + QUALIFIED
          + "')";

  private Names() {}

  private static List<String> check(int limit, Pattern pattern, String words, String value) {
    List<String> problems = new ArrayList<>();
    if (value.length() > limit) {
      problems.add(tooLong(limit));
    }
    if (!pattern.matcher(value).matches()) {
      problems.add(words);
    }
    return problems;
  }

  private static String tooLong(int limit) {
    return "must be no more than " + limit + " characters";
  }

  /** A DNS label: names of Namespaces and containers. */
  public static List<String> label(String value) {
    String words =
        SUBDOMAIN_PATTERN.matcher(value).matches()
            ? "must not contain dots"
            : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or"
                + " '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or"
                + " '123-abc', regex used for validation is '"
                + LABEL
                + "')";
    return check(63, LABEL_PATTERN, words, value);
  }

  /** A DNS label that starts with a letter: names of Services. */
  public static List<String> label1035(String value) {
    return check(
        63,
        LABEL_1035_PATTERN,
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
            + " alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or"
            + " 'abc-123', regex used for validation is '"
            + LABEL_1035
            + "')",
        value);
  }

  /** A DNS subdomain: names of most objects. */
  public static List<String> subdomain(String value) {
    return check(
        253,
        SUBDOMAIN_PATTERN,
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
            + " '.', and must start and end with an alphanumeric character (e.g. 'example.com',"
            + " regex used for validation is '"
            + SUBDOMAIN
            + "')",
        value);
  }

  /** What may stand in a path: names of RBAC objects. */
  public static List<String> pathSegment(String value) {
    if (value.equals(".") || value.equals("..")) {
      return List.of("may not be '" + value + "'");
    }
    List<String> problems = new ArrayList<>();
    for (String forbidden : List.of("/", "%")) {
      if (value.contains(forbidden)) {
        problems.add("may not contain '" + forbidden + "'");
      }
    }
    return problems;
  }

  /** A label key or finalizer: {@code prefix/name}. */
  public static List<String> qualified(String value) {
    String[] parts = value.split("/", -1);
    if (parts.length > 2) {
      return List.of(
          "a qualified name "
              + QUALIFIED_WORDS
              + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
    }
    List<String> problems = new ArrayList<>();
    if (parts.length == 2) {
      if (parts[0].isEmpty()) {
        problems.add("prefix part must be non-empty");
      } else {
        subdomain(parts[0]).forEach(problem -> problems.add("prefix part " + problem));
      }
    }
    String name = parts[parts.length - 1];
    if (name.isEmpty()) {
      problems.add("name part must be non-empty");
    }
    check(63, QUALIFIED_PATTERN, QUALIFIED_WORDS, name)
        .forEach(problem -> problems.add("name part " + problem));
    return problems;
  }

  /** A label value. */
  public static List<String> labelValue(String value) {
    return check(
        63,
        VALUE_PATTERN,
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
            + " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or"
            + " 'my_value',  or '12345', regex used for validation is '"
            + VALUE
            + "')",
        value);
  }

  /** The name of a container's port. */
  public static List<String> port(String value) {
    List<String> problems = new ArrayList<>();
    if (value.length() > 15) {
      problems.add(tooLong(15));
    }
    if (!PORT_CHARACTERS.matcher(value).matches()) {
      problems.add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if (value.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
      problems.add("must contain at least one letter (a-z)");
    }
    if (value.contains("--")) {
      problems.add("must not contain consecutive hyphens");
    }
    if (value.startsWith("-") || value.endsWith("-")) {
      problems.add("must not begin or end with a hyphen");
    }
    return problems;
  }

  /** The name of an environment variable. */
  public static List<String> environmentVariable(String value) {
    return value.chars().allMatch(c -> c >= 0x20 && c < 0x7f && c != '=')
        ? List.of()
        : List.of(
            "a valid environment variable name must consist only of printable ASCII characters"
                + " other than '='");
  }
}

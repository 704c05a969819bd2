package sh.kaito.api.internal.text;

import java.util.Optional;

/** Syntax of Kubernetes names and labels. */
public final class Names {

  private Names() {}

  /**
   * What is wrong with a DNS-1123 label: at most 63 of {@code a-z 0-9 -}, letter or digit at both
   * ends.
   */
  public static Optional<String> labelProblem(String name) {
    if (name.isEmpty()) {
      return Optional.of("is empty");
    }
    if (name.length() > 63) {
      return Optional.of("is " + name.length() + " characters long; at most 63 are allowed");
    }
    return isDnsLabel(name)
        ? Optional.empty()
        : Optional.of("must consist of a-z, 0-9 and -, with a letter or digit at both ends");
  }

  /** What is wrong with a DNS-1123 subdomain: labels joined by dots, at most 253 characters. */
  public static Optional<String> subdomainProblem(String name) {
    if (name.isEmpty()) {
      return Optional.of("is empty");
    }
    if (name.length() > 253) {
      return Optional.of("is " + name.length() + " characters long; at most 253 are allowed");
    }
    for (String part : name.split("\\.", -1)) {
      if (!isDnsLabel(part)) {
        return Optional.of(
            "must consist of a-z, 0-9, - and ., and each part between dots must begin and end with"
                + " a letter or digit");
      }
    }
    return Optional.empty();
  }

  /** A name that is probably meant: lower case, and - in place of what is not allowed. */
  public static Optional<String> repaired(String name) {
    StringBuilder repaired = new StringBuilder();
    for (int i = 0; i < name.length() && repaired.length() < 63; i++) {
      char c = Character.toLowerCase(name.charAt(i));
      boolean allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      repaired.append(allowed ? c : '-');
    }
    int start = 0;
    int end = repaired.length();
    while (start < end && repaired.charAt(start) == '-') {
      start++;
    }
    while (end > start && repaired.charAt(end - 1) == '-') {
      end--;
    }
    String name63 = repaired.substring(start, end);
    return name63.isEmpty() || name63.equals(name) ? Optional.empty() : Optional.of(name63);
  }

  /** What is wrong with a label key: {@code name} or {@code prefix/name}. */
  public static Optional<String> labelKeyProblem(String key) {
    int slash = key.indexOf('/');
    if (slash >= 0) {
      Optional<String> prefix = subdomainProblem(key.substring(0, slash));
      if (prefix.isPresent()) {
        return Optional.of("has a prefix that " + prefix.get());
      }
    }
    String name = key.substring(slash + 1);
    if (name.isEmpty()) {
      return Optional.of("has no name");
    }
    return isQualifiedName(name)
        ? Optional.empty()
        : Optional.of(
            "must be at most 63 letters, digits, -, _ and ., with a letter or digit at both ends");
  }

  /** What is wrong with a label value. */
  public static Optional<String> labelValueProblem(String value) {
    return value.isEmpty() || isQualifiedName(value)
        ? Optional.empty()
        : Optional.of(
            "must be at most 63 letters, digits, -, _ and ., with a letter or digit at both ends");
  }

  private static boolean isDnsLabel(String part) {
    if (part.isEmpty() || part.length() > 253) {
      return false;
    }
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      boolean edge = i == 0 || i == part.length() - 1;
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && !edge))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isQualifiedName(String name) {
    if (name.length() > 63) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean edge = i == 0 || i == name.length() - 1;
      boolean alphanumeric =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!alphanumeric && (edge || "-_.".indexOf(c) < 0)) {
        return false;
      }
    }
    return true;
  }
}

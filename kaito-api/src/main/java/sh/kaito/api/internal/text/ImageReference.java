package sh.kaito.api.internal.text;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Syntax of container image references, as container engines read them: {@code
 * [registry[:port]/]path[:tag][@digest]}, where the first part is a registry if it holds a dot or a
 * colon or is {@code localhost}, and the path is lower case.
 */
public final class ImageReference {
  private static final int LONGEST_NAME = 255;
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern DIGEST =
      Pattern.compile("[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,256}");
  private static final Pattern HOST =
      Pattern.compile(
          "([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9a-fA-F:]+])(:[0-9]{1,5})?");

  private ImageReference() {}

  /** What is wrong with a reference, as a clause; empty if nothing is. */
  public static Optional<String> problem(String reference) {
    if (reference.isEmpty()) {
      return Optional.of("is empty");
    }
    if (reference.length() > 2 * LONGEST_NAME + 256) {
      return Optional.of("is " + reference.length() + " characters long");
    }
    String rest = reference;
    int at = rest.indexOf('@');
    if (at >= 0) {
      if (!DIGEST.matcher(rest.substring(at + 1)).matches()) {
        return Optional.of("has no digest of the form algorithm:hex after @");
      }
      rest = rest.substring(0, at);
    }
    int slash = rest.indexOf('/');
    String host = slash < 0 ? "" : rest.substring(0, slash);
    boolean registry =
        host.indexOf('.') >= 0
            || host.indexOf(':') >= 0
            || host.equals("localhost")
            || !host.equals(host.toLowerCase(java.util.Locale.ROOT));
    String path = registry ? rest.substring(slash + 1) : rest;
    int colon = path.lastIndexOf(':');
    if (colon > path.lastIndexOf('/')) {
      if (!TAG.matcher(path.substring(colon + 1)).matches()) {
        return Optional.of("has no valid tag after the last colon");
      }
      path = path.substring(0, colon);
    }
    if (registry && !HOST.matcher(host).matches()) {
      return Optional.of("has no valid registry before the first slash");
    }
    if (host.length() + path.length() > LONGEST_NAME) {
      return Optional.of("has a name of more than " + LONGEST_NAME + " characters");
    }
    return pathProblem(path, registry || at >= 0 || colon >= 0);
  }

  /** Whether the reference names a digest. */
  public static boolean hasDigest(String reference) {
    return reference.indexOf('@') >= 0;
  }

  private static Optional<String> pathProblem(String path, boolean qualified) {
    for (String part : path.split("/", -1)) {
      if (part.isEmpty()) {
        return Optional.of("has an empty part in its path");
      }
      if (!part.equals(part.toLowerCase(java.util.Locale.ROOT))) {
        return Optional.of("has capital letters in the repository name " + Quoted.of(part));
      }
      if (!isPathPart(part)) {
        return Optional.of("has the invalid part " + Quoted.of(part) + " in its path");
      }
    }
    if (!qualified && path.length() == 64 && path.chars().allMatch(ImageReference::isHex)) {
      return Optional.of("is 64 hexadecimal digits, which name an image id and not a repository");
    }
    return Optional.empty();
  }

  /** Lower-case letters and digits, separated by one dot, one or two underscores, or any dashes. */
  private static boolean isPathPart(String part) {
    int i = 0;
    while (i < part.length()) {
      int start = i;
      while (i < part.length() && isAlphanumeric(part.charAt(i))) {
        i++;
      }
      if (i == start) {
        return false;
      }
      if (i == part.length()) {
        return true;
      }
      char separator = part.charAt(i);
      int run = i;
      while (i < part.length() && part.charAt(i) == separator) {
        i++;
      }
      int longest = separator == '-' ? Integer.MAX_VALUE : separator == '_' ? 2 : 1;
      if ("-_.".indexOf(separator) < 0 || i - run > longest) {
        return false;
      }
    }
    return false;
  }

  private static boolean isAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  private static boolean isHex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }
}

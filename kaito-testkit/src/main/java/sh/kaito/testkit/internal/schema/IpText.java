package sh.kaito.testkit.internal.schema;

/** IP addresses and networks in text, without any look-up. */
final class IpText {
  private IpText() {}

  /** Four decimal numbers up to 255; leading zeros are let pass. */
  static boolean isSloppyIpv4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return false;
    }
    for (String part : parts) {
      if (part.isEmpty()
          || part.length() > 9
          || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return false;
      }
      if (Integer.parseInt(part) > 255) {
        return false;
      }
    }
    return true;
  }

  /** Four decimal numbers up to 255 without leading zeros. */
  static boolean isIpv4(String text) {
    if (!isSloppyIpv4(text)) {
      return false;
    }
    for (String part : text.split("\\.", -1)) {
      if (part.length() > 1 && part.startsWith("0")) {
        return false;
      }
    }
    return true;
  }

  /** Eight groups of hexadecimal digits, or fewer around one {@code ::}. */
  static boolean isIpv6(String text) {
    if (text.indexOf(':') < 0) {
      return false;
    }
    int gap = text.indexOf("::");
    if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
      return false;
    }
    if (gap < 0) {
      return groups(text) == 8;
    }
    int left = gap == 0 ? 0 : groups(text.substring(0, gap));
    int right = gap + 2 == text.length() ? 0 : groups(text.substring(gap + 2));
    return left >= 0 && right >= 0 && left + right <= 7;
  }

  /** How many 16-bit groups there are; a negative number when one is none. */
  private static int groups(String text) {
    String[] parts = text.split(":", -1);
    int count = 0;
    for (int i = 0; i < parts.length; i++) {
      if (i == parts.length - 1 && isIpv4(parts[i])) {
        count += 2;
      } else if (parts[i].matches("[0-9a-fA-F]{1,4}")) {
        count++;
      } else {
        return -100;
      }
    }
    return count;
  }

  /** An address, a slash, and a number of bits that fits it. */
  static boolean isCidr(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return false;
    }
    String address = text.substring(0, slash);
    String bits = text.substring(slash + 1);
    if (!bits.matches("[0-9]{1,3}")) {
      return false;
    }
    int count = Integer.parseInt(bits);
    return isSloppyIpv4(address) ? count <= 32 : isIpv6(address) && count <= 128;
  }
}

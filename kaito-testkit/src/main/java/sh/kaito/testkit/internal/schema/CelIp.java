package sh.kaito.testkit.internal.schema;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An IP address of a CEL rule. */
record CelIp(InetAddress address) {

  /** The address, or null when the text is none; names are never looked up. */
  static @Nullable CelIp parse(String text) {
    if (!IpText.isIpv4(text) && !IpText.isIpv6(text)) {
      return null;
    }
    try {
      InetAddress address = InetAddress.getByName(text);
      // An IPv4 address in IPv6 clothes is refused.
      return text.indexOf(':') >= 0 && address.getAddress().length == 4 ? null : new CelIp(address);
    } catch (UnknownHostException e) {
      return null;
    }
  }

  static CelIp parseOrFail(String text) {
    CelIp ip = parse(text);
    if (ip == null) {
      throw new IllegalArgumentException(
          "IP Address \"" + text + "\" parse error during conversion from string");
    }
    return ip;
  }

  static Object isCanonical(String text) {
    return parseOrFail(text).toString().equals(text);
  }

  long family() {
    return address.getAddress().length == 4 ? 4L : 6L;
  }

  boolean isGlobalUnicast() {
    byte[] bytes = address.getAddress();
    boolean broadcast = bytes.length == 4 && Arrays.equals(bytes, new byte[] {-1, -1, -1, -1});
    return !broadcast
        && !address.isAnyLocalAddress()
        && !address.isLoopbackAddress()
        && !address.isMulticastAddress()
        && !address.isLinkLocalAddress();
  }

  /** The canonical text: lower case, the longest run of zeros as {@code ::}. */
  @Override
  public String toString() {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return address.getHostAddress();
    }
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF;
    }
    int best = -1;
    int length = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        best = i;
        length = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == best) {
        text.append("::");
        i += length - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }

  /** A network of a CEL rule: an address and the number of its leading bits that count. */
  record Cidr(CelIp ip, int bits) {
    static @Nullable Cidr parse(String text) {
      int slash = text.indexOf('/');
      CelIp ip = slash < 0 ? null : CelIp.parse(text.substring(0, slash));
      String bits = text.substring(slash + 1);
      if (ip == null || !bits.matches("0|[1-9][0-9]{0,2}")) {
        return null;
      }
      int count = Integer.parseInt(bits);
      return count <= ip.address.getAddress().length * 8 ? new Cidr(ip, count) : null;
    }

    static Cidr parseOrFail(String text) {
      Cidr cidr = parse(text);
      if (cidr == null) {
        throw new IllegalArgumentException(
            "network address parse error during conversion from string: \"" + text + "\"");
      }
      return cidr;
    }

    boolean contains(CelIp other) {
      byte[] a = ip.address.getAddress();
      byte[] b = other.address.getAddress();
      if (a.length != b.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> bit % 8;
        if ((a[bit / 8] & mask) != (b[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }

    boolean containsAll(Cidr other) {
      return bits <= other.bits && contains(other.ip);
    }

    Cidr masked() {
      byte[] bytes = ip.address.getAddress();
      for (int bit = bits; bit < bytes.length * 8; bit++) {
        bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
      }
      try {
        return new Cidr(new CelIp(InetAddress.getByAddress(bytes)), bits);
      } catch (UnknownHostException e) {
        throw new IllegalStateException("an address of 4 or 16 bytes", e);
      }
    }

    @Override
    public String toString() {
      return ip + "/" + bits;
    }
  }
}

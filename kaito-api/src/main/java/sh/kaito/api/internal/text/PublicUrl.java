package sh.kaito.api.internal.text;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * URLs that a download in the cluster may follow: absolute, http or https, and not aimed at the
 * node, the cluster's own networks or a cloud's metadata service. Only the text is judged: a DNS
 * name that resolves to a private address passes here and must be stopped by network policy.
 */
public final class PublicUrl {
  private static final List<String> METADATA_HOSTS =
      List.of(
          "metadata.google.internal", "metadata.google", "instance-data.ec2.internal", "metadata");

  private static final Pattern IPV4 =
      Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");

  /** What some programs take for an address although it is none in the usual notation. */
  private static final Pattern NUMERIC_LAST_PART =
      Pattern.compile("(.*\\.)?(0[xX][0-9a-fA-F]*|[0-9]+)");

  private static final Pattern HOST = Pattern.compile("[\\p{L}\\p{N}_]([\\p{L}\\p{N}_.-]{0,252})");

  private PublicUrl() {}

  /** What is wrong with a URL, as a clause; empty if nothing is. */
  public static Optional<String> problem(String url) {
    if (url.length() > 8192) {
      return Optional.of("is " + url.length() + " characters long");
    }
    if (url.chars().anyMatch(c -> c <= ' ' || c == 0x7f || c == '\\')) {
      return Optional.of("holds a space, a control character or a backslash");
    }
    int colon = url.indexOf("://");
    String scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
    if (colon < 0) {
      return Optional.of("is not absolute");
    }
    if (!scheme.equals("http") && !scheme.equals("https")) {
      return Optional.of("has the scheme " + Quoted.of(scheme));
    }
    String authority = url.substring(colon + 3).split("[/?#]", 2)[0];
    String hostAndPort = authority.substring(authority.lastIndexOf('@') + 1);
    if (hostAndPort.startsWith("[")) {
      return ipv6Problem(hostAndPort);
    }
    int portColon = hostAndPort.lastIndexOf(':');
    String host = portColon < 0 ? hostAndPort : hostAndPort.substring(0, portColon);
    if (portColon >= 0 && !hostAndPort.substring(portColon + 1).matches("[0-9]{0,5}")) {
      return Optional.of("has no valid port");
    }
    return hostProblem(host);
  }

  /** Whether the URL carries a user name or password. */
  public static boolean hasCredentials(String url) {
    int colon = url.indexOf("://");
    return colon >= 0 && url.substring(colon + 3).split("[/?#]", 2)[0].indexOf('@') >= 0;
  }

  private static Optional<String> hostProblem(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    while (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    if (name.isEmpty()) {
      return Optional.of("has no host");
    }
    if (!HOST.matcher(name).matches()) {
      return Optional.of("has no valid host");
    }
    if (name.equals("localhost") || name.endsWith(".localhost")) {
      return Optional.of("aims at the node itself");
    }
    if (METADATA_HOSTS.contains(name)) {
      return Optional.of("aims at the metadata service of a cloud");
    }
    if (IPV4.matcher(name).matches()) {
      return addressProblem(name);
    }
    return NUMERIC_LAST_PART.matcher(name).matches()
        ? Optional.of("has an address in an unusual notation")
        : Optional.empty();
  }

  private static Optional<String> ipv6Problem(String hostAndPort) {
    int end = hostAndPort.indexOf(']');
    String address = end < 0 ? "" : hostAndPort.substring(1, end);
    if (!IPV6.matcher(address).matches() || address.indexOf(':') < 0) {
      return Optional.of("has no valid IPv6 address");
    }
    return addressProblem(address);
  }

  private static Optional<String> addressProblem(String literal) {
    InetAddress address;
    try {
      address = InetAddress.getByName(literal); // a literal: no name service is asked
    } catch (UnknownHostException e) {
      return Optional.of("has no valid address");
    }
    byte[] bytes = address.getAddress();
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || (bytes.length == 4 && first == 0)) {
      return Optional.of("aims at the node itself");
    }
    if (address.isLinkLocalAddress()) {
      return Optional.of("aims at a link-local address, where clouds keep their metadata service");
    }
    boolean shared = bytes.length == 4 && first == 100 && second >= 64 && second < 128;
    boolean uniqueLocal = bytes.length == 16 && (first & 0xfe) == 0xfc;
    if (address.isSiteLocalAddress() || shared || uniqueLocal) {
      return Optional.of("aims at a private address");
    }
    if (address.isMulticastAddress() || (bytes.length == 4 && first >= 240)) {
      return Optional.of("aims at no single host");
    }
    return Optional.empty();
  }
}

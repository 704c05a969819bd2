package sh.kaito.testkit.internal.schema;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A URL as Go's {@code url.ParseRequestURI} takes it: absolute, or a path from the root. */
record GoUrl(String scheme, String host, String path, String query) {

  static @Nullable GoUrl parse(String text) {
    try {
      URI uri = new URI(text);
      boolean rooted = text.startsWith("/");
      if (!uri.isAbsolute() && !rooted) {
        return null;
      }
      String authority = uri.getRawAuthority();
      String host = authority == null ? "" : authority.substring(authority.indexOf('@') + 1);
      return new GoUrl(
          uri.getScheme() == null ? "" : uri.getScheme(),
          host,
          uri.getRawPath() == null ? "" : uri.getRawPath(),
          uri.getRawQuery() == null ? "" : uri.getRawQuery());
    } catch (URISyntaxException e) {
      return null;
    }
  }

  static Object parseOrFail(String text) {
    GoUrl url = parse(text);
    if (url == null) {
      throw new IllegalArgumentException(
          "URL parse error during conversion from string: parse \""
              + text
              + "\": invalid URI for request");
    }
    return url;
  }

  static Object isUrl(String text) {
    return parse(text) != null;
  }

  /** The host without port, an IPv6 address without brackets. */
  String hostname() {
    int colon = portColon();
    String name = colon < 0 ? host : host.substring(0, colon);
    return name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
  }

  String port() {
    int colon = portColon();
    return colon < 0 ? "" : host.substring(colon + 1);
  }

  private int portColon() {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? colon : -1;
  }

  Object queryValues() {
    Map<String, List<String>> values = new TreeMap<>();
    if (query.isEmpty()) {
      return values;
    }
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String key = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      values
          .computeIfAbsent(URLDecoder.decode(key, StandardCharsets.UTF_8), k -> new ArrayList<>())
          .add(URLDecoder.decode(value, StandardCharsets.UTF_8));
    }
    return values;
  }
}

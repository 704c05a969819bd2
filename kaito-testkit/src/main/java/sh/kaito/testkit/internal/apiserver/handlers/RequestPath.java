package sh.kaito.testkit.internal.apiserver.handlers;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A path below {@code /api/v1} or {@code /apis/GROUP/VERSION}, taken apart as kube-apiserver does.
 *
 * @param watch whether it is one of the old {@code /watch/} paths
 * @param resource plural name; empty when the path ends at the version
 * @param rest what follows the subresource, such as the path behind {@code proxy}, with its slash
 */
record RequestPath(
    String group,
    String version,
    boolean watch,
    @Nullable String namespace,
    String resource,
    @Nullable String name,
    @Nullable String subresource,
    String rest) {

  /** Null when the path is not below a group and version. */
  static @Nullable RequestPath parse(String path) {
    List<String> parts = new ArrayList<>();
    String trimmed = trim(path);
    for (String part : trimmed.split("/", -1)) {
      parts.add(URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8));
    }
    boolean core = parts.get(0).equals("api");
    int prefix = core ? 2 : 3;
    if ((!core && !parts.get(0).equals("apis")) || parts.size() < prefix) {
      return null;
    }
    String group = core ? "" : parts.get(1);
    String version = parts.get(prefix - 1);
    int at = prefix;
    boolean watch = false;
    if (parts.size() > at + 1 && parts.get(at).equals("watch")) {
      watch = true;
      at++;
    }
    String namespace = null;
    if (parts.size() > at + 2
        && parts.get(at).equals("namespaces")
        && !(parts.size() == at + 3
            && Arrays.asList("status", "finalize").contains(parts.get(at + 2)))) {
      namespace = parts.get(at + 1);
      at += 2;
    }
    String resource = at < parts.size() ? parts.get(at) : "";
    String name = at + 1 < parts.size() ? parts.get(at + 1) : null;
    String subresource = at + 2 < parts.size() ? parts.get(at + 2) : null;
    String rest = "";
    if (parts.size() > at + 3) {
      // Kept as it was sent: encoded slashes belong to whom it is passed on to.
      int cut = 0;
      for (int i = 0; i < at + 3; i++) {
        cut = trimmed.indexOf('/', cut) + 1;
      }
      rest = "/" + trimmed.substring(cut);
    }
    if (subresource != null && path.endsWith("/") && subresource.equals("proxy")) {
      rest = rest + "/";
    }
    return new RequestPath(
        group,
        version,
        watch,
        namespace == null || namespace.isEmpty() ? null : namespace,
        resource,
        name,
        subresource,
        rest);
  }

  private static String trim(String path) {
    int start = 0;
    int end = path.length();
    while (start < end && path.charAt(start) == '/') {
      start++;
    }
    while (end > start && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(start, end);
  }
}

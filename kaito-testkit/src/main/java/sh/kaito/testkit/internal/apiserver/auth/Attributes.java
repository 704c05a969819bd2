package sh.kaito.testkit.internal.apiserver.auth;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Caller;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.apiserver.Quoting;

/**
 * What somebody wants to do, as authorizers see it. Worked out from the path alone, whether or not
 * there is such a resource: who has no rights is not told what exists.
 *
 * @param verb {@code get}, {@code list}, {@code create}...; the HTTP method in lower case for paths
 *     of no resource
 * @param resource plural name; empty for paths of no resource
 * @param namespace empty at the cluster scope
 * @param path the path where it is none of a resource, else empty
 */
public record Attributes(
    Caller caller,
    String verb,
    String group,
    String resource,
    String subresource,
    String namespace,
    String name,
    String path) {
  private static final Set<String> NAMESPACE_SUBRESOURCES = Set.of("status", "finalize");

  /** Something to be done to a resource. */
  static Attributes resource(
      Caller caller, String verb, String group, String resource, String namespace, String name) {
    return new Attributes(caller, verb, group, resource, "", namespace, name, "");
  }

  /** A path that is none of a resource. */
  public static Attributes path(Caller caller, String verb, String path) {
    return new Attributes(caller, verb, "", "", "", "", "", path);
  }

  boolean isResource() {
    return path.isEmpty();
  }

  /** What a request is about. */
  static Attributes of(KubeRequest request, Caller caller) {
    String method = request.method();
    Attributes other = path(caller, method.toLowerCase(Locale.ROOT), decoded(request.path()));
    List<String> parts = split(request.path());
    if (parts.size() < 3) {
      return other;
    }
    boolean core = parts.get(0).equals("api");
    if (!core && (!parts.get(0).equals("apis") || parts.size() < 4)) {
      return other;
    }
    String group = core ? "" : parts.get(1);
    List<String> rest = parts.subList(core ? 2 : 3, parts.size());
    String verb = verb(method);
    if (rest.get(0).equals("watch") || rest.get(0).equals("proxy")) {
      if (rest.size() < 2) {
        throw ApiFailure.of(
            500,
            "InternalError",
            "unable to determine kind and namespace from url, /" + String.join("/", parts));
      }
      verb = rest.get(0);
      rest = rest.subList(1, rest.size());
    }
    String namespace = "";
    if (rest.get(0).equals("namespaces") && rest.size() > 1) {
      namespace = rest.get(1);
      if (rest.size() > 2 && !NAMESPACE_SUBRESOURCES.contains(rest.get(2))) {
        rest = rest.subList(2, rest.size());
      }
    }
    String name = rest.size() > 1 ? rest.get(1) : "";
    String subresource = rest.size() > 2 && !verb.equals("proxy") ? rest.get(2) : "";
    if (name.isEmpty() && verb.equals("get")) {
      verb = isWatch(request) ? "watch" : "list";
    } else if (name.isEmpty() && verb.equals("delete")) {
      verb = "deletecollection";
    }
    if (name.isEmpty() && (verb.equals("list") || verb.equals("watch") || isCollection(verb))) {
      name = nameOfFieldSelector(request);
    }
    return new Attributes(caller, verb, group, rest.get(0), subresource, namespace, name, "");
  }

  private static boolean isCollection(String verb) {
    return verb.equals("deletecollection");
  }

  private static String verb(String method) {
    return switch (method) {
      case "POST" -> "create";
      case "GET", "HEAD" -> "get";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> "delete";
      default -> "";
    };
  }

  private static boolean isWatch(KubeRequest request) {
    Optional<String> watch = request.query("watch");
    return watch.isPresent()
        && !watch.get().equals("0")
        && !watch.get().equalsIgnoreCase("false")
        && !watch.get().equalsIgnoreCase("f");
  }

  /** Lists of {@code metadata.name=NAME} are about that object: rights may name it. */
  private static String nameOfFieldSelector(KubeRequest request) {
    for (String term : request.query("fieldSelector").orElse("").split(",", -1)) {
      String[] pair = term.split("==?", 2);
      if (pair.length == 2
          && pair[0].equals("metadata.name")
          && Names.pathSegment(pair[1]).isEmpty()) {
        return pair[1];
      }
    }
    return "";
  }

  private static List<String> split(String path) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    int end = path.length();
    while (start < end && path.charAt(start) == '/') {
      start++;
    }
    while (end > start && path.charAt(end - 1) == '/') {
      end--;
    }
    for (String part : path.substring(start, end).split("/", -1)) {
      parts.add(decoded(part));
    }
    return parts;
  }

  private static String decoded(String path) {
    return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** 403 in the words of the real server. */
  ApiFailure forbidden(String reason) {
    String why = escaped(description()) + (reason.isEmpty() ? "" : ": " + reason);
    return ApiFailure.forbidden(group, resource, name, why);
  }

  private String description() {
    String start = "User " + Quoting.go(caller.name()) + " cannot " + verb + " ";
    if (!isResource()) {
      return start + "path " + Quoting.go(path);
    }
    String what = subresource.isEmpty() ? resource : resource + "/" + subresource;
    return start
        + "resource "
        + Quoting.go(what)
        + " in API group "
        + Quoting.go(group)
        + (namespace.isEmpty()
            ? " at the cluster scope"
            : " in the namespace " + Quoting.go(namespace));
  }

  /** Browsers may show the text. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}

package sh.kaito.testkit;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.immutables.value.Value;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.RequestInfo;

/**
 * Which requests a fault is for. What is not set matches everything; verbs, groups and resources
 * are those of RBAC, as {@link RequestInfo} reads them. Immutable.
 *
 * <pre>{@code
 * RequestMatch.of("create", "nodeclaims.karpenter.sh")
 * RequestMatch.of("patch", "workspaces/status")
 * RequestMatch.writes("pods").toBuilder().namespace("ml").build()
 * RequestMatch.builder().userAgent("leader-a").build()     // everything that one client sends
 * }</pre>
 */
@Value.Immutable
@Value.Style(
    visibility = Value.Style.ImplementationVisibility.PACKAGE,
    overshadowImplementation = true)
public interface RequestMatch {

  /** Every request, to whatever path. */
  static RequestMatch any() {
    return builder().build();
  }

  /** One verb on one resource; see {@link #verbs()} and {@link #resource()}. */
  static RequestMatch of(String verb, String resource) {
    return builder().addVerbs(verb).resource(resource).build();
  }

  /** create, update, patch, delete and deletecollection of one resource. */
  static RequestMatch writes(String resource) {
    return builder()
        .addVerbs("create", "update", "patch", "delete", "deletecollection")
        .resource(resource)
        .build();
  }

  /** Watches of one resource. */
  static RequestMatch watches(String resource) {
    return of("watch", resource);
  }

  /** All options. */
  static Builder builder() {
    return new Builder();
  }

  /**
   * {@code get}, {@code list}, {@code watch}, {@code create}, {@code update}, {@code patch}, {@code
   * delete}, {@code deletecollection}. Empty: every verb, and paths that name no resource.
   */
  Set<String> verbs();

  /**
   * Plural name, with the group after a dot where it matters, with the subresource after a slash:
   * {@code pods}, {@code workspaces.kaito.sh}, {@code workspaces.kaito.sh/status}, {@code
   * deployments.apps/scale}. Without a slash subresources do not match; {@code pods/*} matches pods
   * and their subresources. Without a dot any group matches.
   */
  Optional<String> resource();

  /** Namespace in the path. */
  Optional<String> namespace();

  /** Name in the path. A create has none there: its name is in the body and does not match. */
  Optional<String> name();

  /** What the header {@code User-Agent} begins with: the client. */
  Optional<String> userAgent();

  /** Refuses what can never match. */
  @Value.Check
  default void check() {
    Set<String> known =
        new TreeSet<>(
            Set.of(
                "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"));
    for (String verb : verbs()) {
      if (!known.contains(verb)) {
        throw new IllegalArgumentException(
            "verbs: found \"" + verb + "\", allowed are those of RBAC: " + known);
      }
    }
    resource()
        .ifPresent(
            text -> {
              if (text.isBlank() || text.startsWith(".") || text.startsWith("/")) {
                throw new IllegalArgumentException(
                    "resource: found \""
                        + text
                        + "\", allowed is a plural name such as pods, workspaces.kaito.sh or"
                        + " workspaces.kaito.sh/status");
              }
            });
  }

  /** Whether the fault is for this request. */
  default boolean matches(KubeRequest request) {
    if (userAgent().isPresent()
        && !request.header("User-Agent").orElse("").startsWith(userAgent().get())) {
      return false;
    }
    if (verbs().isEmpty() && resource().isEmpty() && namespace().isEmpty() && name().isEmpty()) {
      return true;
    }
    RequestInfo info = request.info();
    return info.isResourceRequest()
        && (verbs().isEmpty() || verbs().contains(info.verb()))
        && (namespace().isEmpty() || namespace().equals(info.namespace()))
        && (name().isEmpty() || name().equals(info.name()))
        && resource().map(text -> isResource(text, info)).orElse(true);
  }

  private static boolean isResource(String text, RequestInfo info) {
    int slash = text.indexOf('/');
    String main = slash < 0 ? text : text.substring(0, slash);
    String subresource = slash < 0 ? "" : text.substring(slash + 1);
    int dot = main.indexOf('.');
    String plural = dot < 0 ? main : main.substring(0, dot);
    return plural.equals(info.resource())
        && (dot < 0 || main.substring(dot + 1).equals(info.group()))
        && (subresource.equals("*") || subresource.equals(info.subresource().orElse("")));
  }

  /** The same match, to change. */
  default Builder toBuilder() {
    return builder().from(this);
  }

  /** Builds a match. Not thread-safe. */
  final class Builder extends ImmutableRequestMatch.Builder {
    Builder() {}
  }
}

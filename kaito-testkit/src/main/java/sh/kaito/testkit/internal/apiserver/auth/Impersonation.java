package sh.kaito.testkit.internal.apiserver.auth;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Caller;

/**
 * Requests in another user's name, by the headers {@code Impersonate-User}, {@code -Group}, {@code
 * -Uid} and {@code -Extra-KEY}. Each of them needs the right to impersonate it. A header that was
 * sent several times has its values on lines of their own.
 */
final class Impersonation {
  private static final String USER = "Impersonate-User";
  private static final String GROUP = "Impersonate-Group";
  private static final String UID = "Impersonate-Uid";
  private static final String EXTRA = "impersonate-extra-";
  private static final String AUTHENTICATION = "authentication.k8s.io";

  private final Authorizer authorizer;

  Impersonation(Authorizer authorizer) {
    this.authorizer = authorizer;
  }

  /** The user whom a request is to count for. */
  Caller effective(KubeRequest request, Caller caller) {
    String user = request.header(USER).orElse("");
    List<String> groups = values(request, GROUP);
    Map<String, List<String>> extra = extra(request);
    String uid = request.header(UID).orElse("");
    if (user.isEmpty()) {
      if (groups.isEmpty() && extra.isEmpty() && uid.isEmpty()) {
        return caller;
      }
      throw ApiFailure.badRequest(
          "requested " + requested(groups, extra, uid) + " without impersonating a user");
    }
    List<String> memberOf = new ArrayList<>(groups);
    String[] account = Caller.splitServiceAccount(user);
    if (account == null) {
      check(Attributes.resource(caller, "impersonate", "", "users", "", user));
    } else {
      check(
          Attributes.resource(
              caller, "impersonate", "", "serviceaccounts", account[0], account[1]));
      if (groups.isEmpty()) {
        memberOf.addAll(Caller.serviceAccountGroups(account[0]));
      }
    }
    for (String group : groups) {
      check(Attributes.resource(caller, "impersonate", "", "groups", "", group));
    }
    extra.forEach(
        (key, values) ->
            values.forEach(
                value ->
                    check(
                        new Attributes(
                            caller,
                            "impersonate",
                            AUTHENTICATION,
                            "userextras",
                            key,
                            "",
                            value,
                            ""))));
    if (!uid.isEmpty()) {
      check(Attributes.resource(caller, "impersonate", AUTHENTICATION, "uids", "", uid));
    }
    return new Caller(user, uid, completed(user, memberOf), extra);
  }

  private void check(Attributes wanted) {
    Authorizer.Decision decision = authorizer.decide(wanted);
    if (!decision.allowed()) {
      throw wanted.forbidden(decision.reason());
    }
  }

  /** Everybody is of one of the two groups that say whether it is known who it is. */
  private static List<String> completed(String user, List<String> groups) {
    boolean told = groups.contains(Caller.AUTHENTICATED) || groups.contains(Caller.UNAUTHENTICATED);
    if (user.equals(Caller.ANONYMOUS.name())) {
      if (!groups.contains(Caller.UNAUTHENTICATED)) {
        groups.add(Caller.UNAUTHENTICATED);
      }
    } else if (!told) {
      groups.add(Caller.AUTHENTICATED);
    }
    return groups;
  }

  private static List<String> values(KubeRequest request, String header) {
    return request.header(header).map(text -> List.of(text.split("\n", -1))).orElse(List.of());
  }

  private static Map<String, List<String>> extra(KubeRequest request) {
    Map<String, List<String>> extra = new TreeMap<>();
    request
        .headers()
        .forEach(
            (name, text) -> {
              String lower = name.toLowerCase(Locale.ROOT);
              if (lower.startsWith(EXTRA)) {
                extra.put(
                    unescaped(lower.substring(EXTRA.length())), List.of(text.split("\n", -1)));
              }
            });
    return new LinkedHashMap<>(extra);
  }

  private static String unescaped(String key) {
    try {
      return URLDecoder.decode(key.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // As it was sent, as the real server does.
      return key;
    }
  }

  /** The object references that Go prints here. */
  private static String requested(
      List<String> groups, Map<String, List<String>> extra, String uid) {
    List<String> references = new ArrayList<>();
    groups.forEach(group -> references.add(reference("Group", group, "", "")));
    extra.forEach(
        (key, values) ->
            values.forEach(
                value ->
                    references.add(reference("UserExtra", value, AUTHENTICATION + "/v1", key))));
    if (!uid.isEmpty()) {
      references.add(reference("UID", uid, AUTHENTICATION + "/v1", ""));
    }
    return "[" + String.join(" ", references) + "]";
  }

  private static String reference(String kind, String name, String apiVersion, String fieldPath) {
    return "{" + kind + "  " + name + "  " + apiVersion + "  " + fieldPath + "}";
  }
}

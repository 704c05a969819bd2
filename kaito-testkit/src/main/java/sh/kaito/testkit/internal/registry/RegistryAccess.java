package sh.kaito.testkit.internal.registry;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.sim.Objects;

/**
 * Who may do what: users may do everything, others at most pull. Credentials come as HTTP Basic, or
 * are exchanged for a token first, as large registries want it (distribution, "Token Authentication
 * Specification"). Immutable.
 *
 * @param users passwords by name; empty: everybody may do everything
 * @param anonymousPull whether everybody may pull
 * @param tokens whether credentials are exchanged for tokens
 */
record RegistryAccess(Map<String, String> users, boolean anonymousPull, boolean tokens) {
  /** Everybody may do everything. */
  static final RegistryAccess EVERYBODY = new RegistryAccess(Map.of(), true, false);

  private static final String TOKEN = "simulated-token-";

  RegistryAccess {
    users = Map.copyOf(users);
  }

  /** Passwords are not shown. */
  @Override
  public String toString() {
    return "RegistryAccess[" + users.keySet() + "]";
  }

  /** The refusal of a request; empty when it may be answered. */
  Optional<KubeResponse> refusal(KubeRequest request, String repository) {
    boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
    // The version check is how a client asks whether its credentials are good.
    if (users.isEmpty() || (anonymousPull && reads && !repository.isEmpty())) {
      return Optional.empty();
    }
    String authorization = request.header("Authorization").orElse("");
    if (isKnown(authorization)) {
      return Optional.empty();
    }
    return Optional.of(
        Replies.error(401, "UNAUTHORIZED", "authentication required")
            .header("WWW-Authenticate", challenge(request, repository, reads))
            .build());
  }

  private String challenge(KubeRequest request, String repository, boolean reads) {
    if (!tokens) {
      return "Basic realm=\"simulated registry\"";
    }
    String host = request.header("Host").orElse("registry.simulated");
    String scope =
        repository.isEmpty()
            ? ""
            : ",scope=\"repository:" + repository + ":" + (reads ? "pull" : "pull,push") + "\"";
    return "Bearer realm=\"http://" + host + "/token\",service=\"simulated registry\"" + scope;
  }

  private boolean isKnown(String authorization) {
    int space = authorization.indexOf(' ');
    String scheme = space < 0 ? "" : authorization.substring(0, space).toLowerCase(Locale.ROOT);
    String value = authorization.substring(space + 1).strip();
    if (tokens) {
      return scheme.equals("bearer")
          && users.entrySet().stream().anyMatch(user -> isEqual(token(user), value));
    }
    return scheme.equals("basic")
        && users.entrySet().stream().anyMatch(user -> isEqual(basic(user), value));
  }

  private static boolean isEqual(String expected, String found) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), found.getBytes(StandardCharsets.UTF_8));
  }

  private static String basic(Map.Entry<String, String> user) {
    return Base64.getEncoder()
        .encodeToString((user.getKey() + ":" + user.getValue()).getBytes(StandardCharsets.UTF_8));
  }

  /** The same for the same credentials, and of no use with others. */
  private static String token(Map.Entry<String, String> user) {
    return TOKEN
        + Digest.of(basic(user).getBytes(StandardCharsets.UTF_8)).substring("sha256:".length());
  }

  /** Exchanges Basic credentials for a token. */
  KubeResponse exchange(KubeRequest request) {
    String authorization = request.header("Authorization").orElse("");
    for (Map.Entry<String, String> user : users.entrySet()) {
      if (isEqual("Basic " + basic(user), authorization)) {
        return Replies.json(200, Objects.object().put("token", token(user)).put("expires_in", 300))
            .build();
      }
    }
    return Replies.error(401, "UNAUTHORIZED", "incorrect username or password").build();
  }
}

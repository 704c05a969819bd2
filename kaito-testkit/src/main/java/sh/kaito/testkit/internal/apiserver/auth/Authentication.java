package sh.kaito.testkit.internal.apiserver.auth;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Caller;

/** Finds out who sends a request. Thread-safe. */
public final class Authentication {
  /** Whose a token is, and for which of the audiences that were asked for. */
  public record Identity(Caller caller, List<String> audiences) {}

  private final Users users;
  private final ServiceAccountTokens tokens;
  private final boolean open;

  /**
   * Who comes without credentials is the administrator of an open server, and anonymous elsewhere.
   */
  Authentication(Users users, ServiceAccountTokens tokens, boolean open) {
    this.users = users;
    this.tokens = tokens;
    this.open = open;
  }

  /** Who sends a request; a token in it counts more than what the connection tells. */
  Caller caller(KubeRequest request, Peer peer) {
    if (peer.refused()) {
      throw unauthorized();
    }
    String token = bearer(request);
    if (token != null) {
      Identity identity = identify(token, List.of(ServiceAccountTokens.ISSUER));
      if (identity == null) {
        throw unauthorized();
      }
      return identity.caller();
    }
    Caller known = peer.caller();
    if (known != null) {
      return known;
    }
    return open ? users.admin() : Caller.ANONYMOUS;
  }

  /** Whose a token is; null when it is nobody's, or for none of the audiences. */
  public @Nullable Identity identify(String token, List<String> audiences) {
    Caller user = users.ofToken(token);
    if (user != null) {
      return new Identity(user, audiences);
    }
    ServiceAccountTokens.Verified verified = tokens.verify(token);
    if (verified == null) {
      return null;
    }
    List<String> common = audiences.stream().filter(verified.audiences()::contains).toList();
    return common.isEmpty() ? null : new Identity(verified.caller(), common);
  }

  private static @Nullable String bearer(KubeRequest request) {
    String header = request.header("Authorization").orElse("").trim();
    String[] parts = header.split(" ", 3);
    return parts.length >= 2
            && parts[0].toLowerCase(Locale.ROOT).equals("bearer")
            && !parts[1].isEmpty()
        ? parts[1]
        : null;
  }

  private static ApiFailure unauthorized() {
    return ApiFailure.of(401, "Unauthorized", "Unauthorized");
  }
}

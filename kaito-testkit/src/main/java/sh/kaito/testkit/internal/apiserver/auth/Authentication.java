package sh.kaito.testkit.internal.apiserver.auth;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Caller;

/** Finds out who sends a request. Thread-safe. */
public final class Authentication {
  private final Users users;
  private final boolean open;

  /**
   * Who comes without credentials is the administrator of an open server, and anonymous elsewhere.
   */
  public Authentication(Users users, boolean open) {
    this.users = users;
    this.open = open;
  }

  /** Who sends a request; a token in it counts more than what the connection tells. */
  Caller caller(KubeRequest request, Peer peer) {
    if (peer.refused()) {
      throw unauthorized();
    }
    String token = bearer(request);
    if (token != null) {
      Caller caller = ofToken(token);
      if (caller == null) {
        throw unauthorized();
      }
      return caller;
    }
    Caller known = peer.caller();
    if (known != null) {
      return known;
    }
    return open ? users.admin() : Caller.ANONYMOUS;
  }

  /** The user whom a token belongs to; null when it is nobody's. */
  @Nullable Caller ofToken(String token) {
    return users.ofToken(token);
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

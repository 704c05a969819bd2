package sh.kaito.testkit.internal.apiserver.auth;

import java.util.Locale;
import java.util.Map;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.apiserver.Caller;

/** What every request passes before it is looked at. Thread-safe. */
public final class Gate {
  /**
   * A request that may go on.
   *
   * @param request without credentials, which nobody behind the gate is to see
   */
  public record Admitted(KubeRequest request, Caller caller) {}

  private final Authentication authentication;

  public Gate(Authentication authentication) {
    this.authentication = authentication;
  }

  /**
   * Lets a request pass.
   *
   * @throws sh.kaito.testkit.internal.apiserver.ApiFailure 401 or 403
   */
  public Admitted admit(KubeRequest request, Peer peer) {
    Caller caller = authentication.caller(request, peer);
    return new Admitted(withoutCredentials(request), caller);
  }

  private static KubeRequest withoutCredentials(KubeRequest request) {
    if (request.headers().keySet().stream().noneMatch(Gate::isCredential)) {
      return request;
    }
    KubeRequest.Builder builder = KubeRequest.of(request.method(), request.path());
    request.query().forEach((name, values) -> values.forEach(value -> builder.query(name, value)));
    if (request.body().length > 0) {
      builder.body(request.header("Content-Type").orElse(""), request.body());
    }
    for (Map.Entry<String, String> header : request.headers().entrySet()) {
      if (!isCredential(header.getKey())) {
        builder.header(header.getKey(), header.getValue());
      }
    }
    return builder.build();
  }

  private static boolean isCredential(String header) {
    String name = header.toLowerCase(Locale.ROOT);
    return name.equals("authorization") || name.startsWith("impersonate-");
  }
}

package sh.kaito.testkit.internal.apiserver.auth;

import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.apiserver.Caller;
import sh.kaito.testkit.internal.apiserver.Ids;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.storage.Store;

/** Who may do what on one server: what every request passes, and what handlers ask. Thread-safe. */
public final class Access {
  /**
   * A request that may go on.
   *
   * @param request without credentials, which nobody behind the gate is to see
   */
  public record Admitted(KubeRequest request, Caller caller) {}

  private final Authorizer authorizer;
  private final @Nullable Escalation escalation;
  private final ServiceAccountTokens tokens;
  private final Authentication authentication;
  private final Impersonation impersonation;

  /**
   * Access to the objects of a store.
   *
   * @param rbac whether roles in the store decide; else everybody may do everything
   */
  public Access(Store store, Users users, boolean rbac, Clock clock, Ids ids) {
    this.tokens = new ServiceAccountTokens(store, clock, ids);
    this.authentication = new Authentication(users, tokens, !rbac);
    if (rbac) {
      Rbac roles = new Rbac(store);
      this.authorizer = roles;
      this.escalation = new Escalation(roles);
    } else {
      this.authorizer = Authorizer.ALLOW_ALL;
      this.escalation = null;
    }
    this.impersonation = new Impersonation(authorizer);
  }

  public Authorizer authorizer() {
    return authorizer;
  }

  public Authentication authentication() {
    return authentication;
  }

  public ServiceAccountTokens tokens() {
    return tokens;
  }

  /**
   * Lets a request pass that its sender may send.
   *
   * @throws sh.kaito.testkit.internal.apiserver.ApiFailure 401 or 403
   */
  public Admitted admit(KubeRequest request, Peer peer) {
    Caller caller = impersonation.effective(request, authentication.caller(request, peer));
    require(Attributes.of(request, caller));
    return new Admitted(withoutCredentials(request), caller);
  }

  private void require(Attributes wanted) {
    Authorizer.Decision decision = authorizer.decide(wanted);
    if (!decision.allowed()) {
      throw wanted.forbidden(decision.reason());
    }
  }

  /**
   * Some writes turn out to create what is not there: that is a right of its own.
   *
   * @throws sh.kaito.testkit.internal.apiserver.ApiFailure 403
   */
  public void requireCreate(
      Caller caller, ResourceType type, @Nullable String namespace, String name) {
    require(
        Attributes.resource(
            caller,
            "create",
            type.group(),
            type.plural(),
            namespace == null ? "" : namespace,
            name));
  }

  /**
   * Refuses roles and bindings that give away what their writer does not have.
   *
   * @param requestName the name in the path; empty where that has none
   * @param old what stands; null on creation
   * @throws sh.kaito.testkit.internal.apiserver.ApiFailure 403
   */
  public void checkEscalation(
      Caller caller,
      ResourceType type,
      String requestName,
      Map<String, Object> object,
      @Nullable Map<String, Object> old) {
    if (escalation != null) {
      escalation.check(caller, type, requestName, object, old);
    }
  }

  private static KubeRequest withoutCredentials(KubeRequest request) {
    if (request.headers().keySet().stream().noneMatch(Access::isCredential)) {
      return request;
    }
    KubeRequest.Builder builder = KubeRequest.of(request.method(), request.path());
    request.query().forEach((name, values) -> values.forEach(value -> builder.query(name, value)));
    if (request.body().length > 0) {
      builder.body(request.header("Content-Type").orElse(""), request.body());
    }
    request
        .headers()
        .forEach(
            (name, value) -> {
              if (!isCredential(name)) {
                builder.header(name, value);
              }
            });
    return builder.build();
  }

  private static boolean isCredential(String header) {
    String name = header.toLowerCase(Locale.ROOT);
    return name.equals("authorization") || name.startsWith("impersonate-");
  }
}

package sh.kaito.core.provision;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.ProvisionFailure.Kind;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ResourceType;

/** Answers of the API server to requests about claims, as failures. */
final class ApiFailures {
  private ApiFailures() {}

  static ProvisionFailure of(KubeResult result, ResourceType type) {
    ProvisionFailure.Builder failure =
        ProvisionFailure.builder().retryAfter(result.retryAfter()).code(code(result));
    String said = "the API server answered " + result.status() + ": " + result.message();
    if (result.isNotFound()) {
      failure
          .kind(Kind.API_MISSING)
          .code("ClaimApiMissing")
          .message(
              type
                  + "/"
                  + type.version()
                  + " is not served by this cluster; install the provisioner's CRDs");
    } else if (result.isForbidden() || result.isUnauthorized()) {
      failure.kind(Kind.AUTH).message(said);
    } else if (result.isTooManyRequests()) {
      failure.kind(Kind.THROTTLED).message(said);
    } else if (result.status() >= 500) {
      failure.kind(Kind.TRANSIENT).message(said);
    } else {
      failure.kind(Kind.INVALID).message(said);
    }
    return failure.build();
  }

  private static String code(KubeResult result) {
    return result.reason().isEmpty() ? "Http" + result.status() : result.reason();
  }

  static ProvisionFailure foreign(ResourceType type, String name) {
    return ProvisionFailure.builder()
        .kind(Kind.FOREIGN_RESOURCE)
        .code("NameTaken")
        .message(
            type.kind()
                + " "
                + name
                + " exists and does not carry this workspace's labels; it is left alone. Remove it"
                + " if it is a left-over")
        .build();
  }

  /** A purchase may still arrive; its answer, or time, tells. */
  static ProvisionFailure onItsWay() {
    return ProvisionFailure.builder()
        .kind(Kind.CONFLICT)
        .code("PurchaseUnderWay")
        .message("a purchase is under way and may still arrive")
        .build();
  }

  /** A request without answer. */
  static ProvisionFailure of(@Nullable Throwable error) {
    Throwable cause = unwrap(error);
    return ProvisionFailure.builder()
        .kind(Kind.TRANSIENT)
        .code("NoAnswer")
        .message("no answer from the API server: " + (cause == null ? "" : cause.getMessage()))
        .build();
  }

  /** Whether a request without answer may have taken effect. */
  static boolean mayHaveTakenEffect(@Nullable Throwable error) {
    return !(unwrap(error) instanceof KubeTransportException failure
        && failure.effect() == KubeTransportException.Effect.NONE);
  }

  private static @Nullable Throwable unwrap(@Nullable Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }

  /**
   * Whether a 404 is about the one object and not about its kind: the API server names the object
   * that it does not find, and answers in plain text for a path that it does not serve.
   */
  static boolean namesObject(KubeResult notFound) {
    return !notFound.body().path("details").path("name").asText().isEmpty();
  }
}

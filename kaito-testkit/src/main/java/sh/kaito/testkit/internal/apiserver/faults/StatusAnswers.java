package sh.kaito.testkit.internal.apiserver.faults;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.apiserver.ApiFailure;

/** Answers of requests that have no effect. */
public final class StatusAnswers {
  private StatusAnswers() {}

  /** An error as the API server writes it. */
  public static KubeResponse of(int status, String reason, String message) {
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("status: found " + status + ", an error is 400 to 599");
    }
    return ApiFailure.of(status, reason, message).response();
  }

  /** 429 of API Priority and Fairness, which is text and no Status. */
  public static KubeResponse tooManyRequests(Duration retryAfter) {
    if (retryAfter.isNegative()) {
      throw new IllegalArgumentException("retryAfter is zero or more, found " + retryAfter);
    }
    long seconds = retryAfter.plusSeconds(1).minusNanos(1).toSeconds();
    return KubeResponse.of(
        429,
        Map.of(
            "Content-Type", List.of("text/plain; charset=utf-8"),
            "Retry-After", List.of(Long.toString(seconds)),
            "X-Content-Type-Options", List.of("nosniff")),
        "Too many requests, please try again later.\n".getBytes(StandardCharsets.UTF_8));
  }
}

package sh.kaito.testkit.internal.cluster;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.testkit.internal.json.Json;

/**
 * Finds out whether a cluster has somebody who reconciles Deployments: a bare kube-apiserver has
 * not, and no API tells. A Deployment without replicas is created; its controller says within
 * moments that it has seen it.
 */
public final class WorkloadTrial {
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private WorkloadTrial() {}

  /** Whether Deployments are reconciled. */
  public static CompletionStage<Boolean> in(
      String namespace, KubeTransport transport, Scheduler scheduler) {
    String deployments = "/apis/apps/v1/namespaces/" + namespace + "/deployments";
    String trial = deployments + "/kaito-test-trial";
    String json =
        """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"kaito-test-trial"},
         "spec":{"replicas":0,"selector":{"matchLabels":{"app":"kaito-test-trial"}},
          "template":{"metadata":{"labels":{"app":"kaito-test-trial"}},
           "spec":{"containers":[{"name":"none","image":"none.invalid/none:0"}]}}}}
        """;
    return transport
        .exchange(KubeRequest.post(deployments, json.getBytes(StandardCharsets.UTF_8)).build())
        .thenCompose(
            created -> {
              if (!created.isSuccess()) {
                throw new IllegalStateException(
                    "a Deployment cannot be created: " + created.bodyText());
              }
              return seen(trial, transport, scheduler, PATIENCE);
            })
        .thenCompose(
            seen ->
                transport
                    .exchange(KubeRequest.delete(trial + "?propagationPolicy=Background").build())
                    .thenApply(gone -> seen));
  }

  private static CompletionStage<Boolean> seen(
      String trial, KubeTransport transport, Scheduler scheduler, Duration left) {
    return transport
        .exchange(KubeRequest.get(trial).build())
        .thenCompose(
            answer -> {
              boolean observed =
                  answer.isSuccess()
                      && Json.integer(Json.parse(answer.body()), 0, "status", "observedGeneration")
                          > 0;
              if (observed || left.isNegative()) {
                return CompletableFuture.completedFuture(observed);
              }
              return RealTime.after(scheduler, LOOK_EVERY)
                  .thenCompose(again -> seen(trial, transport, scheduler, left.minus(LOOK_EVERY)));
            });
  }
}

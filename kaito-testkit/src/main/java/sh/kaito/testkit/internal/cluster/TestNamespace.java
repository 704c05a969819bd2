package sh.kaito.testkit.internal.cluster;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.testkit.internal.json.Json;

/** The namespace of one test on a real cluster, with all that the test may leave in the cluster. */
public final class TestNamespace {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final String CLAIMS = "/apis/karpenter.sh/v1/nodeclaims";
  private static final String OWNER = "java.kaito.sh/owner";

  private final KubeTransport transport;
  private final Scheduler scheduler;
  private final String name;

  public TestNamespace(KubeTransport transport, Scheduler scheduler, String name) {
    this.transport = transport;
    this.scheduler = scheduler;
    this.name = name;
  }

  public String name() {
    return name;
  }

  /**
   * Creates it, with the ServiceAccount that pods need: its controller makes it a moment later, or
   * never where none runs.
   */
  public CompletionStage<Void> create() {
    return transport
        .exchange(
            KubeRequest.post(
                    "/api/v1/namespaces",
                    Json.write(
                        Json.objectOf(
                            "apiVersion",
                            "v1",
                            "kind",
                            "Namespace",
                            "metadata",
                            Json.objectOf("name", name))))
                .build())
        .thenAccept(
            answer -> {
              if (!answer.isSuccess()) {
                throw new IllegalStateException(
                    "namespace " + name + " cannot be created: " + answer.bodyText());
              }
            })
        .thenCompose(
            done ->
                transport.exchange(
                    KubeRequest.post(
                            "/api/v1/namespaces/" + name + "/serviceaccounts",
                            Json.write(
                                Json.objectOf(
                                    "apiVersion",
                                    "v1",
                                    "kind",
                                    "ServiceAccount",
                                    "metadata",
                                    Json.objectOf("name", "default"))))
                        .build()))
        .thenAccept(
            answer -> {
              if (!answer.isSuccess() && answer.status() != 409) {
                throw new IllegalStateException(
                    "namespace " + name + " gets no ServiceAccount: " + answer.bodyText());
              }
            });
  }

  /**
   * Removes the Workspaces of the namespace, though their operator may be gone already, their
   * claims with the nodes, and the namespace; returns when claims and nodes are gone. The content
   * of the namespace is left to the cluster's namespace controller.
   *
   * @throws AssertionError when claims or nodes stay
   */
  public void remove() {
    RealTime.await(
        workspaces()
            .thenCompose(all -> each(all, this::letGo))
            .thenCompose(done -> claims())
            .thenCompose(all -> each(all, path -> transport.exchange(delete(path))))
            .thenCompose(done -> untilNoClaims(LIMIT))
            .thenCompose(done -> transport.exchange(delete("/api/v1/namespaces/" + name)))
            // Nobody plays the kubelet any more when the namespace controller asks for their end.
            .thenCompose(
                done ->
                    transport.exchange(
                        delete("/api/v1/namespaces/" + name + "/pods?gracePeriodSeconds=0")))
            .thenAccept(done -> {}),
        LIMIT.multipliedBy(2));
  }

  private CompletionStage<List<String>> workspaces() {
    return transport
        .exchange(KubeRequest.get("/apis/" + KaitoApi.GROUP).build())
        .thenCompose(
            group -> {
              if (!group.isSuccess()) {
                return CompletableFuture.completedFuture(List.of());
              }
              String path =
                  "/apis/"
                      + Json.text(Json.parse(group.body()), "preferredVersion", "groupVersion")
                      + "/namespaces/"
                      + name
                      + "/workspaces";
              return paths(path, object -> true);
            });
  }

  private CompletionStage<List<String>> claims() {
    return paths(
        CLAIMS,
        claim ->
            String.valueOf(Json.string(claim, "metadata", "annotations", OWNER))
                    .startsWith(name + "/")
                || name.equals(
                    Json.string(claim, "metadata", "labels", KaitoLabels.WORKSPACE_NAMESPACE)));
  }

  private CompletionStage<List<String>> paths(String list, Predicate<@Nullable Object> chosen) {
    return transport
        .exchange(KubeRequest.get(list).build())
        .thenApply(
            answer -> {
              List<String> paths = new ArrayList<>();
              List<@Nullable Object> items =
                  answer.isSuccess() ? Json.list(Json.parse(answer.body()), "items") : null;
              if (items != null) {
                for (Object item : items) {
                  if (chosen.test(item)) {
                    paths.add(list + "/" + Json.text(item, "metadata", "name"));
                  }
                }
              }
              return paths;
            });
  }

  private CompletionStage<KubeResponse> letGo(String workspace) {
    return transport
        .exchange(delete(workspace))
        .thenCompose(
            deleted ->
                transport.exchange(
                    KubeRequest.patch(
                            workspace,
                            PatchType.MERGE,
                            "{\"metadata\":{\"finalizers\":null}}".getBytes(StandardCharsets.UTF_8))
                        .build()));
  }

  private static KubeRequest delete(String path) {
    return KubeRequest.delete(path).build();
  }

  private static CompletionStage<Void> each(
      List<String> paths, java.util.function.Function<String, CompletionStage<KubeResponse>> send) {
    CompletionStage<Void> all = CompletableFuture.completedFuture(null);
    for (String path : paths) {
      all = all.thenCompose(done -> send.apply(path)).thenAccept(answer -> {});
    }
    return all;
  }

  private CompletionStage<Void> untilNoClaims(Duration left) {
    return claims()
        .thenCompose(
            remaining -> {
              if (remaining.isEmpty()) {
                return CompletableFuture.completedFuture(null);
              }
              if (left.isNegative()) {
                return CompletableFuture.failedFuture(
                    new AssertionError(
                        "left on the cluster by the test in namespace " + name + ": " + remaining));
              }
              return RealTime.after(scheduler, LOOK_EVERY)
                  .thenCompose(again -> untilNoClaims(left.minus(LOOK_EVERY)));
            });
  }
}

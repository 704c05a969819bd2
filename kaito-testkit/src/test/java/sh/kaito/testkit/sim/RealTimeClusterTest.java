package sh.kaito.testkit.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.SimulatedNodes;
import sh.kaito.testkit.SimulatedWorkloads;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.Yaml;

/** The same simulators on the wall clock, with sockets: a model answers over HTTP. */
@Timeout(120)
class RealTimeClusterTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Test
  void deploymentServesThroughTheApiServersProxy() throws Exception {
    try (KubeApiServer server = KubeApiServer.start();
        SystemScheduler scheduler = SystemScheduler.create("sim-test", 2)) {
      KubeTransport transport = server.transport();
      try (InputStream crd =
          SimulatedNodes.class.getResourceAsStream("crds/nodeclaims.karpenter.sh.yaml")) {
        create(
            transport,
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            new String(java.util.Objects.requireNonNull(crd).readAllBytes(), UTF_8));
      }
      try (SimulatedNodes nodes = SimulatedNodes.builder(transport, scheduler).start();
          SimulatedWorkloads workloads =
              SimulatedWorkloads.builder(transport, scheduler)
                  .network(server.podNetwork())
                  .start()) {
        create(transport, SimWorld.CLAIMS, SimWorld.claim("c0", "Standard_NC6s_v3"));
        create(
            transport,
            SimWorld.DEPLOYMENTS,
            SimWorld.deployment(1).replace("initialDelaySeconds: 30", "initialDelaySeconds: 0"));
        create(
            transport,
            "/api/v1/namespaces/default/services",
            """
            apiVersion: v1
            kind: Service
            metadata: {name: w}
            spec:
              selector: {kaito.sh/workspace: w}
              ports: [{name: http, port: 80, targetPort: 5000}]
            """);
        await(
            transport,
            SimWorld.DEPLOYMENTS,
            object -> object.at("/status/readyReplicas").asInt() == 1);

        HttpResponse<String> answer =
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(
                            URI.create(
                                server.url()
                                    + "/api/v1/namespaces/default/services/w:80/proxy/chat"))
                        .timeout(Duration.ofSeconds(30))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"Hi\"}"))
                        .build(),
                    HttpResponse.BodyHandlers.ofString());
        assertThat(answer.body())
            .isEqualTo("{\"Result\":\"Hi\\n[simulated phi-3-mini-4k-instruct] You asked: Hi\"}");
        assertThat(stubThreads()).as("the model really listens").isPositive();
      }
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (thread.getName().startsWith("stub-model-")) {
          thread.join(10_000);
        }
      }
      assertThat(stubThreads()).isZero();
    }
  }

  private static long stubThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("stub-model-") && thread.isAlive())
        .count();
  }

  private static void create(KubeTransport transport, String collection, String yaml)
      throws Exception {
    KubeResponse response =
        transport
            .exchange(KubeRequest.post(collection, Json.write(Yaml.parse(yaml))).build())
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    assertThat(response.status()).as(response.bodyText()).isEqualTo(201);
  }

  /** Waits for an object of a collection by watching it. */
  private static void await(
      KubeTransport transport, String collection, Predicate<JsonNode> condition) throws Exception {
    CompletableFuture<JsonNode> found = new CompletableFuture<>();
    KubeWatch watch =
        transport.watch(
            KubeRequest.get(collection).query("watch", "true").build(),
            new KubeWatch.Listener() {
              @Override
              public void onEvent(byte[] event) {
                try {
                  JsonNode object = MAPPER.readTree(event).path("object");
                  if (condition.test(object)) {
                    found.complete(object);
                  }
                } catch (java.io.IOException e) {
                  found.completeExceptionally(e);
                }
              }

              @Override
              public void onRejected(KubeResponse response) {
                found.completeExceptionally(new AssertionError(response.bodyText()));
              }

              @Override
              public void onEnd(@Nullable Throwable cause) {
                found.completeExceptionally(new AssertionError("the watch ended", cause));
              }
            });
    try (watch) {
      found.get(60, TimeUnit.SECONDS);
    }
  }
}

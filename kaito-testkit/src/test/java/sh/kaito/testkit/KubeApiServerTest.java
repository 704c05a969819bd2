package sh.kaito.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.kube.PatchType;
import sh.kaito.testkit.internal.json.Json;

/** The embedded API server on virtual time, and over HTTP. */
class KubeApiServerTest {
  private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

  private final VirtualScheduler time = VirtualScheduler.seeded(7);
  private final KubeApiServer server = KubeApiServer.inProcess(time);

  @AfterEach
  void close() {
    server.close();
  }

  private KubeResponse send(KubeRequest.Builder request) {
    KubeResponse answer =
        time.await(server.transport().exchange(request.build()), Duration.ofSeconds(1));
    time.runUntilIdle();
    return answer;
  }

  private KubeResponse post(String path, String json) {
    return send(KubeRequest.post(path, json.getBytes(StandardCharsets.UTF_8)));
  }

  private static @Nullable Object body(KubeResponse response) {
    return Json.parse(response.body());
  }

  private static String configMap(String name, String metadata) {
    return """
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"%s},"data":{"k":"v"}}"""
        .formatted(name, metadata);
  }

  /** Collects the lines of one watch. */
  private static final class Events implements KubeWatch.Listener {
    final List<String> seen = new ArrayList<>();
    boolean ended;

    @Override
    public void onEvent(byte[] event) {
      Object parsed = Json.parse(event);
      seen.add(Json.text(parsed, "type") + " " + Json.text(parsed, "object", "metadata", "name"));
    }

    @Override
    public void onRejected(KubeResponse response) {
      seen.add("REJECTED " + response.status());
    }

    @Override
    public void onEnd(@Nullable Throwable cause) {
      ended = true;
    }
  }

  private Events watch(String path) {
    Events events = new Events();
    KubeWatch ignored = server.transport().watch(KubeRequest.get(path).build(), events);
    time.runUntilIdle();
    assertThat(ignored).isNotNull();
    return events;
  }

  @Test
  void staleReplaceIsAConflict() {
    KubeResponse created = post(CONFIG_MAPS, configMap("a", ""));
    assertThat(created.status()).isEqualTo(201);
    byte[] first = created.body();
    KubeResponse replaced =
        send(
            KubeRequest.put(
                CONFIG_MAPS + "/a",
                created
                    .bodyText()
                    .replace("\"k\":\"v\"", "\"k\":\"w\"")
                    .getBytes(StandardCharsets.UTF_8)));
    assertThat(replaced.status()).isEqualTo(200);
    KubeResponse stale = send(KubeRequest.put(CONFIG_MAPS + "/a", first));
    assertThat(stale.status()).as("a replace with the old resourceVersion").isEqualTo(409);
    assertThat(Json.text(body(stale), "reason")).isEqualTo("Conflict");
  }

  @Test
  void aWatchResumesWhereAListEnded() {
    post(CONFIG_MAPS, configMap("a", ""));
    String version =
        Json.text(body(send(KubeRequest.get(CONFIG_MAPS))), "metadata", "resourceVersion");
    post(CONFIG_MAPS, configMap("b", ""));
    Events events = watch(CONFIG_MAPS + "?watch=1&timeoutSeconds=60&resourceVersion=" + version);
    send(KubeRequest.delete(CONFIG_MAPS + "/a"));
    assertThat(events.seen).containsExactly("ADDED b", "DELETED a");
    assertThat(events.ended).isFalse();
    time.advance(Duration.ofSeconds(61));
    assertThat(events.ended).as("timeoutSeconds ends the stream").isTrue();
  }

  @Test
  void aWatchFromBeforeACompactionIsGone() {
    post(CONFIG_MAPS, configMap("a", ""));
    server.compact();
    Events events = watch(CONFIG_MAPS + "?watch=1&resourceVersion=1");
    assertThat(events.seen).containsExactly("ERROR ");
    assertThat(events.ended).isTrue();
  }

  @Test
  void leavingASelectorIsADeletion() {
    post(CONFIG_MAPS, configMap("a", ",\"labels\":{\"app\":\"x\"}"));
    Events events = watch(CONFIG_MAPS + "?watch=1&labelSelector=app%3Dx");
    send(
        KubeRequest.patch(
            CONFIG_MAPS + "/a",
            PatchType.MERGE,
            "{\"metadata\":{\"labels\":{\"app\":\"y\"}}}".getBytes(StandardCharsets.UTF_8)));
    assertThat(events.seen).containsExactly("ADDED a", "DELETED a");
  }

  @Test
  void dependentsFollowTheirOwner() {
    String uid = Json.text(body(post(CONFIG_MAPS, configMap("owner", ""))), "metadata", "uid");
    post(
        CONFIG_MAPS,
        configMap(
            "dependent",
            ",\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"owner\",\"uid\":\""
                + uid
                + "\"}]"));
    send(KubeRequest.delete(CONFIG_MAPS + "/owner"));
    assertThat(send(KubeRequest.get(CONFIG_MAPS + "/dependent")).status()).isEqualTo(404);
  }

  @Test
  void aFinalizerHoldsWhatIsDeleted() {
    post(CONFIG_MAPS, configMap("held", ",\"finalizers\":[\"example.com/hold\"]"));
    KubeResponse deleted = send(KubeRequest.delete(CONFIG_MAPS + "/held"));
    assertThat(Json.string(body(deleted), "metadata", "deletionTimestamp")).isNotNull();
    send(
        KubeRequest.patch(
            CONFIG_MAPS + "/held",
            PatchType.JSON,
            "[{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}]"
                .getBytes(StandardCharsets.UTF_8)));
    assertThat(send(KubeRequest.get(CONFIG_MAPS + "/held")).status()).isEqualTo(404);
  }

  @Test
  void aDefinitionServesItsResource() {
    String crd =
        """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
         "metadata":{"name":"widgets.example.com"},
         "spec":{"group":"example.com","scope":"Namespaced",
          "names":{"plural":"widgets","kind":"Widget"},
          "versions":[{"name":"v1","served":true,"storage":true,
           "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}},
           "subresources":{"status":{}}}]}}
        """;
    assertThat(post(CRDS, crd).status()).isEqualTo(201);
    String widgets = "/apis/example.com/v1/namespaces/default/widgets";
    KubeResponse created =
        post(
            widgets,
            """
            {"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},
             "spec":{"size":1},"status":{"phase":"ignored"}}""");
    assertThat(created.status()).isEqualTo(201);
    assertThat(Json.integer(body(created), 0, "metadata", "generation")).isEqualTo(1);
    assertThat(Json.get(body(created), "status")).as("status is a subresource").isNull();
    KubeResponse status =
        send(
            KubeRequest.patch(
                widgets + "/w/status",
                PatchType.MERGE,
                "{\"status\":{\"phase\":\"Ready\"},\"spec\":{\"size\":2}}"
                    .getBytes(StandardCharsets.UTF_8)));
    assertThat(Json.text(body(status), "status", "phase")).isEqualTo("Ready");
    assertThat(Json.integer(body(status), 0, "spec", "size")).isEqualTo(1);
    assertThat(Json.integer(body(status), 0, "metadata", "generation")).isEqualTo(1);
  }

  @Test
  void aDeletedNamespaceTakesItsContentAlong() {
    post("/api/v1/namespaces", "{\"metadata\":{\"name\":\"team\"}}");
    post("/api/v1/namespaces/team/configmaps", configMap("a", ""));
    send(KubeRequest.delete("/api/v1/namespaces/team"));
    assertThat(send(KubeRequest.get("/api/v1/namespaces/team")).status()).isEqualTo(404);
    assertThat(send(KubeRequest.get("/api/v1/namespaces/team/configmaps/a")).status())
        .isEqualTo(404);
  }

  @Test
  void aServiceLeadsToAReadyPod() {
    server
        .podNetwork()
        .register(
            "10.244.0.9",
            5000,
            PodNetwork.inProcess(
                request ->
                    KubeResponse.of(
                        200,
                        java.util.Map.of(),
                        ("pod saw " + request.pathAndQuery()).getBytes(StandardCharsets.UTF_8))));
    post(
        "/api/v1/namespaces/default/services",
        """
        {"metadata":{"name":"model"},
         "spec":{"selector":{"app":"m"},"ports":[{"port":80,"targetPort":5000}]}}""");
    String proxy = "/api/v1/namespaces/default/services/model:80/proxy/chat?x=1";
    assertThat(send(KubeRequest.get(proxy)).status()).as("no pod yet").isEqualTo(404);
    post(
        "/api/v1/namespaces/default/pods",
        """
        {"metadata":{"name":"m-0","labels":{"app":"m"}},
         "spec":{"containers":[{"name":"c","image":"i"}]}}""");
    assertThat(send(KubeRequest.get(proxy)).status()).as("a pod, but not ready").isEqualTo(503);
    send(
        KubeRequest.patch(
            "/api/v1/namespaces/default/pods/m-0/status",
            PatchType.MERGE,
            """
            {"status":{"podIP":"10.244.0.9","conditions":[{"type":"Ready","status":"True"}]}}"""
                .getBytes(StandardCharsets.UTF_8)));
    KubeResponse answer = send(KubeRequest.get(proxy));
    assertThat(answer.bodyText()).isEqualTo("pod saw /chat?x=1");
  }

  @Test
  void theSameSeedGivesTheSameServer() {
    String first = post(CONFIG_MAPS, configMap("a", "")).bodyText();
    VirtualScheduler again = VirtualScheduler.seeded(7);
    try (KubeApiServer second = KubeApiServer.inProcess(again)) {
      KubeResponse answer =
          again.await(
              second
                  .transport()
                  .exchange(
                      KubeRequest.post(
                              CONFIG_MAPS, configMap("a", "").getBytes(StandardCharsets.UTF_8))
                          .build()),
              Duration.ofSeconds(1));
      assertThat(answer.bodyText()).isEqualTo(first);
    }
  }

  @Test
  void httpAndInProcessShareOneStore() throws Exception {
    try (KubeApiServer listening = KubeApiServer.start()) {
      HttpClient client = HttpClient.newHttpClient();
      URI url = listening.url().resolve(CONFIG_MAPS);
      HttpResponse<String> created =
          client.send(
              HttpRequest.newBuilder(url)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(configMap("a", "")))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(created.statusCode()).isEqualTo(201);
      KubeResponse seen =
          listening
              .transport()
              .exchange(KubeRequest.get(CONFIG_MAPS + "/a").build())
              .toCompletableFuture()
              .get(10, java.util.concurrent.TimeUnit.SECONDS);
      assertThat(seen.bodyText()).isEqualTo(created.body());
      assertThat(listening.kubeconfig()).contains(listening.url().toString());
    }
  }

  @Test
  void malformedRequestsGetAnAnswerWithoutTrace() {
    KubeResponse broken = post(CONFIG_MAPS, "{\"kind\":");
    assertThat(broken.status()).isEqualTo(400);
    assertThat(Json.text(body(broken), "kind")).isEqualTo("Status");
    assertThat(broken.bodyText()).doesNotContain("java");
  }

  @Test
  void aServerInProcessHasNoUrl() {
    assertThatThrownBy(server::url)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("use transport()");
  }
}

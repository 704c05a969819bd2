package sh.kaito.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.generic.GenericKubernetesApi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The model in the hands of the Kubernetes client, over HTTP, without any registration. */
class GenericKubernetesApiTest {
  private static final String WORKSPACE =
      """
      {"apiVersion":"kaito.sh/v1beta1","kind":"Workspace","metadata":{"name":"w","namespace":"n","futureMeta":1},
       "resource":{"labelSelector":{"matchLabels":{"a":"b"}}},"inference":{"preset":{"name":"phi-4"}},"future":true}""";

  private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;

  GenericKubernetesApiTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void serve() {
    server.createContext(
        "/apis/kaito.sh/v1beta1/namespaces/n/workspaces",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          bodies.add(body);
          String answer =
              !body.isEmpty()
                  ? body
                  : path.endsWith("/workspaces")
                      ? "{\"apiVersion\":\"kaito.sh/v1beta1\",\"kind\":\"WorkspaceList\",\"metadata\":{\"resourceVersion\":\"5\"},\"items\":["
                          + WORKSPACE
                          + "]}"
                      : WORKSPACE;
          byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void getsListsAndUpdates() throws Exception {
    ApiClient client =
        new ApiClient().setBasePath("http://127.0.0.1:" + server.getAddress().getPort());
    GenericKubernetesApi<Workspace, WorkspaceList> api =
        new GenericKubernetesApi<>(
            Workspace.class,
            WorkspaceList.class,
            KaitoApi.GROUP,
            ApiVersion.V1BETA1.version(),
            KaitoApi.WORKSPACE_PLURAL,
            client);

    Workspace got = api.get("n", "w").throwsApiException().getObject();
    assertThat(got).isEqualTo(Workspaces.fromJson(WORKSPACE));
    assertThat(api.list("n").throwsApiException().getObject().items()).containsExactly(got);

    Workspace changed =
        got.toBuilder().resource(got.resource().toBuilder().count(2).build()).build();
    assertThat(api.update(changed).throwsApiException().getObject()).isEqualTo(changed);
    ObjectMapper json = new ObjectMapper();
    assertThat(json.readTree(bodies.get(2)))
        .as("what was sent, unknown fields included")
        .isEqualTo(
            json.readTree(
                WORKSPACE.replace("{\"labelSelector\"", "{\"count\":2,\"labelSelector\"")));
  }
}

package sh.kaito.testkit.internal.apiserver.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.VirtualScheduler;
import sh.kaito.testkit.internal.json.Json;

/** An embedded server in process, asked one request after the other. */
final class Server implements AutoCloseable {
  static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

  private final VirtualScheduler time = VirtualScheduler.seeded(11);
  private final KubeApiServer server = KubeApiServer.inProcess(time);

  KubeResponse send(KubeRequest.Builder request) {
    KubeResponse answer =
        time.await(server.transport().exchange(request.build()), Duration.ofSeconds(1));
    time.runUntilIdle();
    return answer;
  }

  KubeResponse get(String path) {
    return send(KubeRequest.get(path));
  }

  KubeResponse post(String path, String json) {
    return send(KubeRequest.post(path, bytes(json)));
  }

  KubeResponse put(String path, String json) {
    return send(KubeRequest.put(path, bytes(json)));
  }

  KubeResponse merge(String path, String json) {
    return send(KubeRequest.patch(path, PatchType.MERGE, bytes(json)));
  }

  KubeResponse patch(String path, String json) {
    return send(KubeRequest.patch(path, PatchType.JSON, bytes(json)));
  }

  KubeResponse apply(String path, String json) {
    return send(KubeRequest.patch(path, PatchType.APPLY, bytes(json)));
  }

  /** Creates an object that must be accepted. */
  Object created(String path, String json) {
    KubeResponse answer = post(path, json);
    assertThat(answer.status()).as("POST %s answered %s", path, answer.bodyText()).isEqualTo(201);
    return body(answer);
  }

  static Object body(KubeResponse answer) {
    return Objects.requireNonNull(Json.parse(answer.body()));
  }

  /** {@code message} of a Status. */
  static String message(KubeResponse answer) {
    return Json.text(body(answer), "message");
  }

  /** {@code field: message} of each cause of a Status. */
  static List<String> causes(KubeResponse answer) {
    List<@Nullable Object> causes = Json.list(body(answer), "details", "causes");
    return causes == null
        ? List.of()
        : causes.stream()
            .map(cause -> Json.text(cause, "field") + ": " + Json.text(cause, "message"))
            .toList();
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.close();
  }
}

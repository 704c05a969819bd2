package sh.kaito.testkit.access;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.VirtualScheduler;
import sh.kaito.testkit.internal.json.Json;

/** An API server that enforces RBAC, on virtual time, with users alice, bob and carol. */
final class AccessWorld implements AutoCloseable {
  static final String RBAC = "/apis/rbac.authorization.k8s.io/v1";
  static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

  final VirtualScheduler time = VirtualScheduler.seeded(3);
  final KubeApiServer server =
      KubeApiServer.builder()
          .inProcess(time)
          .rbac(true)
          .user("alice", "token-a", "developers")
          .user("bob", "token-b")
          .user("carol", "token-c")
          .build();

  KubeResponse send(KubeTransport transport, KubeRequest.Builder request) {
    KubeResponse answer = time.await(transport.exchange(request.build()), Duration.ofSeconds(1));
    time.runUntilIdle();
    return answer;
  }

  KubeResponse as(String user, KubeRequest.Builder request) {
    return send(server.transport(user), request);
  }

  KubeResponse get(String user, String path) {
    return as(user, KubeRequest.get(path));
  }

  KubeResponse post(String user, String path, String json) {
    return as(user, KubeRequest.post(path, json.getBytes(StandardCharsets.UTF_8)));
  }

  /** What the administrator creates; it must work. */
  KubeResponse create(String path, String json) {
    KubeResponse answer = post("admin", path, json);
    if (answer.status() != 201) {
      throw new AssertionError("POST " + path + ": " + answer.status() + " " + answer.bodyText());
    }
    return answer;
  }

  /** Rules as JSON without the outer brackets. */
  void clusterRole(String name, String rules) {
    create(
        RBAC + "/clusterroles",
        "{\"metadata\":{\"name\":\"" + name + "\"},\"rules\":[" + rules + "]}");
  }

  void bind(String binding, String clusterRole, String subject) {
    create(RBAC + "/clusterrolebindings", binding(binding, clusterRole, subject));
  }

  void bindIn(String namespace, String binding, String clusterRole, String subject) {
    create(
        RBAC + "/namespaces/" + namespace + "/rolebindings",
        binding(binding, clusterRole, subject));
  }

  static String binding(String name, String clusterRole, String subject) {
    return """
        {"metadata":{"name":"%s"},"roleRef":{"kind":"ClusterRole","name":"%s"},"subjects":[%s]}"""
        .formatted(name, clusterRole, subject);
  }

  static String user(String name) {
    return "{\"kind\":\"User\",\"name\":\"" + name + "\"}";
  }

  static String rule(String verbs, String group, String resources, String names) {
    return "{\"verbs\":["
        + quoted(verbs)
        + "],\"apiGroups\":[\""
        + group
        + "\"],\"resources\":["
        + quoted(resources)
        + "]"
        + (names.isEmpty() ? "" : ",\"resourceNames\":[" + quoted(names) + "]")
        + "}";
  }

  private static String quoted(String list) {
    return "\"" + list.replace(" ", "\",\"") + "\"";
  }

  static @Nullable Object body(KubeResponse response) {
    return Json.parse(response.body());
  }

  static String message(KubeResponse response) {
    return Json.text(body(response), "message");
  }

  @Override
  public void close() {
    server.close();
  }
}

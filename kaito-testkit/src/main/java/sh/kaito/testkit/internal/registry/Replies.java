package sh.kaito.testkit.internal.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.sim.Objects;

/** Answers of a registry, errors in the body that the distribution spec lays down. */
final class Replies {
  private final int status;
  private final Map<String, List<String>> headers = new LinkedHashMap<>();
  private byte[] body = new byte[0];

  private Replies(int status) {
    this.status = status;
    header("Docker-Distribution-Api-Version", "registry/2.0");
  }

  static Replies of(int status) {
    return new Replies(status);
  }

  static Replies json(int status, JsonNode tree) {
    return of(status).body("application/json", Objects.bytes(tree));
  }

  /**
   * An error.
   *
   * @param code one of the spec's, such as {@code BLOB_UNKNOWN}
   */
  static Replies error(int status, String code, String message) {
    ObjectNode tree = Objects.object();
    tree.putArray("errors").addObject().put("code", code).put("message", message);
    return json(status, tree);
  }

  static Replies methodNotAllowed(String allowed) {
    return error(405, "UNSUPPORTED", "the operation is unsupported (simulated registry)")
        .header("Allow", allowed);
  }

  Replies header(String name, String value) {
    headers.put(name, List.of(value));
    return this;
  }

  Replies body(String contentType, byte[] content) {
    header("Content-Type", contentType);
    body = content;
    return this;
  }

  KubeResponse build() {
    return KubeResponse.of(status, headers, body);
  }
}

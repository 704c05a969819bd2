package sh.kaito.core.manifest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/** One Kubernetes object as it is applied. Immutable. */
public final class Manifest {
  private final ObjectNode body;

  Manifest(ObjectNode body) {
    this.body = body;
  }

  /** {@code kind}, such as {@code Service}. */
  public String kind() {
    return body.path("kind").asText();
  }

  /** {@code apiVersion}, such as {@code apps/v1}. */
  public String apiVersion() {
    return body.path("apiVersion").asText();
  }

  /** {@code metadata.namespace}. */
  public String namespace() {
    return body.path("metadata").path("namespace").asText();
  }

  /** {@code metadata.name}. */
  public String name() {
    return body.path("metadata").path("name").asText();
  }

  /** The object as JSON, UTF-8. */
  public byte[] toJson() {
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return kind() + "/" + name();
  }
}

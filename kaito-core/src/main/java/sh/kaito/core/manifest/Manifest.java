package sh.kaito.core.manifest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One Kubernetes object as it is applied. Immutable. */
public final class Manifest {
  /** As text, which takes a tenth of the tree's memory: who keeps manifests keeps many. */
  private final byte[] json;

  private final String kind;
  private final String apiVersion;
  private final String namespace;
  private final String name;
  private final String inputHash;
  private final boolean startsTogether;

  Manifest(ObjectNode body, String inputHash) {
    this(body, inputHash, false);
  }

  /**
   * An object.
   *
   * @param startsTogether whether its pods are one process group, all of one template
   */
  Manifest(ObjectNode body, String inputHash, boolean startsTogether) {
    this.json = body.toString().getBytes(StandardCharsets.UTF_8);
    this.kind = body.path("kind").asText();
    this.apiVersion = body.path("apiVersion").asText();
    this.namespace = body.path("metadata").path("namespace").asText();
    this.name = body.path("metadata").path("name").asText();
    this.inputHash = inputHash;
    this.startsTogether = startsTogether;
  }

  /** {@code kind}, such as {@code Service}. */
  public String kind() {
    return kind;
  }

  /** {@code apiVersion}, such as {@code apps/v1}. */
  public String apiVersion() {
    return apiVersion;
  }

  /** {@code metadata.namespace}. */
  public String namespace() {
    return namespace;
  }

  /** {@code metadata.name}. */
  public String name() {
    return name;
  }

  /**
   * Hash of what the user asked for, as far as this object depends on it: 64 characters of hex. It
   * changes with the user's wish and never with a new release of the library.
   */
  public String inputHash() {
    return inputHash;
  }

  /** The object as JSON, UTF-8. */
  public byte[] toJson() {
    return json.clone();
  }

  /**
   * The fields in which an existing object differs from this one although the API server refuses to
   * change them, as dotted paths such as {@code spec.serviceName}. Where there are any, the object
   * must be deleted, its pods awaited, and then created again. Fields that this manifest leaves to
   * the server's defaults are not compared.
   *
   * <p>The pod template of a process group (torchrun, Ray) counts among them: a StatefulSet
   * replaces its pods one by one and waits for each to be ready, and a new member of a group whose
   * first pod is of the old template may never be.
   *
   * @param live the existing object as JSON, UTF-8
   * @throws IllegalArgumentException when that is no JSON object
   */
  public List<String> immutableDifferences(byte[] live) {
    return ImmutableFields.differences(json, live, startsTogether);
  }

  @Override
  public String toString() {
    return kind() + "/" + name();
  }
}

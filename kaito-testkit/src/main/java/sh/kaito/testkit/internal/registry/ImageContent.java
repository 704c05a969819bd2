package sh.kaito.testkit.internal.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.sim.Objects;

/**
 * An image as it is pushed: configuration, layers, manifest (OCI image spec 1.1). The same files
 * give the same image.
 */
public final class ImageContent {
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

  private final byte[] config;
  private final List<byte[]> layers = new ArrayList<>();
  private final byte[] manifest;

  /**
   * Builds an image.
   *
   * @param layers files by path, such as {@code data/adapter_config.json}, lowest layer first
   * @param annotations of the manifest
   */
  public ImageContent(List<Map<String, byte[]>> layers, Map<String, String> annotations) {
    ObjectNode configuration = Objects.object().put("architecture", "amd64").put("os", "linux");
    configuration.putObject("config");
    ArrayNode ids = configuration.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    for (Map<String, byte[]> files : layers) {
      byte[] tar = Tar.write(files);
      ids.add(Digest.of(tar));
      this.layers.add(Tar.gzip(tar));
    }
    config = Objects.bytes(configuration);
    ObjectNode tree = Objects.object().put("schemaVersion", 2).put("mediaType", MANIFEST);
    tree.set("config", descriptor(CONFIG, config));
    ArrayNode list = tree.putArray("layers");
    this.layers.forEach(layer -> list.add(descriptor(LAYER, layer)));
    ObjectNode notes = tree.putObject("annotations");
    annotations.forEach(notes::put);
    manifest = Objects.bytes(tree);
  }

  private static JsonNode descriptor(String mediaType, byte[] content) {
    return Objects.object()
        .put("mediaType", mediaType)
        .put("digest", Digest.of(content))
        .put("size", content.length);
  }

  /** Configuration and layers: what must be there before the manifest. */
  List<byte[]> blobs() {
    List<byte[]> blobs = new ArrayList<>(layers);
    blobs.add(config);
    return blobs;
  }

  byte[] manifest() {
    return manifest;
  }
}

package sh.kaito.core.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Turns the instance type file into rows. */
final class InstanceTypeReader {
  /** Sizes that this release of the reference dropped are retired. */
  private static final String NEWEST_RELEASE = "0.12.0";

  private InstanceTypeReader() {}

  static List<InstanceType> read(CatalogNode root) {
    root.allowOnly("schemaVersion", "gpus", "instanceTypes", "migProfiles");
    PresetReader.checkVersion(root);
    Map<String, CatalogNode> gpus = new HashMap<>();
    CatalogNode models = root.node("gpus");
    for (String key : models.keys()) {
      gpus.put(
          key,
          models.node(key).allowOnly("product", "memoryGiB", "usableGiB", "computeCapability"));
    }
    List<InstanceType> types = new ArrayList<>();
    for (CatalogNode node : root.nodes("instanceTypes")) {
      types.add(row(node, gpus));
    }
    return types;
  }

  static Set<String> migProfiles(CatalogNode root) {
    Set<String> profiles = new TreeSet<>();
    CatalogNode byGpu = root.node("migProfiles");
    for (String gpu : byGpu.keys()) {
      profiles.addAll(byGpu.texts(gpu));
    }
    return profiles;
  }

  /** Compute capability by the last word of the product's name, such as {@code A100}. */
  static Map<String, ComputeCapability> capabilities(CatalogNode root) {
    Map<String, ComputeCapability> capabilities = new HashMap<>();
    CatalogNode models = root.node("gpus");
    for (String key : models.keys()) {
      CatalogNode gpu = models.node(key);
      String product = gpu.text("product");
      String word = product.substring(product.lastIndexOf(' ') + 1).toUpperCase(Locale.ROOT);
      gpu.optionalText("computeCapability")
          .map(ComputeCapability::parse)
          .ifPresent(capability -> capabilities.put(word, capability));
    }
    return capabilities;
  }

  private static InstanceType row(CatalogNode node, Map<String, CatalogNode> gpus) {
    node.allowOnly(
        "name", "cloud", "gpu", "count", "nvme", "successor", "alsoKnownAs", "source", "note");
    CatalogNode gpu = gpus.get(node.text("gpu"));
    if (gpu == null) {
      throw node.error("gpu", "found " + node.text("gpu") + ", allowed are the keys of gpus");
    }
    GpuShape.Builder shape =
        GpuShape.builder()
            .product(gpu.text("product"))
            .count(node.integer("count"))
            .memoryGiB(gpu.number("memoryGiB"))
            .computeCapability(gpu.optionalText("computeCapability").map(ComputeCapability::parse));
    if (gpu.has("usableGiB")) {
      shape.usableMemoryGiB(gpu.number("usableGiB"));
    }
    return InstanceType.builder()
        .name(node.text("name"))
        .alsoKnownAs(node.texts("alsoKnownAs"))
        .cloud(cloud(node))
        .gpu(shape.build())
        .nvme(node.flag("nvme"))
        .retired(!node.text("source").equals(NEWEST_RELEASE))
        .successor(node.optionalText("successor"))
        .provenance(new Provenance("Kaito", "v" + node.text("source")))
        .note(node.optionalText("note"))
        .build();
  }

  private static CloudProvider cloud(CatalogNode node) {
    String name = node.text("cloud");
    for (CloudProvider cloud : CloudProvider.values()) {
      if (cloud.name().toLowerCase(Locale.ROOT).equals(name)) {
        return cloud;
      }
    }
    throw node.error("cloud", "found " + name + ", allowed are azure, aws and arc");
  }
}

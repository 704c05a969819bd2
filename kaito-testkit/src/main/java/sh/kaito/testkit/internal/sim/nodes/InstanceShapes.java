package sh.kaito.testkit.internal.sim.nodes;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import sh.kaito.core.catalog.GpuCatalog;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.testkit.NodeShape;

/** What instance types offer, by the catalogue of the library. */
public final class InstanceShapes {
  private InstanceShapes() {}

  /**
   * GPU sizes of the built-in catalogue, and Azure's D sizes as machines without GPU; others are
   * not sold.
   */
  public static Function<String, Optional<NodeShape>> builtIn() {
    return name -> {
      if (name.toLowerCase(Locale.ROOT).startsWith("standard_d")) {
        return Optional.of(NodeShape.builder().build());
      }
      return GpuCatalog.builtIn().find(name).map(type -> shape(type.gpu()));
    };
  }

  private static NodeShape shape(GpuShape gpu) {
    NodeShape.Builder shape = NodeShape.builder();
    // An accelerator of another maker is not offered as nvidia.com/gpu.
    if (gpu.nvidia()) {
      shape
          .gpus(gpu.count())
          .gpuProduct(gpu.product().strip().replace(' ', '-'))
          .gpuMemoryMib(Math.round(gpu.memoryGiB() * 1024));
    }
    return shape.build();
  }
}

package sh.kaito.core.manifest;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.LegacyImageRecipe;
import sh.kaito.core.plan.ParallelLayout;

/** The server of an image that holds weights and program, as Kaito v0.3.1 starts it. */
final class LegacyImageServer {
  /** Port of torch's rendezvous; the Service of a v0.3.1 workspace publishes it too. */
  static final int TORCH_PORT = 29500;

  private LegacyImageServer() {}

  static Container of(
      String name, String image, LegacyImageRecipe recipe, ParallelLayout layout, Leader leader) {
    boolean several = recipe.distributed() && layout.pipeline() > 1;
    Map<String, String> launcher = new TreeMap<>(recipe.launcherArgs());
    launcher.putAll(recipe.rendezvousArgs());
    if (recipe.distributed()) {
      launcher.put("nnodes", String.valueOf(layout.pipeline()));
      launcher.put("nproc_per_node", String.valueOf(layout.tensor()));
      launcher.put("rdzv_id", "job");
      launcher.put("rdzv_endpoint", leader.host() + ":" + TORCH_PORT);
    }
    if (several) {
      launcher.put("master_addr", leader.host());
      launcher.put("master_port", String.valueOf(TORCH_PORT));
      launcher.remove("node_rank");
    }
    Arguments command = Arguments.of().add(recipe.launcher()).flags(launcher);
    if (several) {
      command.expanded("--node_rank=" + Leader.POD_INDEX_VALUE);
    }
    command.add(recipe.mainFile()).flags(recipe.modelArgs());
    Container container =
        new Container(name, image, command)
            .port(Optional.empty(), HttpDialect.CONTAINER_PORT)
            .probes(Probes.http(recipe.httpDialect().healthPath(), recipe.readinessBudget()));
    if (recipe.launcher().contains("torchrun")) {
      // The files of llama-2 lie beside the image's own working directory.
      container.workingDirectory(recipe.workingDirectory());
    }
    if (several) {
      Leader.index(container);
    }
    return container;
  }
}

package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sh.kaito.core.catalog.HttpDialect;
import sh.kaito.core.catalog.LegacyImageRecipe;

/** The server of an image that holds weights and program, as Kaito v0.3.1 starts it. */
final class LegacyImageServer {
  /** Port of torch's rendezvous; the Service of a v0.3.1 workspace publishes it too. */
  private static final int TORCH_PORT = 29500;

  private LegacyImageServer() {}

  static ModelServer of(LegacyImageRecipe recipe, String image) {
    List<String> command = new ArrayList<>(recipe.launcher());
    command.addAll(Flags.of(recipe.launcherArgs()));
    command.addAll(Flags.of(recipe.rendezvousArgs()));
    command.add(recipe.mainFile());
    command.addAll(Flags.of(recipe.modelArgs()));
    return new ModelServer(
        image,
        command,
        Optional.empty(),
        array(object("containerPort", HttpDialect.CONTAINER_PORT, "protocol", "TCP")),
        array(port("http", 80, HttpDialect.CONTAINER_PORT), port("torch", TORCH_PORT, TORCH_PORT)),
        array(),
        Probes.http(recipe.httpDialect().healthPath(), recipe.readinessBudget()),
        array(),
        array());
  }

  static ObjectNode port(String name, int port, int target) {
    return object("name", name, "port", port, "protocol", "TCP", "targetPort", target);
  }
}

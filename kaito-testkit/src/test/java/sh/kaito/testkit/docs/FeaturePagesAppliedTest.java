package sh.kaito.testkit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.testkit.KubeCluster;

/** Every YAML of the pages in docs/features is taken by the API server, strictly. */
class FeaturePagesAppliedTest {
  private static final Pattern BLOCK = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);

  static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("..", "docs", "features"))) {
      return files.filter(file -> !file.endsWith("README.md")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void whatAPageShowsIsTaken(Path page) throws IOException {
    List<String> blocks =
        BLOCK.matcher(Files.readString(page)).results().map(found -> found.group(1)).toList();
    assertThat(blocks).as("YAML in %s", page).isNotEmpty();
    try (KubeCluster cluster = KubeCluster.builder().embedded().simulateNodes(false).start()) {
      for (String block : blocks) {
        for (String document : block.split("(?m)^---$")) {
          KubeResponse answer = cluster.await(cluster.transport().exchange(apply(document)));
          assertThat(answer.isSuccess())
              .as("%s: %s%n%s", page, answer.bodyText(), document)
              .isTrue();
          assertThat(answer.header("Warning")).as(document).isEmpty();
        }
      }
    }
  }

  private static KubeRequest apply(String document) {
    Map<?, ?> tree = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(document);
    Object name = ((Map<?, ?>) Objects.requireNonNull(tree.get("metadata"), document)).get("name");
    String version = String.valueOf(tree.get("apiVersion"));
    String kind = String.valueOf(tree.get("kind"));
    String path =
        (version.contains("/") ? "/apis/" : "/api/")
            + version
            + "/namespaces/default/"
            + kind.toLowerCase(Locale.ROOT)
            + "s/"
            + name;
    return KubeRequest.patch(path, PatchType.APPLY, document.getBytes(StandardCharsets.UTF_8))
        .query("fieldManager", "reader")
        .query("fieldValidation", "Strict")
        .build();
  }
}

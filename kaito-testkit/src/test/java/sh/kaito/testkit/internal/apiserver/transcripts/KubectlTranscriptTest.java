package sh.kaito.testkit.internal.apiserver.transcripts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import sh.kaito.testkit.internal.json.Json;

/**
 * Runs recorded kubectl command lines with the kubectl on the PATH against the embedded server:
 * exit code, output and requests are those that a real kube-apiserver led to. Recorded with kubectl
 * 1.32. Each is skipped by name where there is no kubectl.
 */
class KubectlTranscriptTest {
  private static final Path ROOT = Path.of("src/test/resources/apiserver-transcripts/kubectl");

  private final Path folder;

  KubectlTranscriptTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @TestFactory
  Stream<DynamicTest> kubectlSeesARealServer() throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(ROOT)) {
      files = list.filter(path -> path.toString().endsWith(".json")).sorted().toList();
    }
    assertThat(files).as("transcripts in " + ROOT).isNotEmpty();
    return files.stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    "kubectl/" + file.getFileName().toString().replace(".json", ""),
                    () -> check(file)));
  }

  private void check(Path file) throws IOException {
    assumeTrue(Kubectl.isInstalled(), "there is no kubectl on the PATH");
    Map<String, Object> scenario =
        Objects.requireNonNull(Json.asObject(Json.parse(Files.readAllBytes(file))));
    Path own = Files.createDirectory(folder.resolve(Json.text(scenario, "name")));
    try (Stage stage = Stage.real();
        Kubectl kubectl = new Kubectl(own.toRealPath(), stage)) {
      assertThat(new ScenarioPlayer(scenario, stage, kubectl).play())
          .as("%s: what kubectl shows of a real server differs", file.getFileName())
          .isEmpty();
    }
  }
}

package sh.kaito.testkit.internal.apiserver.transcripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import sh.kaito.testkit.internal.json.Json;

/**
 * Plays the recorded exchanges with a real kube-apiserver 1.35 against the embedded one. Those that
 * do not pass yet are listed in {@code not-yet-passing.txt}: the list is held exact from both
 * sides, so it can only shrink knowingly.
 */
class ApiServerTranscriptTest {
  private static final Path ROOT = Path.of("src/test/resources/apiserver-transcripts");
  private static final Path NOT_YET =
      Path.of("src/test/resources/apiserver-transcripts-not-yet-passing.txt");

  @TestFactory
  Stream<DynamicTest> everyScenarioPassesOrIsListed() throws IOException {
    Set<String> notYet = new TreeSet<>(Files.readAllLines(NOT_YET));
    List<Path> files;
    try (Stream<Path> walk = Files.walk(ROOT)) {
      files = walk.filter(path -> path.toString().endsWith(".json")).sorted().toList();
    }
    assertThat(files).as("transcripts in " + ROOT).isNotEmpty();
    return files.stream()
        .map(ApiServerTranscriptTest::read)
        // Those need the program kubectl and a socket.
        .filter(scenario -> !needsKubectl(scenario))
        .map(
            scenario -> {
              String name = Json.text(scenario, "area") + "/" + Json.text(scenario, "name");
              return DynamicTest.dynamicTest(
                  name, () -> check(name, scenario, notYet.contains(name)));
            });
  }

  private static boolean needsKubectl(Map<String, Object> scenario) {
    List<Object> needs = Json.list(scenario, "needs");
    return needs != null && needs.contains("kubectl");
  }

  private static Map<String, Object> read(Path file) {
    try {
      return Objects.requireNonNull(Json.asObject(Json.parse(Files.readAllBytes(file))));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void check(String name, Map<String, Object> scenario, boolean listed)
      throws IOException {
    List<String> differences;
    try (Stage stage = Stage.virtual()) {
      differences = new ScenarioPlayer(scenario, stage, null).play();
    }
    if (listed) {
      assertThat(differences).as("%s passes now: take it out of %s", name, NOT_YET).isNotEmpty();
    } else {
      assertThat(differences).as("%s: what a real server answered differs", name).isEmpty();
    }
  }
}

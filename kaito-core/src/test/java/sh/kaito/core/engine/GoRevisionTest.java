package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The hash and the number that the Go operator would come to. */
class GoRevisionTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode recorded() {
    try (InputStream stream =
        GoRevisionTest.class.getResourceAsStream("/golden/workspace-hashes.json")) {
      return JSON.readTree(Objects.requireNonNull(stream));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<String> cases() {
    return recorded().properties().stream().map(Map.Entry::getKey);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theHashIsTheRecordedOne(String name) {
    JsonNode one = recorded().path(name);
    assertThat(GoRevision.hash(one.path("workspace"))).isEqualTo(one.path("hash").asText());
  }

  private static ObjectNode workspace() {
    return (ObjectNode) recorded().path("v0.12.0/preset-phi-4-mini").path("workspace");
  }

  private static JsonNode revisions(String... hashesAndNumbers) throws IOException {
    StringBuilder items = new StringBuilder("{\"items\":[");
    for (int i = 0; i < hashesAndNumbers.length; i += 2) {
      items
          .append(i == 0 ? "" : ",")
          .append("{\"metadata\":{\"annotations\":{\"workspace.kaito.io/hash\":\"")
          .append(hashesAndNumbers[i])
          .append("\"}},\"revision\":")
          .append(hashesAndNumbers[i + 1])
          .append("}");
    }
    return JSON.readTree(items + "]}");
  }

  @Test
  void aRevisionOfTheSameSpecificationKeepsItsNumber() throws IOException {
    String hash = GoRevision.hash(workspace());
    assertThat(GoRevision.of(workspace(), revisions("other", "7", hash, "3")))
        .contains(new GoRevision(hash, 3));
  }

  @Test
  void anotherSpecificationComesAfterTheHighest() throws IOException {
    String hash = GoRevision.hash(workspace());
    assertThat(GoRevision.of(workspace(), revisions("other", "7", "another", "3")))
        .contains(new GoRevision(hash, 8));
    assertThat(GoRevision.of(workspace(), revisions())).contains(new GoRevision(hash, 1));
  }

  @Test
  void aTemplateHasNone() throws IOException {
    ObjectNode workspace = workspace();
    workspace.withObject("/inference/template").putObject("spec");
    assertThat(GoRevision.of(workspace, revisions())).isEqualTo(Optional.empty());
  }
}

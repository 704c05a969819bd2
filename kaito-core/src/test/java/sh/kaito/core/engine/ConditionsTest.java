package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import sh.kaito.core.engine.Conditions.Wanted;

class ConditionsTest {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  private static ArrayNode merge(JsonNode observed, Instant now, Wanted... wanted) {
    return Conditions.merge(observed, List.of(wanted), 7, now);
  }

  @Test
  void theTimeMovesOnlyWithTheStatus() {
    ArrayNode first = merge(array(), NOON, Wanted.of("Ready", false, "A", "a"));
    ArrayNode reason = merge(first, NOON.plusSeconds(60), Wanted.of("Ready", false, "B", "b"));
    assertThat(reason.get(0).path("lastTransitionTime").asText()).isEqualTo("2026-11-22T12:00:00Z");
    assertThat(reason.get(0).path("reason").asText()).isEqualTo("B");
    ArrayNode status = merge(reason, NOON.plusSeconds(120), Wanted.of("Ready", true, "B", "b"));
    assertThat(status.get(0).path("lastTransitionTime").asText()).isEqualTo("2026-11-22T12:02:00Z");
  }

  @Test
  void foreignConditionsStayWhereTheyAre() {
    JsonNode foreign =
        object("type", "MachineReady", "status", "True", "reason", "old", "message", "", "x", 1);
    ArrayNode merged = merge(array(foreign), NOON, Wanted.of("Ready", true, "R", "m"));
    assertThat(merged).hasSize(2);
    assertThat(merged.get(0)).isEqualTo(foreign);
  }

  @Test
  void theSameAgainIsEqualToWhatTheServerSendsBack() throws JsonProcessingException {
    ArrayNode first = merge(array(), NOON, Wanted.of("Ready", true, "R", "m"));
    JsonNode sentBack = new ObjectMapper().readTree(first.toString());
    assertThat(merge(sentBack, NOON.plusSeconds(5), Wanted.of("Ready", true, "R", "m")))
        .as("a settled workspace must cost no status write")
        .isEqualTo(sentBack);
  }
}

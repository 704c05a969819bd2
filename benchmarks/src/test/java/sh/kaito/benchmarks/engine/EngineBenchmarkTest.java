package sh.kaito.benchmarks.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That the benchmark works; its figures for a handful of Workspaces say nothing. */
final class EngineBenchmarkTest {
  @Test
  void bringsAHandfulUpWithoutConflictsAndRestartsWithoutWrites() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    EngineBenchmark.run(
        new PrintStream(printed, true, StandardCharsets.UTF_8),
        Options.parse(List.of("--workspaces=5", "--warm-up=0", "--settle=0")));
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .as(
            "eight writes for each Workspace and four lists for the namespace, seven writes of the"
                + " floor, and a restart that writes nothing")
        .contains("requests               44, 8.80 for each Workspace; 0 conflicts")
        .containsPattern("patch workspaces/status +15\n")
        .contains("requests               35, 7.00 for each Workspace; 0 conflicts")
        .containsPattern("restart, requests +\\{discovery=1, list=9, watch=9\\}")
        .contains("ratio to the floor");
  }

  @Test
  void aWordThatItDoesNotKnowIsNamed() {
    assertThatThrownBy(() -> Options.parse(List.of("--workspace=5")))
        .hasMessageContaining("--workspace;")
        .hasMessageContaining("--help");
    assertThatThrownBy(() -> Options.parse(List.of("--subject=karpenter")))
        .hasMessageContaining("karpenter")
        .hasMessageContaining("kaito and floor");
  }
}

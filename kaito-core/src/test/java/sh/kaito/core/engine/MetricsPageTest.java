package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page of the metrics says what the code registers. */
class MetricsPageTest {
  private static final Path PAGE = Path.of("../docs/metrics.md");

  @Test
  void thePageIsWhatTheCodeSays() throws IOException {
    if (Boolean.getBoolean("kaito.regenerate")) {
      Files.writeString(PAGE, KaitoMetrics.page());
    }
    assertThat(PAGE)
        .as("regenerate: ./mvnw -pl kaito-core test -Dtest=MetricsPageTest -Dkaito.regenerate=true")
        .hasContent(KaitoMetrics.page());
  }
}

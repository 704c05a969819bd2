package sh.kaito.samples.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The sample tells its story to the end, on the wall clock and over real sockets. */
class TuningStoryTest {

  @Test
  void itTunesPushesAndServes() throws IOException {
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    new TuningStory(new PrintStream(told, true, StandardCharsets.UTF_8)).run();
    assertThat(told.toString(StandardCharsets.UTF_8))
        .contains("pushed: adapters/dolly [0.0.1]")
        .contains("[simulated phi-3-mini-128k-instruct] You asked: What is Kaito?")
        .contains("[simulated dolly] You asked: What is Kaito?");
  }
}

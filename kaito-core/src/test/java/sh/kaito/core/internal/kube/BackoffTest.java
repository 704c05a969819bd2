package sh.kaito.core.internal.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BackoffTest {

  @Property
  void doublesUpToItsLimitWithJitterOnTop(
      @ForAll @IntRange(min = 1, max = 2_000_000_000) int failures, @ForAll long seed) {
    Duration delay = Backoff.DEFAULT.delay(failures, new SplittableRandom(seed));
    double base = Math.min(30.0, 0.8 * Math.pow(2, failures - 1));
    assertThat(delay.toNanos() / 1e9).isBetween(base * 0.999999, base * 2);
  }

  @Test
  void refusesWaitsThatDoNotGrow() {
    assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .hasMessageContaining("first PT2S, most PT1S");
    assertThatThrownBy(() -> new Backoff(Duration.ZERO, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

package sh.kaito.testkit.internal.sim.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "0, 0",
    "1, 1000",
    "0.5, 500",
    "500m, 500",
    "1k, 1000000",
    "1Ki, 1024000",
    "220Gi, 236223201280000",
    "1Ti, 1099511627776000",
    "1e3, 1000000",
    "12E3, 12000000",
    "1E, 9223372036854775807",
    "1n, 1",
    "gpu, 0"
  })
  void thousandths(String text, long expected) {
    assertThat(Quantity.milli(text)).isEqualTo(expected);
  }
}

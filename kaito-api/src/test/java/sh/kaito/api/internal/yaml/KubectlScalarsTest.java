package sh.kaito.api.internal.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The table of what go-yaml 2 makes of values without quotes. */
class KubectlScalarsTest {

  @Test
  void valuesWithoutQuotesMeanWhatTheyMeanToKubectl() {
    Map<String, @Nullable Object> table = new HashMap<>();
    table.put("", null);
    table.put("~", null);
    table.put("null", null);
    table.put("nil", "nil");
    table.put("yes", true);
    table.put("On", true);
    table.put("y", "y");
    table.put("oN", "oN");
    table.put("off", false);
    table.put("N", "N");
    table.put("NO", false);
    table.put("0644", 420L);
    table.put("0o644", 420L);
    table.put("0x1F", 31L);
    table.put("0b101", 5L);
    table.put("-0x1", -1L);
    table.put("089", 89.0);
    table.put("1_000", 1000L);
    table.put("+12", 12L);
    table.put("0", 0L);
    table.put("1.0", 1.0);
    table.put(".5", 0.5);
    table.put("1e3", 1000.0);
    table.put("1:30", "1:30");
    table.put("12:30:45", "12:30:45");
    table.put("2026-01-31", "2026-01-31");
    table.put("1.2.3", "1.2.3");
    table.put("-", "-");
    table.put("+", "+");
    table.put(".", ".");
    table.put("1g.10gb", "1g.10gb");
    table.put("0x", "0x");
    table.put("16Gi", "16Gi");
    table.put("\uff11", "\uff11");

    table.forEach(
        (text, value) ->
            assertThat(KubectlScalars.resolve(text)).as("value of <%s>", text).isEqualTo(value));
  }
}

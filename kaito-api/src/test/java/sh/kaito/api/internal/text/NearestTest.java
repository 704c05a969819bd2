package sh.kaito.api.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
  private static final List<String> FIELDS =
      List.of("count", "instanceType", "labelSelector", "preferredNodes", "preset", "template");

  @ParameterizedTest
  @CsvSource({
    "instanceTyp, instanceType",
    "instance_type, instanceType",
    "INSTANCETYPE, instanceType",
    "cuont, count",
    "labelselctor, labelSelector",
    "presetName, preset",
    "temp, template",
  })
  void findsWhatWasMeant(String written, String meant) {
    assertThat(Nearest.of(written, FIELDS)).contains(meant);
  }

  @ParameterizedTest
  @CsvSource({"zzz", "image", "c", "x1"})
  void keepsQuietWhenNothingIsNear(String written) {
    assertThat(Nearest.of(written, FIELDS)).isEmpty();
  }

  @Test
  void longTextsCostNothing() {
    assertThat(Nearest.of("a".repeat(1_000_000), FIELDS)).isEmpty();
  }

  @Test
  void theFirstFewOfManyAreThoseMostAlike() {
    assertThat(Nearest.first("instancType", FIELDS, 2))
        .as("nearest first")
        .startsWith("instanceType")
        .hasSize(2);
    assertThat(Nearest.first("", FIELDS, 3))
        .as("nothing to compare with: as they stand")
        .containsExactly("count", "instanceType", "labelSelector");
    assertThat(Nearest.first("a".repeat(1_000_000), FIELDS, 1)).containsExactly("count");
  }

  @Property
  void distanceIsAMetricUpToTranspositions(
      @ForAll @AlphaChars @StringLength(max = 12) String a,
      @ForAll @AlphaChars @StringLength(max = 12) String b) {
    assertThat(Nearest.distance(a, b)).isEqualTo(Nearest.distance(b, a));
    assertThat(Nearest.distance(a, a)).isZero();
    assertThat(Nearest.distance(a, b))
        .isBetween(Math.abs(a.length() - b.length()), Math.max(a.length(), b.length()));
  }
}

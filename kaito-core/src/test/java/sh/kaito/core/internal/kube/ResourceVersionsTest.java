package sh.kaito.core.internal.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import org.junit.jupiter.api.Test;

class ResourceVersionsTest {

  @Property
  void decimalNumbersCompareAsNumbersOfAnyLength(
      @ForAll @BigRange(min = "0", max = "100000000000000000000000000") BigInteger a,
      @ForAll @BigRange(min = "0", max = "100000000000000000000000000") BigInteger b) {
    assertThat(ResourceVersions.compare(a.toString(), b.toString())).hasValue(a.compareTo(b));
    assertThat(ResourceVersions.isAtLeast(a.toString(), b.toString()))
        .isEqualTo(a.compareTo(b) >= 0);
    assertThat(ResourceVersions.isOlder(a.toString(), b.toString())).isEqualTo(a.compareTo(b) < 0);
  }

  @Test
  void anythingElseIsEqualOrNot() {
    assertThat(ResourceVersions.compare("007", "7")).isEmpty();
    assertThat(ResourceVersions.compare("", "7")).isEmpty();
    assertThat(ResourceVersions.compare("1-2", "1-1")).isEmpty();
    assertThat(ResourceVersions.isAtLeast("1-2", "1-2")).isTrue();
    assertThat(ResourceVersions.isAtLeast("1-2", "1-1")).isFalse();
    assertThat(ResourceVersions.isOlder("1-1", "1-2")).isFalse();
  }
}

package sh.kaito.core.internal.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PersistentMapTest {

  /** Positive numbers put, negative ones remove. */
  @Property
  void behavesAsASortedMapAndLeavesEarlierVersionsAlone(
      @ForAll @Size(max = 200) List<@IntRange(min = -30, max = 30) Integer> steps) {
    PersistentMap<Integer, String> map = PersistentMap.empty();
    TreeMap<Integer, String> model = new TreeMap<>();
    List<PersistentMap<Integer, String>> versions = new ArrayList<>();
    List<Map<Integer, String>> models = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      int key = Math.abs(steps.get(i));
      if (steps.get(i) >= 0) {
        map = map.with(key, "v" + i);
        model.put(key, "v" + i);
      } else {
        map = map.without(key);
        model.remove(key);
      }
      versions.add(map);
      models.add(new TreeMap<>(model));
    }
    for (int i = 0; i < versions.size(); i++) {
      PersistentMap<Integer, String> version = versions.get(i);
      assertThat(content(version)).as("version %s", i).isEqualTo(models.get(i));
      assertThat(version.size()).isEqualTo(models.get(i).size());
      assertThat(version.isEmpty()).isEqualTo(models.get(i).isEmpty());
      for (int key = 0; key <= 30; key++) {
        assertThat(version.get(key)).isEqualTo(models.get(i).get(key));
      }
    }
  }

  private static <K extends Comparable<K>, V> Map<K, V> content(PersistentMap<K, V> map) {
    Map<K, V> content = new LinkedHashMap<>();
    K last = null;
    for (Map.Entry<K, V> entry : map) {
      if (last != null) {
        assertThat(entry.getKey()).as("iteration is in order").isGreaterThan(last);
      }
      last = entry.getKey();
      content.put(entry.getKey(), entry.getValue());
    }
    return content;
  }

  @Test
  void staysShallowWhateverTheOrderOfChanges() {
    PersistentMap<Integer, String> rising = PersistentMap.empty();
    for (int i = 0; i < 10_000; i++) {
      rising = rising.with(i, "x");
    }
    // A weight-balanced tree with these parameters is at most log(n) / log(4/3) high: 33.
    assertThat(rising.height()).as("height of 10,000 rising keys").isLessThanOrEqualTo(33);
    for (int i = 0; i < 9_000; i++) {
      rising = rising.without(i);
    }
    assertThat(rising.size()).isEqualTo(1_000);
    assertThat(rising.height())
        .as("height after 9,000 removals at one end")
        .isLessThanOrEqualTo(25);
  }
}

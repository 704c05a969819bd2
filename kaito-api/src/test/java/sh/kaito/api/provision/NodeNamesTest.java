package sh.kaito.api.provision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class NodeNamesTest {
  private static final NodeSetKey KEY =
      new NodeSetKey("default", "chat", "280d545f-b5ba-4473-b3e8-5720916011be", "workers");

  @Property
  void everyNameIsAnAksPoolNameAndALabelValue(
      @ForAll String installation,
      @ForAll String uid,
      @ForAll @IntRange(max = 100_000) int slot,
      @ForAll @IntRange(min = 1, max = 100_000) int epoch) {
    String name =
        NodeNames.of(
            installation, new NodeSetKey("ns", "name", uid, "workers"), new NodeSlot(slot, epoch));
    // AKS: ^[a-z][a-z0-9]{0,11}$
    assertThat(name).matches("k[a-z2-7]{11}");
  }

  @Test
  void differentPurchasesHaveDifferentNames() {
    Map<String, NodeSlot> names = new HashMap<>();
    for (int slot = 0; slot < 100; slot++) {
      for (int epoch = 1; epoch <= 100; epoch++) {
        NodeSlot of = new NodeSlot(slot, epoch);
        NodeSlot other = names.put(NodeNames.of("default", KEY, of), of);
        assertThat(other).as("%s has the name of", of).isNull();
      }
    }
  }

  @Test
  void partsDoNotRunIntoEachOther() {
    assertThat(NodeNames.of("a", new NodeSetKey("", "", "bc", "s"), new NodeSlot(0, 1)))
        .isNotEqualTo(NodeNames.of("ab", new NodeSetKey("", "", "c", "s"), new NodeSlot(0, 1)));
    assertThat(NodeNames.of("a", KEY, new NodeSlot(1, 11)))
        .isNotEqualTo(NodeNames.of("a", KEY, new NodeSlot(11, 1)));
  }

  /** Names must never change between releases: a changed name is a second purchase. */
  @Test
  void theNameIsForEver() {
    assertThat(NodeNames.of("default", KEY, new NodeSlot(0, 1))).isEqualTo("k7mevbn3dqu2");
  }

  @Test
  void nameAndNamespaceDoNotCountBecauseTheUidTellsOwnersApart() {
    NodeSetKey renamed = new NodeSetKey("other", "other", KEY.ownerUid(), "workers");
    assertThat(NodeNames.of("default", renamed, new NodeSlot(0, 1)))
        .isEqualTo(NodeNames.of("default", KEY, new NodeSlot(0, 1)));
  }
}

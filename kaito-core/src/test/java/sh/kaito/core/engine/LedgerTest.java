package sh.kaito.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import sh.kaito.api.provision.NodeSlot;

class LedgerTest {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  @Test
  void theFirstLedgerIsSmallOnTheWire() {
    assertThat(Ledger.first("").write()).isEqualTo("{\"v\":1}");
    assertThat(Ledger.first("").slots(2)).containsExactly(new NodeSlot(0, 1), new NodeSlot(1, 1));
  }

  @Property
  void whatIsWrittenIsReadBack(@ForAll @Size(max = 8) List<@IntRange(max = 9) Integer> lost) {
    Ledger ledger = Ledger.first("");
    Instant time = NOON;
    for (int slot : lost) {
      time = time.plusSeconds(90);
      ledger = ledger.replace(slot, time);
    }
    assertThat(Ledger.read(ledger.write())).contains(ledger);
  }

  @Test
  void threeNodesAnHourAreReplacedAndNoMore() {
    Ledger ledger = Ledger.first("");
    for (int i = 0; i < 3; i++) {
      assertThat(ledger.mayReplace(NOON)).as("replacement %s", i + 1).isTrue();
      ledger = ledger.replace(0, NOON);
    }
    assertThat(ledger.mayReplace(NOON)).isFalse();
    assertThat(ledger.nextReplacement(NOON)).contains(NOON.plus(Duration.ofHours(1)));
    assertThat(ledger.mayReplace(NOON.plus(Duration.ofHours(1)))).isTrue();
    assertThat(ledger.epoch(0)).isEqualTo(4);
  }

  @Test
  void oneThatChangesHandsIsNotReadByABuildThatKnowsNothingOfThat() {
    Ledger ours = Ledger.first("Standard_NC6s_v3");
    Ledger adopted = Ledger.adopted("Standard_NC6s_v3", Map.of(), Optional.empty());
    assertThat(ours.write()).startsWith("{\"v\":1,");
    assertThat(ours.leave(NOON).write()).startsWith("{\"v\":2,");
    assertThat(adopted.write()).startsWith("{\"v\":2,").contains("\"adopted\":{}");
    for (Ledger ledger : List.of(ours, ours.leave(NOON), adopted, adopted.leave(NOON))) {
      assertThat(Ledger.read(ledger.write())).contains(ledger);
      assertThat(Ledger.read(ledger.write().replace("\"v\":2", "\"v\":1")))
          .as("as it was written before there was a version 2")
          .contains(ledger);
      assertThat(Ledger.isReadable(ledger.write().replaceFirst("\"v\":.", "\"v\":3"))).isFalse();
    }
  }

  @Test
  void aGarbledLedgerIsNotTakenForAnEmptyOne() {
    for (String garbled :
        List.of(
            "",
            "{",
            "[]",
            "{\"v\":3}",
            "{\"v\":1,\"epochs\":{\"x\":1}}",
            "{\"v\":1,\"replaced\":[1]}")) {
      assertThat(Ledger.isReadable(garbled)).as("annotation %s", garbled).isFalse();
    }
    assertThat(Ledger.isReadable(null)).as("no annotation").isTrue();
  }
}

package sh.kaito.core.provision;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.ProvisionFailure.Kind;

/** The circuit breaker: what it holds back, for how long, and who may try. */
class PurchaseGateTest {
  private static final String TYPE = "Standard_NC24ads_A100_v4";
  private static final NodeSlot SLOT = new NodeSlot(0, 1);
  private final PurchaseGate gate = new PurchaseGate();

  private static NodeSetKey owner(String name) {
    return new NodeSetKey("default", name, "uid-" + name, NodeSetKey.WORKERS);
  }

  private void refuse(String claim, int minute) {
    gate.refused(
        TYPE, claim, Kind.QUOTA, "no quota", Given.minutes(minute), PurchaseGate.FIRST_PAUSE);
  }

  private boolean admits(String name, int minute) {
    return gate.admits(TYPE, owner(name), SLOT, Given.minutes(minute));
  }

  @Test
  void withoutRefusalEverythingIsAdmitted() {
    assertThat(admits("a", 0)).isTrue();
    assertThat(admits("b", 0)).isTrue();
    assertThat(gate.hold(TYPE, owner("c"), SLOT, Given.minutes(0))).isEmpty();
  }

  @Test
  void aRefusalHoldsOthersBackForTenMinutesAndSaysUntilWhen() {
    refuse("k1", 0);
    assertThat(admits("b", 9)).isFalse();
    ProvisionFailure hold = gate.hold(TYPE, owner("b"), SLOT, Given.minutes(9)).orElseThrow();
    assertThat(hold.kind()).isEqualTo(Kind.QUOTA);
    assertThat(hold.code()).isEqualTo("InstanceTypePaused");
    assertThat(hold.nextTry()).hasValue(Given.minutes(10));
    assertThat(hold.message()).contains(TYPE, "no quota", "2026-11-22T12:10:00Z");
  }

  @Test
  void aTypeIsOnHoldUntilItsPauseIsOverAndWhileOneIsTried() {
    refuse("k1", 0);
    assertThat(gate.paused(Given.minutes(9))).containsExactly(TYPE);
    assertThat(gate.paused(Given.minutes(10))).as("nobody wants it any more").isEmpty();
    assertThat(admits("b", 11)).isTrue();
    assertThat(gate.paused(Given.minutes(12))).as("one is being tried").containsExactly(TYPE);
    gate.launched(TYPE, Given.minutes(14));
    assertThat(gate.paused(Given.minutes(14))).isEmpty();
  }

  @Test
  void anotherTypeIsNotHeldBack() {
    refuse("k1", 0);
    assertThat(gate.admits("Standard_NC6s_v3", owner("b"), SLOT, Given.minutes(1))).isTrue();
  }

  @Test
  void thenOneAloneMayTryAndTheOthersWaitForItsOutcome() {
    refuse("k1", 0);
    assertThat(admits("b", 10)).isTrue();
    assertThat(admits("c", 10)).as("one probe at a time").isFalse();
    assertThat(admits("b", 11)).as("the probe itself may repeat its request").isTrue();
    assertThat(gate.launched(TYPE, Given.minutes(14))).containsExactly(owner("c"));
    assertThat(admits("c", 14)).isTrue();
    assertThat(admits("d", 14)).isTrue();
  }

  @Test
  void eachProbeThatFailsDoublesThePauseUpToHalfAnHour() {
    refuse("k1", 0);
    assertThat(admits("b", 10)).isTrue();
    refuse("k2", 12);
    assertThat(admits("c", 31)).isFalse();
    assertThat(admits("c", 32)).as("20 minutes").isTrue();
    refuse("k3", 33);
    assertThat(admits("d", 62)).isFalse();
    assertThat(admits("d", 63)).as("30 minutes").isTrue();
    refuse("k4", 64);
    assertThat(admits("d", 94)).as("30 minutes again").isTrue();
  }

  @Test
  void aClaimThatGoesOnBeingRefusedDoesNotExtendThePause() {
    refuse("k1", 0);
    refuse("k1", 9);
    assertThat(admits("b", 10)).isTrue();
  }

  @Test
  void aLaunchBeforeTheRefusalProvesNothing() {
    refuse("k1", 5);
    assertThat(gate.launched(TYPE, Given.minutes(4))).isEmpty();
    assertThat(admits("b", 6)).isFalse();
  }

  @Test
  void aProbeThatIsLetGoMakesRoomForTheNext() {
    refuse("k1", 0);
    assertThat(admits("b", 10)).isTrue();
    assertThat(admits("c", 10)).isFalse();
    assertThat(gate.released(owner("b"))).containsExactly(owner("c"));
    assertThat(admits("c", 11)).isTrue();
  }

  @Test
  void aProbeWithoutOutcomeKeepsOthersForHalfAnHourAtMost() {
    refuse("k1", 0);
    assertThat(admits("b", 10)).isTrue();
    assertThat(gate.hold(TYPE, owner("c"), SLOT, Given.minutes(11)).orElseThrow().nextTry())
        .hasValue(Given.minutes(40));
    assertThat(admits("c", 40)).isTrue();
  }

  @Test
  void aMereSuspicionBeginsWithAShorterPause() {
    gate.refused(TYPE, "k1", Kind.CAPACITY, "gone", Given.T0, PurchaseGate.SUSPICION_PAUSE);
    assertThat(admits("b", 1)).isTrue();
    gate.refused(TYPE, "k2", Kind.CAPACITY, "gone", Given.minutes(1), PurchaseGate.SUSPICION_PAUSE);
    assertThat(gate.hold(TYPE, owner("b"), SLOT, Given.minutes(2)).orElseThrow().nextTry())
        .hasValue(Given.minutes(1).plus(Duration.ofMinutes(2)));
  }
}

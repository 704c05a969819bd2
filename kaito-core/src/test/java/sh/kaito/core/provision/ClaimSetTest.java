package sh.kaito.core.provision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.SlotStatus;

/** What is sent for a set of claims, and what is not. */
class ClaimSetTest {
  private final Given.Cache cache = new Given.Cache();
  private final ClaimSet set = new ClaimSet(Given.KEY, new PurchaseGate());

  private List<ClaimSet.Request> due(int minute) {
    return set.due(cache, Given.nodes(), Given.minutes(minute));
  }

  private SlotStatus slot(int minute) {
    return set.status(cache, Given.nodes(), Given.minutes(minute)).slots().get(0);
  }

  @Test
  void aSlotThatWasNeverBoughtIsBought() {
    set.want(Given.spec().build());
    assertThat(slot(0).phase()).isEqualTo(NodePhase.PENDING);
    assertThat(due(0)).containsExactly(new ClaimSet.Request.Create(Given.SLOT, Given.NAME));
    assertThat(due(0)).as("it is under way").isEmpty();
  }

  @Test
  void aKnownSlotIsLookedForAndReportedLostInsteadOfBoughtAgain() {
    NodeSetSpec known = Given.spec().addKnownSlots(Given.SLOT).build();
    set.want(known);
    assertThat(slot(0).phase())
        .as("not PENDING: it must not be bought")
        .isNotEqualTo(NodePhase.PENDING);
    assertThat(due(0)).containsExactly(new ClaimSet.Request.Look(Given.SLOT, Given.NAME));
    set.absent(Given.SLOT, Given.minutes(0));
    assertThat(slot(1).isLost()).isTrue();
    set.want(known);
    assertThat(due(1)).as("never again at this epoch").isEmpty();
  }

  @Test
  void aKnownSlotThatALiveLookFindsIsNotLost() {
    set.want(Given.spec().addKnownSlots(Given.SLOT).build());
    due(0);
    set.exists(Given.SLOT, "claim-uid", "7");
    assertThat(slot(1).isLost()).isFalse();
    assertThat(slot(1).phase()).isEqualTo(NodePhase.CREATING);
  }

  @Test
  void whatTheCacheHasMissedIsNotLookedAtAgainAtOnce() {
    set.want(Given.spec().addKnownSlots(Given.SLOT).build());
    due(0);
    set.found(Given.SLOT, "claim-uid", "7", Given.minutes(0));
    assertThat(due(0)).as("the cache is no news").isEmpty();
    assertThat(slot(0).nextTry()).hasValue(Given.T0.plusSeconds(30));
    assertThat(due(1)).containsExactly(new ClaimSet.Request.Look(Given.SLOT, Given.NAME));
  }

  @Test
  void whatWasTakenOverIsLookedForUnderItsOwnNameAndNeverBought() {
    set.want(
        Given.spec().addKnownSlots(Given.SLOT).putAdoptedNames(Given.SLOT, "ws419b15463").build());
    assertThat(due(0)).containsExactly(new ClaimSet.Request.Look(Given.SLOT, "ws419b15463"));
    set.absent(Given.SLOT, Given.minutes(0));
    assertThat(slot(1).isLost()).isTrue();
    assertThat(due(1)).as("only a higher epoch may replace it").isEmpty();
  }

  @Test
  void aLookThatFailsProvesNothingAndIsRepeated() {
    set.want(Given.spec().addKnownSlots(Given.SLOT).build());
    due(0);
    set.failed(Given.SLOT, ApiFailures.of(new java.io.IOException("reset")), Given.minutes(0));
    assertThat(slot(0).isLost()).isFalse();
    assertThat(slot(0).nextTry()).hasValue(Given.T0.plusSeconds(1));
    assertThat(due(1)).containsExactly(new ClaimSet.Request.Look(Given.SLOT, Given.NAME));
  }

  @Test
  void theNextLookIsAtTheDeadline() {
    set.want(Given.spec().build());
    cache.claims.add(Given.claim("", ClaimInfo.Stage.ABSENT, ClaimInfo.Stage.ABSENT));
    assertThat(due(0)).isEmpty();
    assertThat(set.status(cache, Given.nodes(), Given.minutes(0)).nextLook())
        .hasValue(Given.minutes(30));
    assertThat(set.status(cache, Given.nodes(), Given.minutes(31)).nextLook())
        .as("a deadline that has passed wakes nobody")
        .isEmpty();
  }

  private void lose(ClaimInfo claim) {
    set.want(Given.spec().build());
    cache.claims.add(claim);
    due(0);
    cache.claims.clear();
    set.lastSeen(claim);
    assertThat(due(1)).containsExactly(new ClaimSet.Request.Look(Given.SLOT, Given.NAME));
    set.absent(Given.SLOT, Given.minutes(1));
  }

  private static NodeSetSpec nextEpoch() {
    return Given.spec().slots(List.of(new NodeSlot(0, 2))).build();
  }

  @Test
  void aClaimThatVanishedBeforeItsLaunchIsSuspectedForLackOfCapacityAndBacksOff() {
    lose(Given.claim("", ClaimInfo.Stage.ABSENT, ClaimInfo.Stage.ABSENT));
    assertThat(slot(1).isLost()).isTrue();
    assertThat(slot(1).failure().map(ProvisionFailure::kind))
        .hasValue(ProvisionFailure.Kind.CAPACITY);
    assertThat(slot(1).failure().map(ProvisionFailure::code)).hasValue("ClaimVanishedBeforeLaunch");

    set.want(nextEpoch());
    assertThat(due(1)).as("no hot loop").isEmpty();
    assertThat(slot(1).nextTry()).hasValue(Given.minutes(2));
    assertThat(due(2)).as("after a minute").hasSize(1);
  }

  @Test
  void aClaimThatSaidWhyItFailedBeforeItVanishedIsTakenAtItsWord() {
    lose(
        Given.claim(
            "",
            Given.open("InsufficientCapacityError", "AllocationFailed: none left in zone 1"),
            ClaimInfo.Stage.ABSENT));
    set.want(nextEpoch());
    assertThat(slot(1).nextTry()).as("ten minutes").hasValue(Given.minutes(11));
    assertThat(slot(1).failure().orElseThrow().message())
        .contains("Standard_NC6s_v3", "AllocationFailed", "the next try is at");
  }

  @Test
  void aClaimWhoseMachineRanIsALostNodeAndIsReplacedAtOnce() {
    lose(Given.claim("n1", Given.reached(0), Given.reached(0)));
    assertThat(slot(1).failure().map(ProvisionFailure::kind))
        .hasValue(ProvisionFailure.Kind.NODE_LOST);
    set.want(nextEpoch());
    assertThat(due(1)).hasSize(1);
  }
}

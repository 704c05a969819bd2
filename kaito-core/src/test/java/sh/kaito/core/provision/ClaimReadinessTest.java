package sh.kaito.core.provision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeView;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.SlotStatus;
import sh.kaito.core.provision.ClaimInfo.Stage;

/** Stages of a claim, and their deadlines, which hang on persisted times alone. */
class ClaimReadinessTest {

  private static SlotStatus at(int minute, ClaimInfo claim, NodeView.NodeInfo... nodes) {
    return ClaimReadiness.of(
        claim, Given.spec().build(), Given.nodes(nodes), Given.minutes(minute));
  }

  private static ProvisionFailure failure(SlotStatus status) {
    return status.failure().orElseThrow(() -> new AssertionError("no failure in " + status));
  }

  @Test
  void creationIsOverdueAfterThirtyMinutesFromTheClaimsCreation() {
    ClaimInfo claim = Given.claim("", Stage.ABSENT, Stage.ABSENT);
    SlotStatus before = at(29, claim);
    assertThat(before.phase()).isEqualTo(NodePhase.CREATING);
    assertThat(before.phaseSince()).hasValue(Given.T0);
    assertThat(before.deadline()).hasValue(Given.minutes(30));
    assertThat(before.isOverdue()).isFalse();
    assertThat(before.failure()).isEmpty();

    SlotStatus after = at(30, claim);
    assertThat(after.phase()).as("a deadline changes no phase").isEqualTo(NodePhase.CREATING);
    assertThat(after.isOverdue()).isTrue();
    assertThat(failure(after).kind()).isEqualTo(ProvisionFailure.Kind.TIMEOUT);
    assertThat(failure(after).code()).isEqualTo("NodeNotLaunched");
    assertThat(failure(after).message()).contains(Given.NAME, "30 minutes", "Standard_NC6s_v3");
  }

  @Test
  void whatTheCloudSaysCountsMoreThanThatTheTimeIsOver() {
    Stage quota = Given.open("LaunchFailed", "ErrCode_InsufficientVCPUQuota: 0 of 24 left");
    SlotStatus status = at(45, Given.claim("", quota, Stage.ABSENT));
    assertThat(status.isOverdue()).isTrue();
    assertThat(failure(status).kind()).isEqualTo(ProvisionFailure.Kind.QUOTA);
    assertThat(failure(status).scope()).isEqualTo(ProvisionFailure.Scope.INSTANCE_TYPE);
    assertThat(failure(status).retry()).isEqualTo(ProvisionFailure.Retry.AFTER_ACTION);
  }

  @Test
  void anUnclearFailureBecomesATimeoutThatQuotesIt() {
    Stage unclear = Given.open("LaunchFailed", "something went wrong");
    assertThat(failure(at(10, Given.claim("", unclear, Stage.ABSENT))).kind())
        .isEqualTo(ProvisionFailure.Kind.TRANSIENT);
    ProvisionFailure late = failure(at(31, Given.claim("", unclear, Stage.ABSENT)));
    assertThat(late.kind()).isEqualTo(ProvisionFailure.Kind.TIMEOUT);
    assertThat(late.message()).contains("LaunchFailed: something went wrong");
  }

  @Test
  void joiningIsOverdueFifteenMinutesAfterTheLaunch() {
    Stage waiting = Given.open("NodeNotFound", "Node not registered with cluster");
    ClaimInfo claim = Given.claim("", Given.reached(8), waiting);
    assertThat(at(22, claim).phase()).isEqualTo(NodePhase.JOINING);
    assertThat(at(22, claim).isOverdue()).isFalse();
    assertThat(failure(at(23, claim)).code()).isEqualTo("NodeNotRegistered");
    assertThat(failure(at(23, claim)).message()).contains("Node not registered with cluster");
  }

  @Test
  void aNodeThatTheClaimNamesAndThatIsNotThereIsSaidByName() {
    ClaimInfo claim = Given.claim("n1", Given.reached(8), Given.reached(10));
    assertThat(at(24, claim).isOverdue()).as("the cache may be behind").isFalse();
    assertThat(failure(at(25, claim)).message()).contains("node n1, which the claim names");
  }

  @Test
  void theDevicePluginIsMissedTenMinutesAfterTheNodeIsReady() {
    ClaimInfo claim = Given.claim("n1", Given.reached(8), Given.reached(10));
    NodeView.NodeInfo node =
        Given.node("n1").readyChangedAt(Optional.of(Given.minutes(12))).build();
    SlotStatus before = at(21, claim, node);
    assertThat(before.phase()).isEqualTo(NodePhase.INITIALIZING);
    assertThat(before.deadline()).hasValue(Given.minutes(22));
    ProvisionFailure missing = failure(at(22, claim, node));
    assertThat(missing.code()).isEqualTo("DevicePluginMissing");
    assertThat(missing.message())
        .contains("n1", "nvidia.com/gpu", "DaemonSet", "nvidia-device-plugin-daemonset", "sku=gpu");

    NodeView.NodeInfo healed =
        NodeView.NodeInfo.builder().from(node).putAllocatable("nvidia.com/gpu", 1L).build();
    assertThat(at(50, claim, healed).phase()).as("it heals").isEqualTo(NodePhase.READY);
    assertThat(at(50, claim, healed).failure()).isEmpty();
  }

  @Test
  void fewerGpusThanPaidForAreNotCalledAMissingPlugin() {
    ClaimInfo claim = Given.claim("n1", Given.reached(8), Given.reached(10));
    NodeView.NodeInfo node =
        Given.node("n1")
            .readyChangedAt(Optional.of(Given.minutes(12)))
            .putAllocatable("nvidia.com/gpu", 3L)
            .build();
    SlotStatus status =
        ClaimReadiness.of(
            claim, Given.spec().gpusPerNode(4).build(), Given.nodes(node), Given.minutes(22));
    assertThat(failure(status).code()).isEqualTo("GpusMissing");
    assertThat(failure(status).message()).contains("3 of 4 nvidia.com/gpu");
  }

  @Test
  void aNodeThatIsNotReadyHasFifteenMinutesFromItsLastChange() {
    ClaimInfo claim = Given.claim("n1", Given.reached(8), Given.reached(10));
    NodeView.NodeInfo node =
        Given.node("n1").isReady(false).readyChangedAt(Optional.of(Given.minutes(60))).build();
    assertThat(at(74, claim, node).failure()).isEmpty();
    assertThat(failure(at(75, claim, node)).code()).isEqualTo("NodeNotReady");
  }
}

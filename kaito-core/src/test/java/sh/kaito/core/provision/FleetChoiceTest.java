package sh.kaito.core.provision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeView.NodeInfo;
import sh.kaito.api.provision.ProvisionFailure;

/** Which nodes of a fleet are taken. */
class FleetChoiceTest {
  private static final NodeSetSpec SPEC =
      Given.spec().instanceType("").putLabels("pool", "gpu").build();

  private static NodeInfo.Builder node(String name) {
    return Given.node(name).putLabels("pool", "gpu").putAllocatable("nvidia.com/gpu", 1L);
  }

  private static List<String> found(NodeSetSpec spec, int missing, NodeInfo... fleet) {
    FleetChoice choice =
        FleetChoice.choose(spec, List.of(fleet), List.of(), missing, name -> false);
    assertThat(choice).isInstanceOf(FleetChoice.Found.class);
    return ((FleetChoice.Found) choice).nodes().stream().map(NodeInfo::name).toList();
  }

  private static ProvisionFailure refused(NodeSetSpec spec, int missing, NodeInfo... fleet) {
    FleetChoice choice =
        FleetChoice.choose(spec, List.of(fleet), List.of(), missing, name -> false);
    assertThat(choice).isInstanceOf(FleetChoice.Refused.class);
    return ((FleetChoice.Refused) choice).failure();
  }

  @Test
  void preferredNodesComeFirstAndInTheirOrder() {
    NodeSetSpec spec =
        NodeSetSpec.builder().from(SPEC).preferredNodes(List.of("c", "b", "absent")).build();
    NodeInfo[] fleet = {node("a").build(), node("b").build(), node("c").build()};
    assertThat(found(spec, 1, fleet)).containsExactly("c");
    assertThat(found(spec, 3, fleet)).containsExactly("c", "b", "a");
    assertThat(found(SPEC, 2, fleet)).as("without a wish, by name").containsExactly("a", "b");
  }

  @Test
  void onlyNodesThatCanServeAreTaken() {
    assertThat(
            found(
                SPEC,
                1,
                node("deleting").isDeleting(true).build(),
                node("cordoned").isUnschedulable(true).build(),
                node("not-ready").isReady(false).build(),
                node("no-gpu").allocatable(Map.of()).build(),
                node("taken").putLabels(KaitoLabels.ASSIGNED_UID, "other").build(),
                node("zz-good").build()))
        .containsExactly("zz-good");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "java.kaito.sh/owner-uid",
        "kaito.sh/workspace",
        "karpenter.kaito.sh/workspace-name"
      })
  void nodesThatAProvisionerHasBoughtAreNotOwnHardware(String label) {
    ProvisionFailure failure = refused(SPEC, 1, node("bought").putLabels(label, "x").build());
    assertThat(failure.code()).isEqualTo("TooFewNodes");
    assertThat(failure.message()).contains("1 node is wanted; 0 match");
  }

  @Test
  void theInstanceTypeCountsWhereTheNodeSaysIt() {
    NodeSetSpec spec = NodeSetSpec.builder().from(SPEC).instanceType("Standard_NC6s_v3").build();
    assertThat(
            found(
                spec,
                1,
                node("a").putLabels(FleetChoice.INSTANCE_TYPE, "Standard_ND96").build(),
                node("b").putLabels(FleetChoice.INSTANCE_TYPE, "Standard_NC6s_v3").build()))
        .containsExactly("b");
    assertThat(found(spec, 1, node("unlabelled").build()))
        .as("hardware of one's own has no cloud's name")
        .containsExactly("unlabelled");
  }

  @Test
  void allOrNone() {
    ProvisionFailure failure =
        refused(SPEC, 2, node("a").build(), node("b").isReady(false).build());
    assertThat(failure.kind()).isEqualTo(ProvisionFailure.Kind.CAPACITY);
    assertThat(failure.scope()).isEqualTo(ProvisionFailure.Scope.SET);
    assertThat(failure.message()).contains("2 nodes are wanted; 2 match", "1 of them are free");
  }

  @Test
  void aMixedFleetIsRefusedWithItsKinds() {
    NodeInfo a100 = node("a").putLabels(FleetChoice.GPU_PRODUCT, "NVIDIA-A100").build();
    NodeInfo t4 = node("b").putLabels(FleetChoice.GPU_PRODUCT, "Tesla-T4").build();
    ProvisionFailure failure = refused(SPEC, 1, a100, t4);
    assertThat(failure.code()).isEqualTo("MixedNodes");
    assertThat(failure.retry()).isEqualTo(ProvisionFailure.Retry.ON_CHANGE);
    assertThat(failure.message()).contains("a (NVIDIA-A100", "b (Tesla-T4", "labelSelector");

    NodeSetSpec named = NodeSetSpec.builder().from(SPEC).preferredNodes(List.of("b")).build();
    assertThat(found(named, 1, a100, t4))
        .as("whoever names a node has chosen")
        .containsExactly("b");
  }

  @Test
  void whatIsAddedMustBeLikeWhatIsThere() {
    NodeInfo one = node("a").build();
    NodeInfo two = node("b").putAllocatable("nvidia.com/gpu", 8L).build();
    FleetChoice choice =
        FleetChoice.choose(SPEC, List.of(one, two), List.of(two), 1, name -> name.equals("b"));
    assertThat(choice).isInstanceOf(FleetChoice.Refused.class);
  }
}

package sh.kaito.core.provision;

import java.util.Optional;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeView;
import sh.kaito.api.provision.NodeView.NodeInfo;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.SlotStatus;

/** How far a claim has come, judged by the claim and by its Node. Pure. */
final class ClaimReadiness {
  private ClaimReadiness() {}

  static SlotStatus of(ClaimInfo claim, NodeSetSpec spec, NodeView nodes) {
    SlotStatus.Builder status = SlotStatus.builder().slot(claim.slot()).requestName(claim.name());
    if (claim.deleting()) {
      return status.phase(NodePhase.RELEASING).message("is being deleted").build();
    }
    // The Node decides, not the claim's Ready: gpu-provisioner calls a claim ready before its GPUs
    // are allocatable, because only `storage` was requested.
    Optional<NodeInfo> node =
        claim.nodeName().isEmpty() ? Optional.empty() : nodes.byName(claim.nodeName());
    if (node.isPresent()) {
      status.nodeName(node.get().name());
      return judge(status, node.get(), spec);
    }
    if (!claim.launched().isTrue()) {
      return status
          .phase(NodePhase.CREATING)
          .message(said(claim.launched(), "the machine is being created"))
          .build();
    }
    return status
        .phase(NodePhase.JOINING)
        .message(said(claim.registered(), "the machine has not joined the cluster yet"))
        .build();
  }

  private static SlotStatus judge(SlotStatus.Builder status, NodeInfo node, NodeSetSpec spec) {
    long gpus = node.allocatable().getOrDefault(spec.gpuResource(), 0L);
    if (node.isDeleting()) {
      status.phase(NodePhase.RELEASING).message("node " + node.name() + " is being deleted");
    } else if (!node.isReady()) {
      status.phase(NodePhase.INITIALIZING).message("node " + node.name() + " is not Ready");
    } else if (gpus < spec.gpusPerNode()) {
      status
          .phase(NodePhase.INITIALIZING)
          .message(
              "node "
                  + node.name()
                  + " shows "
                  + gpus
                  + " of "
                  + spec.gpusPerNode()
                  + " "
                  + spec.gpuResource());
    } else {
      status.phase(NodePhase.READY);
    }
    return status.build();
  }

  private static String said(ClaimInfo.Stage stage, String otherwise) {
    if (!stage.isTelling()) {
      return otherwise;
    }
    return stage.message().isEmpty() ? stage.reason() : stage.reason() + ": " + stage.message();
  }

  /** The failure that a claim reports of itself, if it reports one. */
  static Optional<ProvisionFailure> failure(ClaimInfo claim) {
    if (claim.deleting() || claim.launched().isTrue() || !claim.launched().isTelling()) {
      return Optional.empty();
    }
    return Optional.of(
        ProvisionFailure.builder()
            .kind(CloudMessages.classify(claim.launched().message()))
            .code(claim.launched().reason())
            .message(
                CloudMessages.cut(
                    "claim " + claim.name() + ": " + said(claim.launched(), "launch failed")))
            .build());
  }
}

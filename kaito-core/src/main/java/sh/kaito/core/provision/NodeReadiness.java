package sh.kaito.core.provision;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeView.NodeInfo;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.ProvisionFailure.Kind;
import sh.kaito.api.provision.SlotStatus;

/** How far a Node that has joined has come. The same for all ways to get it. Pure. */
final class NodeReadiness {
  private NodeReadiness() {}

  /**
   * Completes a status that has its slot, request name and node name.
   *
   * @param status is changed and built
   */
  static SlotStatus judge(SlotStatus.Builder status, NodeInfo node, NodeSetSpec spec, Instant now) {
    long gpus = node.allocatable().getOrDefault(spec.gpuResource(), 0L);
    if (node.isDeleting()) {
      return status
          .phase(NodePhase.RELEASING)
          .message("node " + node.name() + " is being deleted")
          .build();
    }
    Optional<Instant> since = node.readyChangedAt().or(node::createdAt);
    since.ifPresent(status::phaseSince);
    if (!node.isReady()) {
      status.phase(NodePhase.INITIALIZING).message("node " + node.name() + " is not Ready");
      if (isOverdue(status, since, spec.deadlines().register(), now)) {
        status.failure(notReady(node, spec.deadlines().register()));
      }
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
      if (isOverdue(status, since, spec.deadlines().gpu(), now)) {
        status.failure(gpus == 0 ? noDevicePlugin(node, spec) : tooFewGpus(node, spec, gpus));
      }
    } else {
      status.phase(NodePhase.READY);
    }
    return status.build();
  }

  private static boolean isOverdue(
      SlotStatus.Builder status, Optional<Instant> since, Duration limit, Instant now) {
    if (since.isEmpty()) {
      return false;
    }
    Instant deadline = since.get().plus(limit);
    boolean overdue = !now.isBefore(deadline);
    status.deadline(deadline).isOverdue(overdue);
    return overdue;
  }

  private static ProvisionFailure notReady(NodeInfo node, Duration limit) {
    return timeout(
        "NodeNotReady",
        "node "
            + node.name()
            + " has not been Ready for "
            + limit.toMinutes()
            + " minutes; `kubectl describe node "
            + node.name()
            + "` tells why. It is waited for; to have another one, delete its claim");
  }

  private static ProvisionFailure noDevicePlugin(NodeInfo node, NodeSetSpec spec) {
    return timeout(
        "DevicePluginMissing",
        "node "
            + node.name()
            + " is Ready and has shown no "
            + spec.gpuResource()
            + " for "
            + spec.deadlines().gpu().toMinutes()
            + " minutes. A DaemonSet of the device plugin must run there: for nvidia.com/gpu it is"
            + " usually nvidia-device-plugin-daemonset in kube-system, or that of NVIDIA's GPU"
            + " operator, with a toleration of the taint sku=gpu:NoSchedule. Install it, or look"
            + " at the log of its pod on this node");
  }

  private static ProvisionFailure tooFewGpus(NodeInfo node, NodeSetSpec spec, long gpus) {
    return timeout(
        "GpusMissing",
        "node "
            + node.name()
            + " has shown "
            + gpus
            + " of "
            + spec.gpusPerNode()
            + " "
            + spec.gpuResource()
            + " for "
            + spec.deadlines().gpu().toMinutes()
            + " minutes; a GPU may be broken or partitioned: look at the log of the device plugin's"
            + " pod on this node");
  }

  private static ProvisionFailure timeout(String code, String message) {
    return ProvisionFailure.builder().kind(Kind.TIMEOUT).code(code).message(message).build();
  }
}

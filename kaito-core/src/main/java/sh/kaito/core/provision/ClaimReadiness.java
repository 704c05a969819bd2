package sh.kaito.core.provision;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.provision.NodePhase;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeView;
import sh.kaito.api.provision.NodeView.NodeInfo;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.ProvisionFailure.Kind;
import sh.kaito.api.provision.SlotStatus;

/** How far a claim has come, judged by the claim, by its Node and by the time. Pure. */
final class ClaimReadiness {
  private final ClaimInfo claim;
  private final NodeSetSpec spec;
  private final Instant now;
  private final SlotStatus.Builder status;

  private ClaimReadiness(ClaimInfo claim, NodeSetSpec spec, Instant now) {
    this.claim = claim;
    this.spec = spec;
    this.now = now;
    this.status = SlotStatus.builder().slot(claim.slot()).requestName(claim.name());
  }

  static SlotStatus of(ClaimInfo claim, NodeSetSpec spec, NodeView nodes, Instant now) {
    ClaimReadiness readiness = new ClaimReadiness(claim, spec, now);
    if (claim.deleting()) {
      return readiness.status.phase(NodePhase.RELEASING).message("is being deleted").build();
    }
    // The Node decides, not the claim's Ready: gpu-provisioner calls a claim ready before its GPUs
    // are allocatable, because only `storage` was requested.
    Optional<NodeInfo> node =
        claim.nodeName().isEmpty() ? Optional.empty() : nodes.byName(claim.nodeName());
    if (node.isPresent()) {
      readiness.status.nodeName(node.get().name());
      return NodeReadiness.judge(readiness.status, node.get(), spec, now);
    }
    return claim.launched().isTrue() ? readiness.joining() : readiness.creating();
  }

  private SlotStatus creating() {
    boolean overdue = clock(NodePhase.CREATING, claim.createdAt(), spec.deadlines().create());
    Optional<ProvisionFailure> told = told(claim);
    status
        .message(said(claim.launched(), "the machine is being created"))
        .failure(
            overdue && told.filter(failure -> saysWhy(failure.kind())).isEmpty()
                ? Optional.of(
                    timeout(
                        "NodeNotLaunched",
                        "no machine of type " + spec.instanceType() + " was made",
                        spec.deadlines().create(),
                        claim.launched(),
                        "look at the log of the provisioner that fulfils the claim"))
                : told);
    return status.build();
  }

  /** Whether a kind explains more than that the time is over. */
  private static boolean saysWhy(Kind kind) {
    return switch (kind) {
      case QUOTA, CAPACITY, SKU_UNAVAILABLE, AUTH, INVALID -> true;
      default -> false;
    };
  }

  private SlotStatus joining() {
    // A claim that names its Node had one: then the last that is known is that it registered.
    ClaimInfo.Stage last = claim.nodeName().isEmpty() ? claim.launched() : claim.registered();
    Instant since = last.since().or(claim.launched()::since).orElse(claim.createdAt());
    boolean overdue = clock(NodePhase.JOINING, since, spec.deadlines().register());
    status.message(
        claim.nodeName().isEmpty()
            ? said(claim.registered(), "the machine has not joined the cluster yet")
            : "node " + claim.nodeName() + " is not there");
    if (overdue) {
      status.failure(
          timeout(
              "NodeNotRegistered",
              claim.nodeName().isEmpty()
                  ? "the machine exists and has not joined the cluster"
                  : "node " + claim.nodeName() + ", which the claim names, is not there",
              spec.deadlines().register(),
              claim.registered(),
              "look at the machine's own log (network, kubelet, extension scripts)"));
    }
    return status.build();
  }

  private boolean clock(NodePhase phase, @Nullable Instant since, Duration limit) {
    status.phase(phase);
    if (since == null) {
      return false;
    }
    Instant deadline = since.plus(limit);
    boolean overdue = !now.isBefore(deadline);
    status.phaseSince(since).deadline(deadline).isOverdue(overdue);
    return overdue;
  }

  private ProvisionFailure timeout(
      String code, String what, Duration limit, ClaimInfo.Stage stage, String advice) {
    String said = said(stage, "");
    return ProvisionFailure.builder()
        .kind(Kind.TIMEOUT)
        .code(code)
        .message(
            "claim "
                + claim.name()
                + ": "
                + what
                + " within "
                + limit.toMinutes()
                + " minutes"
                + (said.isEmpty() ? "" : " (" + said + ")")
                + "; "
                + advice
                + ". It is waited for, and nothing else is bought in its place")
        .build();
  }

  static String said(ClaimInfo.Stage stage, String otherwise) {
    if (!stage.isTelling()) {
      return otherwise;
    }
    return stage.message().isEmpty() ? stage.reason() : stage.reason() + ": " + stage.message();
  }

  /** The failure that a claim reports of itself, if it reports one. */
  static Optional<ProvisionFailure> told(ClaimInfo claim) {
    return claim.deleting() ? Optional.empty() : said(claim);
  }

  /** The failure that stands in a claim, whether or not it is on its way out. */
  static Optional<ProvisionFailure> said(ClaimInfo claim) {
    if (claim.launched().isTrue() || !claim.launched().isTelling()) {
      return Optional.empty();
    }
    return Optional.of(
        ProvisionFailure.builder()
            .kind(CloudMessages.classify(claim.launched().message()))
            .code(claim.launched().reason())
            .message("claim " + claim.name() + ": " + said(claim.launched(), "launch failed"))
            .build());
  }
}

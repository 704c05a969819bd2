package sh.kaito.core.provision;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.provision.ProvisionFailure;
import sh.kaito.api.provision.ProvisionFailure.Kind;

/**
 * Why a claim that nobody here let go is gone. Karpenter deletes a claim for which it finds no
 * capacity, and its requester must make another one: a claim that went before it had a machine is
 * taken for that, so that the next one is not requested at once.
 *
 * @param seen the claim as the watch showed it last; null when this process never saw it
 */
record LostClaim(@Nullable ClaimInfo seen) {

  private Optional<ProvisionFailure> told() {
    ClaimInfo claim = seen;
    return claim == null ? Optional.empty() : ClaimReadiness.said(claim);
  }

  /** Whether it went before it had a machine. */
  boolean concernsInstanceType() {
    return seen != null && !seen.launched().isTrue() && seen.nodeName().isEmpty();
  }

  /** Whether it went without having said why. */
  boolean isSuspicion() {
    return told().filter(failure -> PurchaseGate.concerns(failure.kind())).isEmpty();
  }

  ProvisionFailure failure() {
    ProvisionFailure.Builder failure = ProvisionFailure.builder();
    String name = seen == null ? "the claim" : "claim " + seen.name();
    if (!concernsInstanceType()) {
      return failure
          .kind(Kind.NODE_LOST)
          .code("ClaimVanished")
          .message(name + " is gone, and it was not this controller that deleted it")
          .build();
    }
    if (isSuspicion()) {
      return failure
          .kind(Kind.CAPACITY)
          .code("ClaimVanishedBeforeLaunch")
          .message(
              name
                  + " was deleted before it had a machine, as its provisioner does when the cloud"
                  + " has none of this type; look at the provisioner's log")
          .build();
    }
    ProvisionFailure said = told().orElseThrow();
    return failure
        .kind(said.kind())
        .code(said.code())
        .message(name + " was deleted by its provisioner: " + said.message())
        .build();
  }
}

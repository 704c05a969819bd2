package sh.kaito.testkit.internal.sim;

import java.time.Instant;
import sh.kaito.api.kube.KubeRequest;

/** What a simulator decides to do next about one object. */
public sealed interface Step {

  /** Nothing until something changes. */
  record Idle() implements Step {}

  /**
   * Nothing until something changes or the time has come.
   *
   * @param at when to look again
   */
  record Wake(Instant at) implements Step {}

  /**
   * One write; then the object is looked at again.
   *
   * @param kind of the object that the answer holds
   * @param onFailure runs when the write was refused or got no answer
   */
  record Send(Kind kind, KubeRequest request, Runnable onFailure) implements Step {}

  static Step idle() {
    return new Idle();
  }

  static Step wake(Instant at) {
    return new Wake(at);
  }

  static Step send(Kind kind, KubeRequest request) {
    return new Send(kind, request, () -> {});
  }
}

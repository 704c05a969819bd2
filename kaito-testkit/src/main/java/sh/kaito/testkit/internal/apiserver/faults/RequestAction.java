package sh.kaito.testkit.internal.apiserver.faults;

import java.time.Duration;
import sh.kaito.api.kube.KubeResponse;

/** What happens to a chosen request. */
public sealed interface RequestAction {

  /** Nothing. */
  record Pass() implements RequestAction {}

  /** This answer, no effect. */
  record Respond(KubeResponse response) implements RequestAction {}

  /** Effect and answer later. */
  record Delay(Duration delay) implements RequestAction {}

  /** Effect now, answer later. */
  record DelayAnswer(Duration delay) implements RequestAction {}

  /** No effect, no answer. */
  record ResetBefore() implements RequestAction {}

  /** Effect, no answer. */
  record ResetAfter() implements RequestAction {}

  /** No answer, and the effect later. */
  record ApplyLate(Duration delay) implements RequestAction {}

  /** A list of the state so many revisions ago. */
  record Stale(int changes) implements RequestAction {}
}

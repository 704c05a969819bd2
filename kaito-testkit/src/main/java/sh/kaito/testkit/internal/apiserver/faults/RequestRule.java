package sh.kaito.testkit.internal.apiserver.faults;

import java.util.function.Predicate;
import sh.kaito.api.kube.KubeRequest;

/** One fault of requests. */
public final class RequestRule {
  private final Predicate<KubeRequest> match;
  private final RequestAction action;
  private final Runnable then;
  private final Occurrences occurrences;

  public RequestRule(
      Predicate<KubeRequest> match, Choice choice, RequestAction action, Runnable then) {
    this.match = match;
    this.action = action;
    this.then = then;
    this.occurrences = new Occurrences(choice);
  }

  public Occurrences occurrences() {
    return occurrences;
  }

  RequestAction action() {
    return action;
  }

  /** Counts the request if it matches; whether it is chosen. */
  boolean chooses(KubeRequest request) {
    return match.test(request) && occurrences.matched(request.info().toString());
  }

  void strike() {
    occurrences.strike();
    then.run();
  }
}

package sh.kaito.testkit.internal.apiserver.faults;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.internal.apiserver.watch.WatchEvent;

/** One fault of watch events. */
public final class EventRule {
  private final Predicate<KubeRequest> match;
  private final EventAction action;
  private final Runnable then;
  private final Occurrences occurrences;

  /** Revisions that are lost for every watch of this rule. */
  private final Set<Long> dropped = ConcurrentHashMap.newKeySet();

  private volatile boolean relistOwed;

  public EventRule(Predicate<KubeRequest> match, Choice choice, EventAction action, Runnable then) {
    this.match = match;
    this.action = action;
    this.then = then;
    this.occurrences = new Occurrences(choice);
  }

  public Occurrences occurrences() {
    return occurrences;
  }

  EventAction action() {
    return action;
  }

  boolean covers(KubeRequest watch) {
    return match.test(watch);
  }

  /** Counts the event; whether it is chosen. */
  boolean chooses(KubeRequest watch, WatchEvent event) {
    return occurrences.matched(event.type() + " " + watch.info().resource() + " " + event.key());
  }

  void strike() {
    occurrences.strike();
    then.run();
  }

  void lose(long revision) {
    dropped.add(revision);
  }

  boolean hasLost(WatchEvent event) {
    return !dropped.isEmpty() && dropped.contains(event.revision());
  }

  /** The next watch that resumes is to be told to list anew. */
  void oweRelist() {
    relistOwed = true;
  }

  boolean takeOwedRelist() {
    boolean owed = relistOwed;
    relistOwed = false;
    return owed;
  }
}

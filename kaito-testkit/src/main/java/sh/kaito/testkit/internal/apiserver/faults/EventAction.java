package sh.kaito.testkit.internal.apiserver.faults;

import java.time.Duration;

/** What happens to a chosen watch event. */
public sealed interface EventAction {

  /** Nothing. */
  record Pass() implements EventAction {}

  /**
   * Lost for all watches of the rule.
   *
   * @param relistAfter when watches are ended with 410; zero: never
   */
  record Drop(Duration relistAfter) implements EventAction {}

  /** Twice. */
  record Duplicate() implements EventAction {}

  /** Later. */
  record Delay(Duration delay) implements EventAction {}

  /** A broken connection instead. */
  record Cut() implements EventAction {}

  /** 410 instead. */
  record Expire() implements EventAction {}
}

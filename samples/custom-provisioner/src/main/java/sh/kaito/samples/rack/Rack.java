package sh.kaito.samples.rack;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * The management service of a rack: it switches machines on for whoever reserves them, and lets
 * them join the cluster with the labels of the reservation. Every call is one short request.
 */
public interface Rack {

  /**
   * A machine that runs for somebody.
   *
   * @param name what the reservation was made under; there is one at most of a name
   * @param labels the labels of its Node
   */
  record Reservation(String name, Map<String, String> labels) {}

  /** What became of a reservation. */
  sealed interface Answer {
    /** It is this one, made now or before: to reserve is idempotent by name. */
    record Reserved(Reservation reservation) implements Answer {}

    /** No machine is free. */
    record Full() implements Answer {}

    /** Too many requests. */
    record Busy(Duration retryAfter) implements Answer {}
  }

  /** All reservations, live. */
  CompletionStage<List<Reservation>> list();

  /** Reserves a machine under a name, if there is no reservation of that name yet. */
  CompletionStage<Answer> reserve(Reservation wanted);

  /** Switches the machine off and ends the reservation; no error where there is none. */
  CompletionStage<Boolean> free(String name);
}

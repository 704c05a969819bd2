package sh.kaito.testkit.exploration;

import java.time.Duration;
import java.util.Locale;
import sh.kaito.testkit.EventFaults;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.Faults;
import sh.kaito.testkit.RequestFaults;
import sh.kaito.testkit.RequestMatch;
import sh.kaito.testkit.exploration.Leash.Accident;

/** The one thing that goes wrong in a run: at the nth request, watch event or list. */
enum Trouble {
  CRASH_BEFORE(Accident.CRASH_BEFORE),
  CRASH_AFTER(Accident.CRASH_AFTER),
  CRASH_AND_ARRIVE_LATE(Accident.CRASH_AND_ARRIVE_LATE),
  LOSE_ANSWER(Accident.LOSE_ANSWER),
  ARRIVE_LATE(Accident.ARRIVE_LATE),
  REFUSE(Accident.REFUSE),
  ERROR(Accident.ERROR),
  THROTTLE(Accident.THROTTLE),
  CONFLICT(Accident.CONFLICT),
  DROP_EVENT((EventFaults events) -> events.drop(Duration.ofMinutes(5))),
  DOUBLE_EVENT(EventFaults::duplicate),
  DELAY_EVENT((EventFaults events) -> events.delay(Duration.ofSeconds(40))),
  CUT_WATCH(EventFaults::cut),
  EXPIRE_WATCH(EventFaults::expire),
  STALE_LIST(requests -> requests.stale(4), true);

  private static final RequestMatch WATCHES =
      RequestMatch.builder().addVerbs("watch").userAgent(Leash.AGENT).build();
  private static final RequestMatch LISTS =
      RequestMatch.builder().addVerbs("list").userAgent(Leash.AGENT).build();

  /** Sets a fault and returns it. */
  private interface Setting<T> {
    Fault set(T faults);
  }

  private final Accident accident;
  private final boolean lists;
  private final Setting<EventFaults> event;
  private final Setting<RequestFaults> list;

  Trouble(Accident accident) {
    this(accident, EventFaults::observe, RequestFaults::observe, false);
  }

  Trouble(Setting<EventFaults> event) {
    this(Accident.NONE, event, RequestFaults::observe, false);
  }

  Trouble(Setting<RequestFaults> list, boolean lists) {
    this(Accident.NONE, EventFaults::observe, list, lists);
  }

  Trouble(
      Accident accident, Setting<EventFaults> event, Setting<RequestFaults> list, boolean lists) {
    this.accident = accident;
    this.event = event;
    this.list = list;
    this.lists = lists;
  }

  /** Name on the command line. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What happens at the request of this number. */
  Accident at(int number, int chosen) {
    return number == chosen ? accident : Accident.NONE;
  }

  /** Whether requests are counted by the controller's own leash. */
  boolean isOfRequests() {
    return accident != Accident.NONE;
  }

  /** Arms the fault at the server, for what does not happen on the leash. */
  void arm(Faults faults, int chosen) {
    if (isOfRequests()) {
      return;
    }
    if (lists) {
      list.set(faults.requests(LISTS).nth(chosen));
    } else {
      event.set(faults.events(WATCHES).nth(chosen));
    }
  }

  /** Counts what could be struck. */
  Fault observe(Faults faults) {
    return lists ? faults.requests(LISTS).observe() : faults.events(WATCHES).observe();
  }
}

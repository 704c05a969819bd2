package sh.kaito.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sh.kaito.testkit.Fault;
import sh.kaito.testkit.RequestMatch;

/** What can happen to a watch and to each of its events. */
class EventFaultsTest {
  private static final RequestMatch WATCH = RequestMatch.watches("configmaps");

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void aDroppedEventStaysLostWhenTheWatchResumes(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      String start = wire.listVersion();
      Fault fault = wire.server.faults().events(WATCH).nth(2).drop();
      Wire.Events events = wire.watch("resourceVersion=" + start);
      wire.create("a");
      wire.create("b");
      wire.create("c");
      wire.until("two of three events", () -> events.seen.size() == 2);
      assertThat(events.seen).containsExactly("ADDED a", "ADDED c");
      Wire.Events resumed = wire.watch("resourceVersion=" + start);
      wire.until("the same two again", () -> resumed.seen.size() == 2);
      assertThat(resumed.seen).containsExactly("ADDED a", "ADDED c");
      assertThat(fault.struck()).isEqualTo(1);
      assertThat(wire.exists("b")).as("a read is not a watch").isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void aDropMayForceTheClientToListAnew(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      wire.server.faults().events(WATCH).nth(1).drop(Duration.ofMillis(200));
      Wire.Events events = wire.watch("resourceVersion=" + wire.listVersion());
      wire.create("a");
      wire.until("the watch is over", () -> events.ended);
      assertThat(events.seen).containsExactly("ERROR 410");
      assertThat(events.broke).as("a 410 is an end in good order").isFalse();
    }
  }

  @Test
  void anOwedRelistMeetsTheNextWatch() {
    try (Wire wire = new Wire(Wire.Kind.IN_PROCESS)) {
      String start = wire.listVersion();
      Fault fault = wire.server.faults().events(WATCH).nth(1).drop(Duration.ofMillis(100));
      Wire.Events events = wire.watch("resourceVersion=" + start);
      wire.create("a");
      wire.until("the event was dropped", () -> fault.struck() == 1);
      events.watch.close();
      wire.pass(Duration.ofMillis(300));
      Wire.Events resumed = wire.watch("resourceVersion=" + start);
      wire.until("the answer to the watch that resumes", () -> resumed.ended);
      assertThat(resumed.seen).hasSize(1);
      assertThat(resumed.seen.get(0)).endsWith("410");
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void anEventMayComeTwice(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      wire.server.faults().events(WATCH).nth(1).duplicate();
      Wire.Events events = wire.watch("resourceVersion=" + wire.listVersion());
      wire.create("a");
      wire.create("b");
      wire.until("three events", () -> events.seen.size() == 3);
      assertThat(events.seen).containsExactly("ADDED a", "ADDED a", "ADDED b");
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void aLaggingWatchKeepsTheOrder(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      wire.server.faults().events(WATCH).nth(1).delay(Duration.ofMillis(300));
      Wire.Events events = wire.watch("resourceVersion=" + wire.listVersion());
      Instant begun = wire.scheduler().clock().instant();
      wire.create("a");
      wire.create("b");
      wire.until("both events", () -> events.seen.size() == 2);
      assertThat(events.seen).containsExactly("ADDED a", "ADDED b");
      assertThat(Duration.between(begun, wire.scheduler().clock().instant()))
          .isGreaterThanOrEqualTo(Duration.ofMillis(290));
    }
  }

  @Test
  void everyEventOfALaggingWatchIsAsLateAsTheOthers() {
    try (Wire wire = new Wire(Wire.Kind.IN_PROCESS)) {
      wire.server.faults().events(WATCH).every().delay(Duration.ofSeconds(5));
      Wire.Events events = wire.watch("resourceVersion=" + wire.listVersion());
      wire.create("a");
      wire.pass(Duration.ofSeconds(3));
      wire.create("b");
      wire.pass(Duration.ofMillis(1900));
      assertThat(events.seen).as("4.9 s after the first change").isEmpty();
      wire.pass(Duration.ofMillis(200));
      assertThat(events.seen).as("5.1 s after the first change").containsExactly("ADDED a");
      wire.pass(Duration.ofSeconds(3));
      assertThat(events.seen).containsExactly("ADDED a", "ADDED b");
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void aCutWatchResumesWithoutLoss(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      String start = wire.listVersion();
      wire.server.faults().events(WATCH).nth(2).cut();
      Wire.Events events = wire.watch("resourceVersion=" + start);
      wire.create("a");
      wire.create("b");
      wire.until("the connection broke", () -> events.ended);
      assertThat(events.broke).as("the end has a cause").isTrue();
      Wire.Events resumed = wire.watch("resourceVersion=" + start);
      wire.until("both events", () -> resumed.seen.size() == 2);
      assertThat(resumed.seen).containsExactly("ADDED a", "ADDED b");
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.Kind.class)
  void openWatchesAreCutOrExpiredOnDemand(Wire.Kind kind) {
    try (Wire wire = new Wire(kind)) {
      Wire.Events cut = wire.watch("resourceVersion=0");
      wire.create("a");
      wire.until("the watch is open", () -> !cut.seen.isEmpty());
      assertThat(wire.server.faults().cutWatches(WATCH)).isEqualTo(1);
      wire.until("it broke", () -> cut.ended);
      assertThat(cut.broke).isTrue();
      Wire.Events expired = wire.watch("resourceVersion=0");
      wire.until("the watch is open", () -> !expired.seen.isEmpty());
      assertThat(wire.server.faults().expireWatches(WATCH)).isEqualTo(1);
      wire.until("it ended", () -> expired.ended);
      assertThat(expired.seen).endsWith("ERROR 410");
      wire.until("no watch is open", () -> wire.server.faults().cutWatches(WATCH) == 0);
    }
  }

  @Test
  void anObserverEnumeratesTheEvents() {
    try (Wire wire = new Wire(Wire.Kind.IN_PROCESS)) {
      Fault observed = wire.server.faults().events(WATCH).observe();
      Wire.Events events = wire.watch("resourceVersion=" + wire.listVersion());
      wire.create("a");
      wire.create("b");
      wire.until("both events", () -> events.seen.size() == 2);
      assertThat(observed.seen())
          .containsExactly("ADDED configmaps default/a", "ADDED configmaps default/b");
    }
  }
}

package sh.kaito.core.kube;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;

/**
 * A clock that is anchored at the wall clock once and advances with a nanosecond counter. A wall
 * clock that is set back does not move it. One that is well ahead does: the counter stands still
 * while a machine sleeps, and deadlines count from instants that others wrote down.
 */
final class MonotonicClock extends Clock {
  private static final Duration LEAP = Duration.ofSeconds(1);

  private final InstantSource wall;
  private final LongSupplier nanoCounter;
  private volatile Anchor anchor;

  MonotonicClock(InstantSource wall, LongSupplier nanoCounter) {
    this.wall = wall;
    this.nanoCounter = nanoCounter;
    this.anchor = new Anchor(wall.instant(), nanoCounter.getAsLong());
  }

  static MonotonicClock ofSystem() {
    return new MonotonicClock(InstantSource.system(), System::nanoTime);
  }

  @Override
  public Instant instant() {
    Anchor current = anchor;
    Instant counted = current.instant.plusNanos(nanoCounter.getAsLong() - current.counter);
    return wall.instant().isAfter(counted.plus(LEAP)) ? leap() : counted;
  }

  private synchronized Instant leap() {
    long counter = nanoCounter.getAsLong();
    Instant counted = anchor.instant.plusNanos(counter - anchor.counter);
    Instant real = wall.instant();
    if (!real.isAfter(counted)) {
      return counted;
    }
    anchor = new Anchor(real, counter);
    return real;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    InstantSource source = () -> instant();
    return source.withZone(zone);
  }

  private record Anchor(Instant instant, long counter) {}
}

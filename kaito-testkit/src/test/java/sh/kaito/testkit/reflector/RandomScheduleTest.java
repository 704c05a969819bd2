package sh.kaito.testkit.reflector;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.testkit.VirtualScheduler;

/** Whatever happens in whatever order: in the end the cache is what the server has. */
class RandomScheduleTest {
  private static final int STEPS = 120;
  private static final String[] NAMES = {"a", "b", "c", "d", "e", "f", "g"};

  @Property(tries = 200)
  void theCacheEndsEqualToTheServer(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    VirtualScheduler scheduler = VirtualScheduler.builder().seed(seed).shuffled().build();
    Fixture f = new Fixture(scheduler, ListOptions.in("ns").limit(1 + random.nextInt(4)));
    f.server.latency = () -> Duration.ofMillis(random.nextInt(400));
    f.server.expiredByEvent = random.nextBoolean();
    f.server.duplicates = random.nextBoolean();
    f.reflector.start();
    for (int step = 0; step < STEPS; step++) {
      act(f, random, step);
      if (random.nextInt(3) > 0) {
        scheduler.advance(Duration.ofMillis(1L << random.nextInt(14)));
      }
    }
    f.server.heal();
    for (String name : NAMES) {
      if (f.server.has(name)) {
        f.server.put(name, "last of " + seed);
      }
    }
    scheduler.advance(Duration.ofMinutes(25));
    f.assertEqualToServer();
    assertThat(f.reflector.health().isHealthy()).as(f.reflector.health().toString()).isTrue();
    assertThat(f.reflector.snapshot().undecodable()).isEmpty();
    assertThat(f.server.openWatches()).as("exactly one watch is open").isEqualTo(1);
  }

  private static void act(Fixture f, SplittableRandom random, int step) {
    String name = NAMES[random.nextInt(NAMES.length)];
    switch (random.nextInt(16)) {
      case 0, 1, 2, 3, 4, 5 -> f.server.put(name, "v" + step);
      case 6, 7 -> {
        if (f.server.has(name)) {
          f.server.delete(name);
        }
      }
      case 8 -> f.server.put(name, "broken " + step);
      case 9 -> f.server.breakWatches();
      case 10 -> f.server.endWatches();
      case 11 -> f.server.compact();
      case 12 -> f.server.bookmark();
      case 13 -> {
        switch (random.nextInt(4)) {
          case 0 -> f.server.nextListFails();
          case 1 -> f.server.nextListNeverAnswered();
          case 2 -> f.server.nextList(ModelServer.status(500, "InternalError"));
          default -> f.server.nextWatch(ModelServer.status(429, "TooManyRequests"));
        }
      }
      case 14 -> f.server.missing = !f.server.missing;
      default -> {
        if (random.nextInt(4) == 0) {
          f.server.silenceWatches();
        }
      }
    }
  }
}

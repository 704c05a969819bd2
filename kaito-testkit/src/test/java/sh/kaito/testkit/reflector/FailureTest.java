package sh.kaito.testkit.reflector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ReflectorHealth;
import sh.kaito.core.internal.kube.ReflectorHealth.Phase;
import sh.kaito.testkit.VirtualScheduler;

/**
 * The bad days: broken and stalled watches, 410, outages, a missing resource, unreadable objects.
 */
class FailureTest {

  @Test
  void aBrokenWatchIsResumedWithoutANewList() {
    Fixture f = new Fixture();
    f.server.put("a", "1");
    f.synced();
    f.server.breakWatches();
    f.server.put("a", "2");
    f.server.delete("a");
    f.server.put("b", "1");
    f.scheduler.advance(Duration.ofSeconds(3));
    f.assertEqualToServer();
    assertThat(f.heard).containsExactly("a: - > 1", "synced", "a: 1 > 2", "a: 2 > -", "b: - > 1");
    assertThat(f.server.requestLines()).hasSize(3);
    assertThat(f.server.requestLines().get(2)).contains("watch=true&resourceVersion=101&");
  }

  @ParameterizedTest(name = "by ERROR event: {0}")
  @ValueSource(booleans = {false, true})
  void tooOldAResourceVersionLeadsToANewListWhichFindsDeletions(boolean byEvent) {
    Fixture f = new Fixture();
    f.server.expiredByEvent = byEvent;
    f.server.put("gone", "1");
    f.server.put("kept", "1");
    f.server.put("renewed", "1");
    f.synced();
    f.server.breakWatches();
    f.server.delete("gone");
    f.server.delete("renewed");
    f.server.put("renewed", "2");
    f.server.put("new", "1");
    f.server.compact();
    f.scheduler.advance(Duration.ofSeconds(10));
    f.assertEqualToServer();
    assertThat(f.heard.subList(4, f.heard.size()))
        .as("deletions first; an object re-created under its name is two changes")
        .containsExactly("gone: 1 > -", "new: - > 1", "renewed: 1 > -", "renewed: - > 2");
    assertThat(f.reflector.health().isHealthy()).isTrue();
    assertThat(f.heard).as("synced is told once").containsOnlyOnce("synced");
  }

  @Test
  void aContinueTokenThatExpiresBeginsTheListAgain() {
    Fixture f = new Fixture(VirtualScheduler.seeded(1), ListOptions.in("ns").limit(1));
    for (String name : List.of("a", "b", "c", "d")) {
      f.server.put(name, "1");
    }
    f.reflector.start();
    f.scheduler.advanceUntil(() -> f.server.requests.size() == 2, Duration.ofSeconds(1));
    f.server.delete("a");
    f.server.compact();
    f.settle();
    f.assertEqualToServer();
    assertThat(f.healths).as("this is no failure").allMatch(ReflectorHealth::isHealthy);
    assertThat(f.heard).doesNotContain("a: - > 1");
    assertThat(f.server.requestLines())
        .filteredOn(line -> line.endsWith("limit=1"))
        .as("first pages")
        .hasSize(2);
  }

  @Test
  void aServerThatOnlyEverAnswers410IsNotAskedInATightLoop() {
    Fixture f = new Fixture();
    for (int i = 0; i < 1000; i++) {
      f.server.nextWatch(ModelServer.status(410, "Expired"));
    }
    f.reflector.start();
    f.scheduler.advance(Duration.ofMinutes(5));
    assertThat(f.server.requests).as("lists and watches of five minutes").hasSizeLessThan(50);
  }

  @Test
  void waitsGrowWithJitterUpToTheirLimitAndBeginAnewAfterSuccess() {
    Fixture f = new Fixture();
    for (int i = 0; i < 10; i++) {
      f.server.nextListFails();
    }
    f.reflector.start();
    f.scheduler.advance(Duration.ofMinutes(10));
    List<Duration> times = f.server.requestTimes;
    double[] least = {0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30, 30, 30};
    List<Double> waits = new ArrayList<>();
    for (int i = 0; i < least.length; i++) {
      waits.add(times.get(i + 1).minus(times.get(i)).toNanos() / 1e9);
      assertThat(waits.get(i))
          .as("wait %s of %s, in seconds", i + 1, waits)
          .isBetween(least[i], 2 * least[i]);
    }
    assertThat(waits.subList(6, 10)).as("waits at the limit differ").doesNotHaveDuplicates();

    f.server.put("a", "1");
    f.settle();
    int before = times.size();
    f.server.breakWatches();
    f.scheduler.advance(Duration.ofSeconds(2));
    assertThat(times).as("after success the first wait is short again").hasSize(before + 1);
  }

  @Test
  void healthTellsWhatIsWrongAndSinceWhen() {
    Fixture f = new Fixture().synced();
    f.scheduler.advance(Duration.ofSeconds(60));
    Instant brokenAt = f.scheduler.now();
    f.server.breakWatches();
    for (int i = 0; i < 3; i++) {
      f.server.nextWatch(ModelServer.status(503, "ServiceUnavailable"));
    }
    f.scheduler.advance(Duration.ofSeconds(5));
    ReflectorHealth bad = f.reflector.health();
    assertThat(bad.isHealthy()).isFalse();
    assertThat(bad.synced()).as("an outage does not undo sync").isTrue();
    assertThat(bad.phase()).isEqualTo(Phase.BACKING_OFF);
    assertThat(bad.lastError())
        .isEqualTo(
            "the watch was refused: HTTP 503 ServiceUnavailable: ServiceUnavailable on purpose");
    assertThat(Duration.between(brokenAt, bad.since()))
        .as("since the first failure, not the last")
        .isLessThan(Duration.ofMillis(100));

    f.scheduler.advance(Duration.ofMinutes(2));
    f.server.put("a", "1");
    f.settle();
    ReflectorHealth good = f.reflector.health();
    assertThat(good.isHealthy()).isTrue();
    assertThat(good.failures()).isZero();
    assertThat(f.healths).last().isEqualTo(good);
  }

  @Test
  void aServerThatNamesAWaitIsNotAskedSooner() {
    Fixture f = new Fixture();
    f.server.nextList(ModelServer.status(429, "TooManyRequests", retryAfter(40)));
    f.reflector.start();
    f.scheduler.advance(Duration.ofSeconds(40));
    assertThat(f.server.requests).hasSize(1);
    f.scheduler.advance(Duration.ofSeconds(5));
    assertThat(f.server.requests).hasSize(3);

    f.server.nextWatch(ModelServer.status(429, "TooManyRequests", retryAfter(50)));
    f.server.endWatches();
    f.settle();
    f.scheduler.advance(Duration.ofSeconds(49));
    assertThat(f.server.requests).as("the refused watch is the fourth").hasSize(4);
    f.scheduler.advance(Duration.ofSeconds(2));
    assertThat(f.server.openWatches()).isEqualTo(1);
  }

  private static Map<String, List<String>> retryAfter(int seconds) {
    return Map.of("Retry-After", List.of(Integer.toString(seconds)));
  }

  @Test
  void aListWithoutAnswerIsGivenUpAndItsLateAnswerIgnored() {
    Fixture f = new Fixture();
    CompletableFuture<KubeResponse> late = new CompletableFuture<>();
    f.server.nextList(() -> late);
    f.reflector.start();
    f.scheduler.advance(Duration.ofSeconds(59));
    assertThat(f.server.requests).hasSize(1);
    f.server.put("a", "1");
    f.scheduler.advance(Duration.ofSeconds(4));
    assertThat(f.reflector.health().synced()).isTrue();
    assertThat(f.healths)
        .anySatisfy(
            health ->
                assertThat(health.lastError()).isEqualTo("the list got no answer within PT1M"));

    late.complete(listAt(999));
    f.scheduler.advance(Duration.ofSeconds(4));
    f.assertEqualToServer();
    assertThat(f.reflector.lastResourceVersion()).isEqualTo("101");
    assertThat(f.server.requests).as("list, list, watch").hasSize(3);
  }

  @Test
  void aWatchThatFallsSilentIsReplacedAfterItsTimeOut() {
    Fixture f = new Fixture().synced();
    f.server.silenceWatches();
    f.server.put("a", "1");
    f.scheduler.advance(Duration.ofSeconds(300));
    assertThat(f.cached()).isEmpty();
    f.scheduler.advance(Duration.ofSeconds(600 + 30 + 2 - 300));
    assertThat(f.cached()).containsExactly(Map.entry("a", "1"));
    assertThat(f.healths)
        .anySatisfy(health -> assertThat(health.lastError()).contains("the watch stalled"));
  }

  @Test
  void aMissingResourceIsAStateThatEndsWhenItIsInstalled() {
    Fixture f = new Fixture();
    f.server.missing = true;
    f.reflector.start();
    f.scheduler.advance(Duration.ofMinutes(10));
    ReflectorHealth missing = f.reflector.health();
    assertThat(missing.isResourceMissing()).isTrue();
    assertThat(missing.synced()).isFalse();
    assertThat(missing.lastError()).isEqualTo("the server knows no configmaps");
    assertThat(f.server.requests).as("requests of ten minutes").hasSizeLessThan(30);
    assertThat(f.healths.subList(1, f.healths.size()))
        .as("looking again does not flicker")
        .extracting(ReflectorHealth::phase)
        .containsOnly(Phase.RESOURCE_MISSING);

    f.server.missing = false;
    f.server.put("a", "1");
    f.scheduler.advance(Duration.ofMinutes(1));
    f.assertEqualToServer();
    assertThat(f.reflector.health().phase()).isEqualTo(Phase.WATCHING);
    assertThat(f.reflector.health().isHealthy()).isTrue();
  }

  @Test
  void aResourceThatIsRemovedWhileRunningKeepsWhatWasKnownUntilItIsBack() {
    Fixture f = new Fixture();
    f.server.put("a", "1");
    f.synced();
    f.server.missing = true;
    f.server.endWatches();
    f.scheduler.advance(Duration.ofMinutes(3));
    assertThat(f.reflector.health().isResourceMissing()).isTrue();
    assertThat(f.cached()).as("404 is not proof of deletion").containsKey("a");
    f.server.delete("a");
    f.server.missing = false;
    f.scheduler.advance(Duration.ofMinutes(2));
    f.assertEqualToServer();
    assertThat(f.heard).endsWith("a: 1 > -");
  }

  @Test
  void anObjectThatCannotBeDecodedIsSkippedCountedAndKeptInItsLastGoodVersion() {
    Fixture f = new Fixture();
    f.server.put("a", "good");
    f.server.put("b", "broken from the start");
    f.synced();
    assertThat(f.cached()).containsExactly(Map.entry("a", "good"));
    assertThat(f.reflector.snapshot().undecodable()).containsExactly(ObjectKey.of("ns", "b"));

    f.server.put("a", "broken now");
    f.server.put("c", "good");
    f.settle();
    assertThat(f.cached())
        .as("to drop it would look like a deletion")
        .containsExactly(Map.entry("a", "good"), Map.entry("c", "good"));
    assertThat(f.reflector.health().undecodable()).isEqualTo(2);
    assertThat(f.reflector.decodeFailures()).isEqualTo(2);
    assertThat(f.reflector.health().isHealthy()).as("the loop goes on").isTrue();

    f.server.compact();
    f.server.breakWatches();
    f.server.put("d", "good");
    f.server.compact();
    f.scheduler.advance(Duration.ofSeconds(10));
    assertThat(f.reflector.decodeFailures())
        .as("a version that was counted is not counted again by a new list")
        .isEqualTo(2);

    f.server.put("a", "better");
    f.server.delete("b");
    f.settle();
    assertThat(f.reflector.snapshot().undecodable()).isEmpty();
    f.assertEqualToServer();
  }

  @Test
  void anUndecodableObjectThatReplacedAnotherOneDoesNotPassForIt() {
    Fixture f = new Fixture();
    f.server.put("a", "good");
    f.synced();
    f.server.delete("a");
    f.server.put("a", "broken");
    f.settle();
    assertThat(f.cached()).isEmpty();
    assertThat(f.reflector.snapshot().undecodable()).containsExactly(ObjectKey.of("ns", "a"));
  }

  @Test
  void aListOlderThanWhatWasSeenIsRefusedUntilTheServerInsists() {
    Fixture f = new Fixture();
    f.server.put("a", "1");
    f.synced();
    f.server.version = 900;
    f.server.bookmark();
    f.settle();
    f.server.compact();
    f.server.nextWatch(ModelServer.status(410, "Expired"));
    for (int i = 0; i < 2; i++) {
      f.server.nextList(listAt(700));
    }
    f.server.endWatches();
    f.scheduler.advance(Duration.ofSeconds(20));
    assertThat(f.cached()).as("a stale replica must not delete").containsKey("a");
    assertThat(f.reflector.lastResourceVersion()).isEqualTo("900");
    assertThat(f.healths)
        .anySatisfy(
            health ->
                assertThat(health.lastError())
                    .isEqualTo("the server listed resourceVersion 700, but had shown 900"));

    f.server.nextWatch(ModelServer.status(410, "Expired"));
    for (int i = 0; i < 4; i++) {
      f.server.nextList(listAt(700));
    }
    f.server.endWatches();
    f.scheduler.advance(Duration.ofMinutes(2));
    assertThat(f.heard).as("restored from a backup").contains("a: 1 > -");
  }

  private static KubeResponse listAt(long version) {
    ObjectNode list = KubeJson.object();
    list.putObject("metadata").put("resourceVersion", Long.toString(version));
    list.putArray("items");
    return KubeResponse.of(200, Map.of(), KubeJson.write(list));
  }

  @Test
  void anEventOlderThanTheWatchLeadsToANewList() {
    Fixture f = new Fixture();
    f.server.put("a", "1");
    f.synced();
    ObjectNode old = KubeJson.object();
    old.putObject("metadata")
        .put("name", "a")
        .put("namespace", "ns")
        .put("uid", "uid-1")
        .put("resourceVersion", "7");
    f.server.sendRaw(ModelServer.event("MODIFIED", old));
    f.scheduler.advance(Duration.ofSeconds(3));
    f.assertEqualToServer();
    assertThat(f.server.requestLines())
        .filteredOn(line -> line.contains("limit="))
        .as("lists")
        .hasSize(2);
  }
}

package sh.kaito.testkit.reflector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import sh.kaito.core.internal.kube.Index;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ReflectorHealth.Phase;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Snapshot;
import sh.kaito.core.internal.kube.Stored;
import sh.kaito.testkit.VirtualScheduler;

/** The good days: list in pages, watch, bookmarks, indexes, stop. */
class ListAndWatchTest {

  @Test
  void listsInPagesThenWatchesFromTheListsVersion() {
    Fixture f = new Fixture(VirtualScheduler.seeded(1), ListOptions.in("ns").limit(2));
    for (String name : List.of("a", "b", "c", "d", "e")) {
      f.server.put(name, "1");
    }
    f.synced();
    assertThat(f.heard)
        .containsExactly("a: - > 1", "b: - > 1", "c: - > 1", "d: - > 1", "e: - > 1", "synced");
    assertThat(f.server.requestLines())
        .containsExactly(
            "GET /api/v1/namespaces/ns/configmaps?limit=2",
            "GET /api/v1/namespaces/ns/configmaps?limit=2&continue=105%3Ab",
            "GET /api/v1/namespaces/ns/configmaps?limit=2&continue=105%3Ad",
            "GET /api/v1/namespaces/ns/configmaps?watch=true&resourceVersion=105"
                + "&allowWatchBookmarks=true&timeoutSeconds=N");
    assertThat(f.reflector.synced().toCompletableFuture()).isDone();
    f.assertEqualToServer();
  }

  @Test
  void selectorsStandInListAndWatch() {
    Fixture f =
        new Fixture(
            VirtualScheduler.seeded(1),
            ListOptions.all().labelSelector("app in (x,y)").fieldSelector("metadata.name=z"));
    f.synced();
    assertThat(f.server.requestLines())
        .allSatisfy(
            line ->
                assertThat(line)
                    .startsWith(
                        "GET /api/v1/configmaps?labelSelector=app%20in%20%28x%2Cy%29"
                            + "&fieldSelector=metadata.name%3Dz&"));
  }

  @Test
  void metadataOnlyAsksSo() {
    Fixture f = new Fixture(VirtualScheduler.seeded(1), ListOptions.in("ns").metadataOnly());
    f.synced();
    assertThat(f.server.requests)
        .extracting(request -> request.header("Accept").orElseThrow())
        .containsExactly(
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json");
  }

  @Test
  void followsChangesOneByOne() {
    Fixture f = new Fixture().synced();
    f.server.put("a", "1");
    f.server.put("a", "2");
    f.server.delete("a");
    f.server.put("a", "3");
    f.settle();
    assertThat(f.heard).containsExactly("synced", "a: - > 1", "a: 1 > 2", "a: 2 > -", "a: - > 3");
    f.assertEqualToServer();
    assertThat(f.reflector.lastResourceVersion()).isEqualTo("104");
    assertThat(f.reflector.snapshot().includes("104")).isTrue();
    assertThat(f.reflector.snapshot().includes("105")).isFalse();
  }

  @Test
  void whoHearsOfAChangeFindsItsVersionReached() {
    VirtualScheduler scheduler = VirtualScheduler.seeded(1);
    ModelServer server = new ModelServer(scheduler);
    List<String> reached = new ArrayList<>();
    List<Reflector<String>> self = new ArrayList<>();
    Reflector<String> reflector =
        Reflector.builder(
                server,
                scheduler,
                ResourceType.CONFIGMAPS,
                object -> object.path("data").toString())
            .select(ListOptions.in("ns"))
            .onChange(change -> reached.add(self.get(0).lastResourceVersion()))
            .build();
    self.add(reflector);
    reflector.start();
    scheduler.advance(Duration.ofSeconds(1));
    server.put("a", "1");
    server.put("a", "2");
    server.delete("a");
    scheduler.advance(Duration.ofSeconds(1));
    assertThat(reached).containsExactly("101", "102", "103");
  }

  @Test
  void aWatchThatTheServerEndsIsResumedFromTheLastBookmark() {
    Fixture f = new Fixture().synced();
    f.server.put("a", "1");
    f.settle();
    f.server.version = 500;
    f.server.bookmark();
    f.settle();
    assertThat(f.reflector.lastResourceVersion()).isEqualTo("500");
    f.server.endWatches();
    f.settle();
    assertThat(f.server.requestLines().get(2))
        .as("the second watch, with no list before it")
        .contains("watch=true&resourceVersion=500&");
    assertThat(f.reflector.health().isHealthy()).isTrue();
  }

  @Test
  void watchesLastFiveToTenMinutesAndAQuietHourCostsNothingElse() {
    Fixture f = new Fixture().synced();
    f.server.requests.clear();
    f.scheduler.advance(Duration.ofHours(1));
    assertThat(f.server.requests).hasSizeBetween(6, 12);
    assertThat(f.server.requests)
        .allSatisfy(
            request -> {
              assertThat(request.query("watch")).contains("true");
              assertThat(Integer.parseInt(request.query("timeoutSeconds").orElseThrow()))
                  .isBetween(300, 600);
            });
    assertThat(f.server.requests)
        .extracting(request -> request.query("timeoutSeconds").orElseThrow())
        .as("watches of many clients must not end in step")
        .doesNotHaveDuplicates();
  }

  @Test
  void repeatedEventsAreToldOnce() {
    Fixture f = new Fixture();
    f.server.duplicates = true;
    f.synced();
    f.server.put("a", "1");
    f.server.put("a", "2");
    f.server.delete("a");
    f.server.put("b", "1");
    f.settle();
    assertThat(f.heard).containsExactly("synced", "a: - > 1", "a: 1 > 2", "a: 2 > -", "b: - > 1");
  }

  @Test
  void aLateEventDoesNotReviveADeletedObject() {
    Fixture f = new Fixture().synced();
    f.server.put("a", "1");
    f.settle();
    ObjectNode late = object("a", "uid-1", f.server.version);
    f.server.delete("a");
    f.server.sendRaw(ModelServer.event("MODIFIED", late));
    f.settle();
    assertThat(f.heard).containsExactly("synced", "a: - > 1", "a: 1 > -");
  }

  @Test
  void findsByIndexInASnapshotThatStaysAsItWas() {
    Fixture f = new Fixture();
    f.server.put("a", "red");
    f.server.put("b", "red");
    f.server.put("c", "blue");
    f.synced();
    Snapshot<String> before = f.reflector.snapshot();
    f.server.put("a", "blue");
    f.server.delete("b");
    f.settle();
    Snapshot<String> after = f.reflector.snapshot();
    assertThat(names(before.find(Fixture.BY_VALUE, "red"))).containsExactly("a", "b");
    assertThat(names(before.find(Fixture.BY_VALUE, "blue"))).containsExactly("c");
    assertThat(names(after.find(Fixture.BY_VALUE, "red"))).isEmpty();
    assertThat(names(after.find(Fixture.BY_VALUE, "blue"))).containsExactly("a", "c");
    assertThat(before.get(ObjectKey.of("ns", "b"))).contains("red");
    assertThat(after.get(ObjectKey.of("ns", "b"))).isEmpty();
    Index<String> stranger = Index.of("stranger", List::of);
    assertThatThrownBy(() -> after.find(stranger, "x")).hasMessageContaining("index stranger");
  }

  private static List<String> names(List<Stored<String>> found) {
    return found.stream().map(stored -> stored.key().name()).toList();
  }

  @Test
  void anObjectThatTheDecoderDoesNotWantIsLikeNone() {
    VirtualScheduler scheduler = VirtualScheduler.seeded(1);
    ModelServer server = new ModelServer(scheduler);
    Reflector<String> reflector =
        Reflector.<String>builder(
                server,
                scheduler,
                ResourceType.CONFIGMAPS,
                object ->
                    object.path("data").path("v").asText().equals("no")
                        ? null
                        : object.path("data").path("v").asText())
            .select(ListOptions.in("ns"))
            .build();
    server.put("a", "yes");
    server.put("b", "no");
    reflector.start();
    scheduler.advance(Duration.ofSeconds(1));
    assertThat(reflector.snapshot().entries()).extracting(Stored::value).containsExactly("yes");
    server.put("a", "no");
    server.put("b", "maybe");
    scheduler.advance(Duration.ofSeconds(1));
    assertThat(reflector.snapshot().entries()).extracting(Stored::value).containsExactly("maybe");
  }

  @Test
  void stopInTheMiddleOfAListTellsNothingMore() {
    Fixture f = new Fixture(VirtualScheduler.seeded(1), ListOptions.in("ns").limit(1));
    f.server.put("a", "1");
    f.server.put("b", "1");
    f.reflector.start();
    f.scheduler.advanceUntil(() -> f.server.requests.size() == 2, Duration.ofSeconds(10));
    f.reflector.stop();
    f.reflector.stop();
    f.scheduler.advance(Duration.ofHours(1));
    assertThat(f.heard).isEmpty();
    assertThat(f.server.requests).hasSize(2);
    assertThat(f.reflector.health().phase()).isEqualTo(Phase.STOPPED);
    assertThat(f.reflector.synced().toCompletableFuture())
        .failsWithin(Duration.ZERO)
        .withThrowableOfType(CancellationException.class);
  }

  @Test
  void stopOfAWatchClosesItAndTellsNothingMore() {
    Fixture f = new Fixture().synced();
    f.server.put("a", "1");
    f.reflector.stop();
    assertThat(f.server.openWatches()).as("closed before stop returns").isZero();
    f.scheduler.advance(Duration.ofHours(1));
    assertThat(f.heard).containsExactly("synced");
    assertThat(f.scheduler.pendingCount()).as("timers left behind").isZero();
  }

  @Test
  void startAfterStopDoesNothing() {
    Fixture f = new Fixture();
    f.reflector.stop();
    f.reflector.start();
    f.scheduler.advance(Duration.ofMinutes(1));
    assertThat(f.server.requests).isEmpty();
  }

  @Test
  void aListenerThatThrowsIsReportedAndTheCacheStaysRight() {
    VirtualScheduler scheduler = VirtualScheduler.seeded(1);
    ModelServer server = new ModelServer(scheduler);
    Reflector<String> reflector =
        Reflector.builder(
                server,
                scheduler,
                ResourceType.CONFIGMAPS,
                object -> object.path("data").path("v").asText())
            .select(ListOptions.in("ns"))
            .onChange(
                change -> {
                  throw new IllegalStateException("listener broke on " + change.key());
                })
            .build();
    server.put("a", "1");
    server.put("b", "1");
    reflector.start();
    for (String name : List.of("ns/a", "ns/b")) {
      assertThatThrownBy(() -> scheduler.advance(Duration.ofSeconds(1)))
          .hasMessage("listener broke on " + name);
    }
    scheduler.advance(Duration.ofSeconds(1));
    assertThat(reflector.snapshot().size()).isEqualTo(2);
    assertThat(server.openWatches()).isEqualTo(1);
  }

  @Test
  void anEventThatIsNoJsonLeadsToANewList() {
    Fixture f = new Fixture().synced();
    f.server.sendRaw("{\"type\":\"ADDED\",\"obj".getBytes(StandardCharsets.UTF_8));
    f.settle();
    assertThat(f.reflector.health().lastError())
        .contains("the watch sent 20 bytes that are not JSON, at line 1");
    f.server.put("a", "1");
    f.scheduler.advance(Duration.ofSeconds(3));
    f.assertEqualToServer();
    assertThat(f.reflector.health().isHealthy()).isTrue();
  }

  private static ObjectNode object(String name, String uid, long version) {
    ObjectNode object = KubeJson.object();
    object
        .putObject("metadata")
        .put("name", name)
        .put("namespace", "ns")
        .put("uid", uid)
        .put("resourceVersion", Long.toString(version));
    return object;
  }
}

package sh.kaito.testkit.reflector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.Index;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ReflectorHealth;
import sh.kaito.core.internal.kube.ReflectorListener;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stored;
import sh.kaito.testkit.VirtualScheduler;

/** A model server, a reflector of it, and what its listener heard. */
final class Fixture {
  static final Index<String> BY_VALUE = Index.of("value", List::of);

  final VirtualScheduler scheduler;
  final ModelServer server;
  final List<String> heard = new ArrayList<>();
  final List<ReflectorHealth> healths = new ArrayList<>();
  final Reflector<String> reflector;

  /** What the changes add up to. */
  final Map<ObjectKey, Stored<String>> mirror = new TreeMap<>();

  Fixture() {
    this(VirtualScheduler.seeded(1), ListOptions.in("ns"));
  }

  Fixture(VirtualScheduler scheduler, ListOptions options) {
    this.scheduler = scheduler;
    this.server = new ModelServer(scheduler);
    this.reflector =
        Reflector.builder(server, scheduler, ResourceType.CONFIGMAPS, Fixture::decode)
            .select(options)
            .index(BY_VALUE)
            .listener(new Hearing())
            .build();
  }

  private static String decode(JsonNode object) {
    String value = object.path("data").path("v").asText();
    if (value.startsWith("broken")) {
      throw new IllegalStateException("value " + value + " cannot be understood");
    }
    return value;
  }

  /** Starts, and lets time run until the first list is in and the watch is open. */
  Fixture synced() {
    reflector.start();
    scheduler.advanceUntil("sync", () -> server.openWatches() == 1, Duration.ofMinutes(1));
    return this;
  }

  /** Lets the server's events arrive. */
  void settle() {
    scheduler.advance(Duration.ofMillis(100));
  }

  Map<String, String> cached() {
    Map<String, String> values = new TreeMap<>();
    reflector
        .snapshot()
        .entries()
        .forEach(stored -> values.put(stored.key().name(), stored.value()));
    return values;
  }

  void assertEqualToServer() {
    assertThat(cached()).as("cache, beside the server's state").isEqualTo(server.values());
    assertThat(reflector.snapshot().entries())
        .as("cache, beside the sum of its changes")
        .containsExactlyElementsOf(mirror.values());
  }

  private final class Hearing implements ReflectorListener<String> {
    @Override
    public void onChange(Change<String> change) {
      Stored<String> before = change.before();
      Stored<String> after = change.after();
      assertThat(mirror.get(change.key())).as("before, in %s", change).isEqualTo(before);
      assertThat(reflector.snapshot().entry(change.key()).orElse(null))
          .as("a change is told after the cache shows it: %s", change)
          .isEqualTo(after);
      if (before != null && after != null) {
        assertThat(after.uid()).as("one change is about one object").isEqualTo(before.uid());
      }
      if (before != null) {
        mirror.remove(change.key());
      }
      if (after != null) {
        mirror.put(change.key(), after);
      }
      heard.add(
          change.key().name()
              + ": "
              + (before == null ? "-" : before.value())
              + " > "
              + (after == null ? "-" : after.value()));
    }

    @Override
    public void onSynced() {
      heard.add("synced");
    }

    @Override
    public void onHealth(ReflectorHealth health) {
      healths.add(health);
    }
  }
}

package sh.kaito.testkit.reflector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sh.kaito.api.kube.PatchType;
import sh.kaito.core.internal.kube.DeleteOptions;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stored;
import sh.kaito.core.internal.kube.WriteOptions;
import sh.kaito.core.kube.CountingTransport;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.VirtualScheduler;

/** Client and reflector against the embedded API server: in process, and over HTTP. */
@Timeout(120)
class EmbeddedServerTest {
  private static final WriteOptions DEFAULTS = WriteOptions.defaults();

  private final VirtualScheduler scheduler = VirtualScheduler.seeded(1);
  private final KubeApiServer server = KubeApiServer.inProcess(scheduler);
  private final CountingTransport counting = CountingTransport.of(server.transport());
  private final KubeClient client = KubeClient.of(counting, "tester");

  private KubeResult now(CompletionStage<KubeResult> stage) {
    return scheduler.await(stage, Duration.ofSeconds(10));
  }

  private static ObjectNode configMap(String name, String value) {
    ObjectNode object = KubeJson.object(ResourceType.CONFIGMAPS, key(name));
    object.putObject("data").put("v", value);
    return object;
  }

  private static ObjectKey key(String name) {
    return ObjectKey.of("default", name);
  }

  private KubeResult create(String name, String value) {
    return now(client.create(ResourceType.CONFIGMAPS, "default", configMap(name, value), DEFAULTS));
  }

  @Test
  void theReflectorFollowsTheServer() {
    for (int i = 0; i < 7; i++) {
      assertThat(create("c" + i, "1").status()).isEqualTo(201);
    }
    Reflector<String> reflector =
        Reflector.builder(
                counting,
                scheduler,
                ResourceType.CONFIGMAPS,
                object -> object.path("data").path("v").asText())
            .select(ListOptions.in("default").limit(3))
            .build();
    reflector.start();
    scheduler.await(reflector.synced(), Duration.ofSeconds(10));
    assertThat(values(reflector)).startsWith("c0=1", "c1=1").hasSizeGreaterThanOrEqualTo(7);
    assertThat(counting.counts().count("list", "configmaps")).isGreaterThanOrEqualTo(3);

    KubeResult changed =
        now(
            client.patch(
                ResourceType.CONFIGMAPS,
                key("c0"),
                PatchType.MERGE,
                KubeJson.object().set("data", KubeJson.object().put("v", "2")),
                DEFAULTS));
    scheduler.advanceUntil(
        "the cache to include our own write",
        () -> reflector.snapshot().includes(changed.resourceVersion()),
        Duration.ofSeconds(10));
    assertThat(values(reflector)).contains("c0=2");
    assertThat(now(client.delete(ResourceType.CONFIGMAPS, key("c0"), DeleteOptions.defaults())))
        .matches(KubeResult::isSuccess);
    scheduler.advanceUntil(
        "the deletion", () -> !values(reflector).contains("c0=2"), Duration.ofSeconds(10));
    reflector.stop();
  }

  private static List<String> values(Reflector<String> reflector) {
    return reflector.snapshot().entries().stream()
        .map((Stored<String> stored) -> stored.key().name() + "=" + stored.value())
        .toList();
  }

  @Test
  void writesAnswerWithMetadataAloneAndFailuresAreValues() {
    KubeResult created = create("a", "1");
    assertThat(created.body().path("kind").asText()).isEqualTo("PartialObjectMetadata");
    assertThat(created.body().has("data")).isFalse();
    assertThat(created.uid()).isNotEmpty();

    assertThat(create("a", "1").isAlreadyExists()).isTrue();
    assertThat(now(client.get(ResourceType.CONFIGMAPS, key("none"))).isNotFound()).isTrue();

    ObjectNode stale = configMap("a", "2");
    ((ObjectNode) stale.get("metadata")).put("resourceVersion", "1");
    assertThat(now(client.update(ResourceType.CONFIGMAPS, key("a"), stale, DEFAULTS)).isConflict())
        .isTrue();

    ArrayNode patch = KubeJson.array();
    patch.addObject().put("op", "test").put("path", "/metadata/uid").put("value", "other");
    KubeResult untrue =
        now(client.patch(ResourceType.CONFIGMAPS, key("a"), PatchType.JSON, patch, DEFAULTS));
    assertThat(untrue.isInvalid()).as(untrue.toString()).isTrue();

    DeleteOptions other = DeleteOptions.defaults().uid("other");
    assertThat(now(client.delete(ResourceType.CONFIGMAPS, key("a"), other)).isConflict()).isTrue();
    DeleteOptions same = DeleteOptions.defaults().uid(created.uid());
    assertThat(now(client.delete(ResourceType.CONFIGMAPS, key("a"), same)).isSuccess()).isTrue();
  }

  @Test
  void applyOwnsFieldsAndTakesThemOverOnlyByForce() {
    KubeClient first = KubeClient.of(counting, "first");
    KubeClient second = KubeClient.of(counting, "second");
    ResourceType type = ResourceType.CONFIGMAPS;
    assertThat(now(first.apply(type, key("a"), configMap("a", "1"), DEFAULTS)).status())
        .isEqualTo(201);
    KubeResult refused = now(second.apply(type, key("a"), configMap("a", "2"), DEFAULTS));
    assertThat(refused.isConflict()).as(refused.toString()).isTrue();
    assertThat(refused.message()).contains("\"first\"");
    WriteOptions force = DEFAULTS.force().wantObject();
    KubeResult forced = now(second.apply(type, key("a"), configMap("a", "2"), force));
    assertThat(forced.body().path("data").path("v").asText()).isEqualTo("2");

    ObjectNode resurrected = configMap("gone", "1");
    ((ObjectNode) resurrected.get("metadata")).put("uid", "no-such-uid");
    assertThat(now(first.apply(type, key("gone"), resurrected, DEFAULTS)).isSuccess())
        .as("an apply with a uid must not create")
        .isFalse();
  }

  @Test
  void secretsCanBeWatchedWithoutBeingRead() {
    ObjectNode secret = KubeJson.object(ResourceType.SECRETS, key("s"));
    secret.putObject("stringData").put("token", "hunter2");
    now(client.create(ResourceType.SECRETS, "default", secret, DEFAULTS));
    List<String> seen = new ArrayList<>();
    Reflector<String> reflector =
        Reflector.builder(
                counting,
                scheduler,
                ResourceType.SECRETS,
                object -> {
                  seen.add(object.toString());
                  return "present";
                })
            .select(ListOptions.in("default").metadataOnly())
            .build();
    reflector.start();
    scheduler.await(reflector.synced(), Duration.ofSeconds(10));
    now(
        client.patch(
            ResourceType.SECRETS,
            key("s"),
            PatchType.MERGE,
            KubeJson.object().set("stringData", KubeJson.object().put("token", "hunter3")),
            DEFAULTS));
    scheduler.advanceUntil(() -> seen.size() >= 2, Duration.ofSeconds(10));
    assertThat(reflector.snapshot().get(key("s"))).contains("present");
    assertThat(seen)
        .as("list item and event")
        .noneMatch(text -> text.contains("\"data\"") || text.contains("hunter"));
    reflector.stop();
  }

  @Test
  void theSameOverHttpWithAKubeconfigAndRealThreads(@TempDir Path folder) throws Exception {
    int objects = 200;
    CountDownLatch heard = new CountDownLatch(objects);
    try (KubeApiServer listening = KubeApiServer.start();
        SystemScheduler threads = SystemScheduler.create("reflector-test", 2)) {
      Path config = Files.writeString(folder.resolve("config"), listening.kubeconfig());
      try (HttpKubeTransport transport = HttpKubeTransport.fromKubeconfig(config)) {
        Reflector<String> reflector =
            Reflector.builder(
                    transport,
                    threads,
                    ResourceType.CONFIGMAPS,
                    object -> object.path("data").path("v").asText())
                .select(ListOptions.in("default"))
                .onChange(
                    change -> {
                      if (change.key().name().startsWith("c")) {
                        heard.countDown();
                      }
                    })
                .build();
        reflector.start();
        KubeClient http = KubeClient.of(transport, "tester");
        List<CompletionStage<KubeResult>> writes = new ArrayList<>();
        for (int i = 0; i < objects; i++) {
          writes.add(
              http.create(ResourceType.CONFIGMAPS, "default", configMap("c" + i, "1"), DEFAULTS));
        }
        for (CompletionStage<KubeResult> write : writes) {
          assertThat(write.toCompletableFuture().get(60, TimeUnit.SECONDS).status()).isEqualTo(201);
        }
        assertThat(heard.await(60, TimeUnit.SECONDS)).as("all objects were heard of").isTrue();
        assertThat(reflector.snapshot().get(key("c199"))).contains("1");
        reflector.stop();
      }
    }
  }
}

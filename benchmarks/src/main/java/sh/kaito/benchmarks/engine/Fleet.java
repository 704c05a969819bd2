package sh.kaito.benchmarks.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.DeleteOptions;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stages;
import sh.kaito.core.internal.kube.Stored;
import sh.kaito.core.internal.kube.WriteOptions;

/** The Workspaces of one run: applies them, sees when each is ready, deletes them. */
final class Fleet implements AutoCloseable {
  /** Requests of the one who applies that are under way at once. */
  private static final int CONNECTIONS = 16;

  private static final ResourceType TYPE = ResourceType.WORKSPACES_V1BETA1;

  private final Options options;
  private final String namespace;
  private final int count;
  private final KubeClient client;
  private final Reflector<Boolean> seen;
  private final Map<ObjectKey, Long> readyAt = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> allReady = new CompletableFuture<>();
  private final CompletableFuture<Void> allGone = new CompletableFuture<>();
  private final AtomicInteger left = new AtomicInteger();
  private long begun;
  private long applied;

  private Fleet(Options options, Cluster cluster, String namespace, int count) {
    this.options = options;
    this.namespace = namespace;
    this.count = count;
    this.client = KubeClient.of(cluster.transport(), "benchmark");
    this.seen =
        Reflector.builder(cluster.transport(), cluster.scheduler(), TYPE, Fleet::isReady)
            .select(ListOptions.in(namespace))
            .onChange(this::changed)
            .build();
  }

  /** In a namespace of their own, which is made. */
  static Fleet in(Cluster cluster, Options options, String namespace, int count) {
    Fleet fleet = new Fleet(options, cluster, namespace, count);
    ObjectNode object =
        KubeJson.object(ResourceType.NAMESPACES, ObjectKey.clusterScoped(namespace));
    fleet.await(
        fleet
            .client
            .create(ResourceType.NAMESPACES, "", object, WriteOptions.defaults())
            .thenAccept(result -> expectSuccess("namespace " + namespace, result)),
        "the namespace");
    fleet.seen.start();
    fleet.await(fleet.seen.synced(), "the first list of Workspaces");
    return fleet;
  }

  private static boolean isReady(JsonNode workspace) {
    for (JsonNode condition : workspace.path("status").path("conditions")) {
      if (condition.path("type").asText().equals("WorkspaceSucceeded")) {
        return condition.path("status").asText().equals("True");
      }
    }
    return false;
  }

  private void changed(Change<Boolean> change) {
    Stored<Boolean> after = change.after();
    if (after == null) {
      if (left.decrementAndGet() == 0) {
        allGone.complete(null);
      }
    } else if (after.value() && readyAt.putIfAbsent(change.key(), System.nanoTime()) == null) {
      if (readyAt.size() == count) {
        allReady.complete(null);
      }
    }
  }

  /** Applies all of them and waits until the last one is ready. */
  void bringUp() {
    left.set(count);
    begun = System.nanoTime();
    await(each(this::create), "the creation of " + count + " Workspaces");
    applied = System.nanoTime();
    await(allReady, "ready Workspaces, " + count + " of them");
  }

  private CompletionStage<Void> create(int number) {
    ObjectNode workspace = KubeJson.object(TYPE, ObjectKey.of(namespace, name(number)));
    ObjectNode resource = workspace.putObject("resource");
    resource.put("count", 1);
    resource.put("instanceType", options.instanceType);
    resource.putObject("labelSelector").putObject("matchLabels").put("apps", name(number));
    workspace.putObject("inference").putObject("preset").put("name", options.preset);
    return client
        .create(TYPE, namespace, workspace, WriteOptions.defaults())
        .thenAccept(result -> expectSuccess("Workspace " + name(number), result));
  }

  private static String name(int number) {
    return "w-%05d".formatted(number);
  }

  private static void expectSuccess(String what, KubeResult result) {
    if (!result.isSuccess()) {
      throw new IllegalStateException(what + " was answered " + result);
    }
  }

  /** Deletes all of them and waits until the last one is gone. */
  void remove() {
    await(
        each(
            number ->
                client
                    .delete(TYPE, ObjectKey.of(namespace, name(number)), DeleteOptions.defaults())
                    .thenAccept(result -> expectSuccess("deletion of " + name(number), result))),
        "the deletion of " + count + " Workspaces");
    await(allGone, "the end of " + count + " Workspaces");
  }

  /** Removes the namespace; what is left in it goes with it. */
  void removeNamespace() {
    await(
        client.delete(
            ResourceType.NAMESPACES, ObjectKey.clusterScoped(namespace), DeleteOptions.defaults()),
        "the deletion of the namespace");
  }

  /** A bounded number at once, each the next when one has ended. */
  private CompletionStage<Void> each(IntFunction<CompletionStage<Void>> action) {
    AtomicInteger next = new AtomicInteger();
    CompletableFuture<?>[] chains = new CompletableFuture<?>[CONNECTIONS];
    for (int i = 0; i < CONNECTIONS; i++) {
      chains[i] = chain(action, next).toCompletableFuture();
    }
    return CompletableFuture.allOf(chains);
  }

  private CompletionStage<Void> chain(
      IntFunction<CompletionStage<Void>> action, AtomicInteger next) {
    int number = next.getAndIncrement();
    return number >= count
        ? CompletableFuture.completedFuture(null)
        : action.apply(number).thenComposeAsync(done -> chain(action, next));
  }

  private <T> void await(CompletionStage<T> stage, String what) {
    try {
      stage.toCompletableFuture().get(options.limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          what
              + ": not within "
              + options.limit.toSeconds()
              + " s; "
              + readyAt.size()
              + " of "
              + count
              + " are ready",
          e);
    } catch (ExecutionException e) {
      Throwable cause = Stages.cause(e.getCause() == null ? e : e.getCause());
      throw new IllegalStateException(what + ": " + cause.getMessage(), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(what + " was interrupted", e);
    }
  }

  /** How long it took to apply all of them. */
  Duration applyTime() {
    return Duration.ofNanos(applied - begun);
  }

  /**
   * From the first apply until a part of them was ready.
   *
   * @param share 0 for the first of them, 0.5 for the median, 1 for the last
   */
  Duration readyTime(double share) {
    long[] times = readyAt.values().stream().mapToLong(Long::longValue).sorted().toArray();
    return Duration.ofNanos(times[(int) Math.round(share * (times.length - 1))] - begun);
  }

  @Override
  public void close() {
    seen.stop();
  }

  @Override
  public String toString() {
    return Arrays.asList(namespace, count).toString();
  }
}

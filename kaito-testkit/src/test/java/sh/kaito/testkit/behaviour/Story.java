package sh.kaito.testkit.behaviour;

import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.kube.CountingTransport;
import sh.kaito.core.kube.RequestCounts;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.ClusterFeature;
import sh.kaito.testkit.KubeCluster;
import sh.kaito.testkit.Tables;
import sh.kaito.testkit.VirtualScheduler;

/**
 * A cluster, a controller and a client: what every behaviour test begins with. On virtual time, or
 * on the real cluster that KAITO_TEST_KUBECONFIG names.
 */
public final class Story implements AutoCloseable {
  /** What the controller calls itself, so that faults can be made for it alone. */
  public static final String CONTROLLER = "kaito-java-of-the-story";

  public static final Duration LIMIT = Duration.ofHours(1);

  public final StoryTime time;
  public final KubeCluster cluster;
  public final WorkspaceClient kaito;
  private @Nullable CountingTransport counted;
  private @Nullable KaitoController controller;

  private Story(UnaryOperator<KubeCluster.Builder> settings) {
    this.cluster =
        settings
            .apply(
                KubeCluster.builder()
                    .virtualTime(
                        VirtualScheduler.builder()
                            .seed(42)
                            .startingAt(Instant.parse("2026-11-22T12:00:00Z"))
                            .build()))
            .start();
    this.time = new StoryTime(cluster);
    this.kaito = cluster.client();
  }

  public static Story begin() {
    return begin(settings -> settings);
  }

  public static Story begin(UnaryOperator<KubeCluster.Builder> settings) {
    Story story = without(settings);
    try {
      story.startController();
      return story;
    } catch (RuntimeException | Error e) {
      story.close();
      throw e;
    }
  }

  /** Without controller. */
  public static Story without(UnaryOperator<KubeCluster.Builder> settings) {
    return new Story(settings);
  }

  /** The cause of what a call throws; a stage's own failure comes wrapped. */
  public static Throwable causeOf(ThrowingCallable call) {
    Throwable thrown = catchThrowable(call);
    Throwable cause = thrown == null ? null : thrown.getCause();
    if (cause == null) {
      throw new AssertionError("expected a failure with a cause, found " + thrown);
    }
    return cause;
  }

  /** Starts a controller, as a new process would. */
  public void startController() {
    startController(Planner.builder().build());
  }

  /** Starts a controller that plans in another way, as another release of the library would. */
  public void startController(Planner planner) {
    KaitoController started = launch(planner);
    time.advanceUntil("caches are synced", started::isReady, LIMIT);
  }

  /** Starts a controller that may never have its caches. */
  public void startControllerWithoutWaiting() {
    launch(Planner.builder().build());
  }

  private KaitoController launch(Planner planner) {
    CountingTransport transport = CountingTransport.of(cluster.connect(CONTROLLER));
    counted = transport;
    KaitoController started =
        own(KaitoController.builder(transport))
            .provisioner(ClaimProvisioner.gpuProvisioner())
            .planner(planner)
            .build()
            .start();
    controller = started;
    return started;
  }

  /** Whether the present controller has its caches. */
  public boolean isControllerReady() {
    KaitoController now = controller;
    return now != null && now.isReady();
  }

  /**
   * The time of the story; and on a real cluster the namespace of the story alone, because others
   * may use it.
   */
  public KaitoController.Builder own(KaitoController.Builder builder) {
    builder.scheduler(cluster.scheduler());
    return cluster.isReal() ? builder.namespaces(List.of(cluster.namespace())) : builder;
  }

  /**
   * How long something takes: so much where time is virtual, a three hundredth of it on a real
   * cluster.
   */
  public static Duration shortened(Duration virtual) {
    return System.getenv().getOrDefault(KubeCluster.KUBECONFIG_VARIABLE, "").isEmpty()
        ? virtual
        : virtual.dividedBy(300);
  }

  /**
   * Passes the time within which a person would expect something: so much where it is virtual; on a
   * real cluster it is looked for until it is there.
   */
  public void until(String what, Duration virtual, BooleanSupplier check) {
    if (cluster.has(ClusterFeature.VIRTUAL_TIME)) {
      time.advance(virtual);
    } else {
      Instant limit = time.now().plus(cluster.limit());
      while (!check.getAsBoolean() && time.now().isBefore(limit)) {
        settle();
      }
    }
    if (!check.getAsBoolean()) {
      throw new AssertionError("Waited for " + what + ", and it did not come about");
    }
  }

  /** Ends the controller, as a crash would: nothing is cleaned up. */
  public void stopController() {
    if (controller != null) {
      controller.close();
      controller = null;
    }
  }

  /** Requests of the present controller since it started. */
  public RequestCounts requests() {
    if (counted == null) {
      throw new IllegalStateException("no controller was started");
    }
    return counted.counts();
  }

  /** The same Workspace in the namespace of the story. */
  public Workspace own(Workspace workspace) {
    return cluster.inNamespace(workspace);
  }

  /** A name in the namespace of the story. */
  public WorkspaceKey key(String name) {
    return new WorkspaceKey(cluster.namespace(), name);
  }

  /** Applies a Workspace in the namespace of the story. */
  public WorkspaceKey apply(Workspace workspace) {
    return await(kaito.applyAsync(own(workspace))).key();
  }

  /** Passes time until the stage is complete. */
  public <T extends @Nullable Object> T await(CompletionStage<T> stage) {
    return cluster.await(stage);
  }

  /**
   * Passes time in which nothing more is to happen: so much where it is virtual; a real cluster
   * settles.
   */
  public void pass(Duration virtual) {
    if (cluster.has(ClusterFeature.VIRTUAL_TIME)) {
      time.advance(virtual);
    } else {
      settle();
    }
  }

  /** Passes some time in which nothing more is to happen. */
  public void settle() {
    cluster.settle();
  }

  /** Passes time until the Workspace serves. */
  public void awaitReady(WorkspaceKey key) {
    await(kaito.awaitReadyAsync(key, cluster.limit(), progress -> {}));
  }

  /** Asks for the deletion and passes time until the Workspace is gone. */
  public void delete(WorkspaceKey key) {
    await(kaito.deleteAsync(key));
    await(kaito.awaitDeletedAsync(key, cluster.limit(), progress -> {}));
  }

  /** Sends a request; a path into namespace {@code default} leads to that of the story. */
  public KubeResponse send(KubeRequest request) {
    String path = own(request.path());
    KubeRequest.Builder builder = KubeRequest.of(request.method(), path);
    request.query().forEach((name, values) -> values.forEach(v -> builder.query(name, v)));
    request.headers().forEach(builder::header);
    if (request.body().length > 0) {
      builder.body(request.header("Content-Type").orElse("application/json"), request.body());
    }
    return await(cluster.transport().exchange(builder.build()));
  }

  private String own(String path) {
    return path.replace("/namespaces/default/", "/namespaces/" + cluster.namespace() + "/");
  }

  /** The status block of a Workspace, as JSON. */
  public String status(WorkspaceKey key) {
    return send(KubeRequest.get(
                "/apis/kaito.sh/v1beta1/namespaces/"
                    + key.namespace()
                    + "/workspaces/"
                    + key.name())
            .build())
        .bodyText();
  }

  /**
   * What {@code kubectl get} prints of a list; a path into namespace {@code default} leads to that
   * of the story.
   */
  public String table(String path) {
    return await(Tables.get(cluster.transport(), own(path)));
  }

  @Override
  public void close() {
    stopController();
    cluster.close();
  }
}

package sh.kaito.testkit.behaviour;

import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.core.client.WorkspaceClient;
import sh.kaito.core.engine.KaitoController;
import sh.kaito.core.kube.CountingTransport;
import sh.kaito.core.kube.RequestCounts;
import sh.kaito.core.plan.Planner;
import sh.kaito.core.provision.ClaimProvisioner;
import sh.kaito.testkit.SimulatedCluster;
import sh.kaito.testkit.Tables;
import sh.kaito.testkit.VirtualScheduler;

/** A cluster, a controller and a client on virtual time: what every behaviour test begins with. */
public final class Story implements AutoCloseable {
  public static final Duration LIMIT = Duration.ofHours(1);

  public final VirtualScheduler time;
  public final SimulatedCluster cluster;
  public final WorkspaceClient kaito;
  private @Nullable CountingTransport counted;
  private @Nullable KaitoController controller;

  private Story(VirtualScheduler time, UnaryOperator<SimulatedCluster.Builder> settings) {
    this.time = time;
    this.cluster = settings.apply(SimulatedCluster.builder().onVirtualTime(time)).start();
    this.kaito = WorkspaceClient.create(cluster.transport(), time);
  }

  public static Story begin() {
    return begin(settings -> settings);
  }

  public static Story begin(UnaryOperator<SimulatedCluster.Builder> settings) {
    Story story = without(settings);
    story.startController();
    return story;
  }

  /** Without controller. */
  public static Story without(UnaryOperator<SimulatedCluster.Builder> settings) {
    return new Story(
        VirtualScheduler.builder()
            .seed(42)
            .startingAt(Instant.parse("2026-11-22T12:00:00Z"))
            .build(),
        settings);
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
    CountingTransport transport = CountingTransport.of(cluster.transport());
    counted = transport;
    controller =
        KaitoController.builder(transport)
            .provisioner(ClaimProvisioner.gpuProvisioner())
            .scheduler(time)
            .planner(planner)
            .build()
            .start();
    time.advanceUntil("caches are synced", controller::isReady, LIMIT);
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

  /** Applies a Workspace. */
  public WorkspaceKey apply(Workspace workspace) {
    return time.await(kaito.applyAsync(workspace), LIMIT).key();
  }

  /** Passes time until the Workspace serves. */
  public void awaitReady(WorkspaceKey key) {
    time.await(kaito.awaitReadyAsync(key, LIMIT, progress -> {}), LIMIT);
  }

  /** Asks for the deletion and passes time until the Workspace is gone. */
  public void delete(WorkspaceKey key) {
    time.await(kaito.deleteAsync(key), LIMIT);
    time.await(kaito.awaitDeletedAsync(key, LIMIT, progress -> {}), LIMIT);
  }

  /** The status block of a Workspace, as JSON. */
  public String status(WorkspaceKey key) {
    return time.await(
            cluster
                .transport()
                .exchange(
                    KubeRequest.get(
                            "/apis/kaito.sh/v1beta1/namespaces/"
                                + key.namespace()
                                + "/workspaces/"
                                + key.name())
                        .build()),
            LIMIT)
        .bodyText();
  }

  /** What {@code kubectl get} prints of a list. */
  public String table(String path) {
    return time.await(Tables.get(cluster.transport(), path), LIMIT);
  }

  @Override
  public void close() {
    stopController();
    kaito.close();
    cluster.close();
  }
}

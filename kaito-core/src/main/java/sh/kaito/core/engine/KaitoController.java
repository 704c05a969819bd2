package sh.kaito.core.engine;

import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.core.plan.Planner;

/**
 * A process that is the operator: a {@link WorkspaceEngine}, and the queue that drives it. {@link
 * #close()} ends it without touching what runs in the cluster: nodes and models stay.
 *
 * <p>Thread-safe. Owns the engine and with it the provisioner; the transport stays the caller's.
 */
public final class KaitoController implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KaitoController.class);

  private final WorkspaceEngine engine;
  private final WorkQueue queue;
  private final CountDownLatch closed = new CountDownLatch(1);

  private KaitoController(Builder builder) {
    // The engine wakes keys from its first watch event on; the queue exists before it starts.
    WorkspaceEngine.Builder parts = builder.engine;
    this.engine = parts.onWake(this::wake).build();
    this.queue = new WorkQueue(engine.scheduler(), builder.workers, engine::reconcile);
  }

  /** Starts to describe a controller. */
  public static Builder builder(KubeTransport transport) {
    return new Builder(WorkspaceEngine.builder(transport));
  }

  private void wake(sh.kaito.api.model.WorkspaceKey key) {
    queue.add(key);
  }

  /** Starts; returns at once. */
  public KaitoController start() {
    engine.startNow();
    LOG.info("Kaito controller started with provisioner {}", engine.provisionerName());
    return this;
  }

  /** Starts, and returns when the controller is closed or the thread is interrupted. */
  public void run() {
    start();
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
    }
  }

  /** Whether all caches are complete, so that Workspaces are worked on. */
  public boolean isReady() {
    return engine.isSynced();
  }

  /** Stops. Idempotent; nothing in the cluster is changed. */
  @Override
  public void close() {
    queue.close();
    engine.close();
    closed.countDown();
  }

  /** Describes a {@link KaitoController}. Not thread-safe. */
  public static final class Builder {
    private final WorkspaceEngine.Builder engine;
    private int workers = 16;

    private Builder(WorkspaceEngine.Builder engine) {
      this.engine = engine;
    }

    /** Who gets the GPU nodes; required. Closed with the controller. */
    public Builder provisioner(NodeProvisioner provisioner) {
      engine.provisioner(provisioner);
      return this;
    }

    /** Time and threads; by default the wall clock and a small pool of its own. */
    public Builder scheduler(Scheduler scheduler) {
      engine.scheduler(scheduler);
      return this;
    }

    /** See {@link WorkspaceEngine.Builder#planner}. */
    public Builder planner(Planner planner) {
      engine.planner(planner);
      return this;
    }

    /** See {@link WorkspaceEngine.Builder#installation}. */
    public Builder installation(String installation) {
      engine.installation(installation);
      return this;
    }

    /**
     * How many Workspaces may have requests under way at once; default 16. No thread waits for
     * them.
     */
    public Builder workers(int workers) {
      if (workers < 1) {
        throw new IllegalArgumentException("workers: found " + workers + ", allowed is 1 or more");
      }
      this.workers = workers;
      return this;
    }

    /** Builds the controller; nothing is sent before {@link KaitoController#start()}. */
    public KaitoController build() {
      return new KaitoController(this);
    }
  }
}

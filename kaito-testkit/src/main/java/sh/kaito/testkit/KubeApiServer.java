package sh.kaito.testkit;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.testkit.internal.apiserver.ApiServer;
import sh.kaito.testkit.internal.apiserver.InProcessTransport;
import sh.kaito.testkit.internal.apiserver.RequestFilter;
import sh.kaito.testkit.internal.apiserver.http.HttpFrontEnd;

/**
 * A Kubernetes API server inside the JVM: storage, custom resources, watches, server-side apply and
 * the service proxy, without nodes and without workload controllers (the simulators of this package
 * play those). It answers as kube-apiserver 1.35 does, to any client, {@code kubectl} included.
 *
 * <p>Over HTTP, on the wall clock:
 *
 * <pre>{@code
 * try (KubeApiServer server = KubeApiServer.start()) {
 *   Files.writeString(Path.of("target/kubeconfig"), server.kubeconfig());
 *   // KUBECONFIG=target/kubeconfig kubectl get namespaces
 * }
 * }</pre>
 *
 * <p>In process, on virtual time, without sockets and threads:
 *
 * <pre>{@code
 * VirtualScheduler time = VirtualScheduler.seeded(1);
 * try (KubeApiServer server = KubeApiServer.inProcess(time)) {
 *   KubeResponse answer =
 *       time.await(server.transport().exchange(KubeRequest.get("/api/v1/nodes").build()), ofSeconds(1));
 * }
 * }</pre>
 *
 * <p>Nobody is authenticated: every caller may do everything. The server listens on 127.0.0.1 only.
 *
 * <p>Thread-safe. What it holds is lost when it is closed.
 */
public final class KubeApiServer implements AutoCloseable {
  private final ApiServer server;
  private final InProcessTransport transport;
  private final PodNetwork podNetwork;
  private final @Nullable HttpFrontEnd http;
  private final @Nullable SystemScheduler ownScheduler;

  private KubeApiServer(Builder builder) {
    this.podNetwork = builder.podNetwork;
    Scheduler scheduler = builder.scheduler;
    if (scheduler == null) {
      this.ownScheduler = SystemScheduler.create("kube-apiserver", 2);
      scheduler = ownScheduler;
    } else {
      this.ownScheduler = null;
    }
    this.server = new ApiServer(scheduler, podNetwork, builder.historyLimit, RequestFilter.NONE);
    this.transport = new InProcessTransport(server, scheduler);
    if (builder.listens) {
      this.http = HttpFrontEnd.start(builder.port, server);
      server.address("127.0.0.1:" + http.port());
    } else {
      this.http = null;
    }
  }

  /** Starts a server on the wall clock that listens on a free port of 127.0.0.1. */
  public static KubeApiServer start() {
    return builder().build();
  }

  /**
   * Starts a server without sockets, whose every request is a task of the given scheduler.
   *
   * @param scheduler often a {@link VirtualScheduler}; it stays the caller's
   */
  public static KubeApiServer inProcess(Scheduler scheduler) {
    return builder().inProcess(scheduler).build();
  }

  /** A server to be configured. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A transport that calls the server's handlers without a socket. One instance; closed with the
   * server. Closing it earlier ends its watches and refuses further requests.
   */
  public KubeTransport transport() {
    return transport;
  }

  /**
   * Where clients reach the server, {@code http://127.0.0.1:PORT}.
   *
   * @throws IllegalStateException when the server does not listen
   */
  public URI url() {
    if (http == null) {
      throw new IllegalStateException(
          "this server was made with inProcess(...) and listens on no port: use transport()");
    }
    return URI.create("http://127.0.0.1:" + http.port());
  }

  /**
   * The text of a kubeconfig file whose current context is this server.
   *
   * @throws IllegalStateException when the server does not listen
   */
  public String kubeconfig() {
    return """
        apiVersion: v1
        kind: Config
        clusters:
          - name: kaito-testkit
            cluster:
              server: %s
        users:
          - name: admin
            user: {}
        contexts:
          - name: kaito-testkit
            context:
              cluster: kaito-testkit
              user: admin
              namespace: default
        current-context: kaito-testkit
        """
        .formatted(url());
  }

  /** Where simulated pods say what listens at their addresses. */
  public PodNetwork podNetwork() {
    return podNetwork;
  }

  /**
   * Forgets the history of all changes, as a compaction of etcd does: watches that ask for what was
   * before get 410.
   */
  public void compact() {
    server.store().compact();
  }

  /** Ends watches, connections and threads. Idempotent. */
  @Override
  public void close() {
    transport.close();
    if (http != null) {
      http.close();
    }
    server.close();
    if (ownScheduler != null) {
      ownScheduler.close();
    }
  }

  /** Builds a {@link KubeApiServer}. Not thread-safe. */
  public static final class Builder {
    private @Nullable Scheduler scheduler;
    private PodNetwork podNetwork = new PodNetwork();
    private boolean listens = true;
    private int port;
    private int historyLimit = 10_000;

    private Builder() {}

    /** Runs on a scheduler of the caller and listens on no port. */
    public Builder inProcess(Scheduler value) {
      this.scheduler = value;
      this.listens = false;
      return this;
    }

    /**
     * The port on 127.0.0.1.
     *
     * @param value 0, the default, takes a free one
     */
    public Builder port(int value) {
      if (value < 0 || value > 65535) {
        throw new IllegalArgumentException("a TCP port is 0 (a free one) to 65535, found " + value);
      }
      this.port = value;
      return this;
    }

    /** The pod network that the proxy looks simulated pods up in; a new one by default. */
    public Builder podNetwork(PodNetwork value) {
      this.podNetwork = value;
      return this;
    }

    /**
     * How many changes of each resource are kept at least for watches that resume and for lists of
     * the past; 10,000 by default.
     */
    public Builder historyLimit(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("at least one change must be kept, found " + value);
      }
      this.historyLimit = value;
      return this;
    }

    /**
     * Starts the server.
     *
     * @throws java.io.UncheckedIOException when the port is taken
     */
    public KubeApiServer build() {
      return new KubeApiServer(this);
    }
  }
}

package sh.kaito.testkit;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.testkit.internal.apiserver.ApiServer;
import sh.kaito.testkit.internal.apiserver.Caller;
import sh.kaito.testkit.internal.apiserver.InProcessTransport;
import sh.kaito.testkit.internal.apiserver.auth.Users;
import sh.kaito.testkit.internal.apiserver.http.HttpFrontEnd;
import sh.kaito.testkit.internal.apiserver.tls.Kubeconfigs;
import sh.kaito.testkit.internal.apiserver.tls.ServerCertificates;

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
 * <p>Every caller may do everything, and who shows no credentials is the administrator, unless the
 * server {@linkplain Builder#rbac(boolean) enforces RBAC}. Under exact rights:
 *
 * <pre>{@code
 * try (KubeApiServer server =
 *     KubeApiServer.builder().tls(true).rbac(true).user("limited", "s3cret", "viewers").build()) {
 *   Files.writeString(Path.of("target/kubeconfig"), server.kubeconfig("limited"));
 *   KubeTransport engine = server.transport("system:serviceaccount:kaito-system:kaito");
 * }
 * }</pre>
 *
 * <p>The server listens on 127.0.0.1 only.
 *
 * <p>Thread-safe. What it holds is lost when it is closed.
 */
public final class KubeApiServer implements AutoCloseable {
  private final ApiServer server;
  private final Scheduler scheduler;
  private final Users users;
  private final InProcessTransport transport;
  private final Set<InProcessTransport> transports = ConcurrentHashMap.newKeySet();
  private final Faults faults;
  private final PodNetwork podNetwork;
  private final @Nullable HttpFrontEnd http;
  private final @Nullable SystemScheduler ownScheduler;
  private final @Nullable ServerCertificates certificates;
  private final boolean clientCertificates;

  private KubeApiServer(Builder builder) {
    this.podNetwork = builder.podNetwork;
    if (builder.scheduler == null) {
      this.ownScheduler = SystemScheduler.create("kube-apiserver", 2);
      this.scheduler = ownScheduler;
    } else {
      this.ownScheduler = null;
      this.scheduler = builder.scheduler;
    }
    this.users = builder.users();
    this.clientCertificates = builder.clientCertificates;
    this.server = new ApiServer(scheduler, podNetwork, builder.historyLimit, users, builder.rbac);
    this.transport = new InProcessTransport(server, scheduler, users.admin(), "");
    this.faults = new Faults(server.faults());
    if (builder.listens) {
      this.certificates = builder.tls ? ServerCertificates.create(scheduler.clock()) : null;
      this.http = HttpFrontEnd.start(builder.port, server, certificates);
      server.address("127.0.0.1:" + http.port());
    } else {
      this.certificates = null;
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
   * The administrator's transport: calls the server's handlers without a socket. One instance;
   * closed with the server. Closing it earlier ends its watches and refuses further requests.
   */
  public KubeTransport transport() {
    return transport;
  }

  /**
   * A transport of another user, each time a new one; closed with the server if not earlier. A
   * request that carries a bearer token of its own is that token's user's.
   *
   * @param user a user of the {@linkplain Builder#user builder}, {@code admin}, {@code
   *     system:anonymous}, or a service account, {@code system:serviceaccount:NAMESPACE:NAME},
   *     which need not exist yet
   * @throws IllegalArgumentException when there is no such user
   */
  public KubeTransport transport(String user) {
    return connect("", user);
  }

  private Caller caller(String user) {
    Caller known = users.named(user);
    if (known != null) {
      return known;
    }
    if (user.equals(Caller.ANONYMOUS.name())) {
      return Caller.ANONYMOUS;
    }
    String[] account = Caller.splitServiceAccount(user);
    if (account != null) {
      return Caller.serviceAccount(account[0], account[1], "", Map.of());
    }
    throw noSuchUser(user);
  }

  private IllegalArgumentException noSuchUser(String user) {
    return new IllegalArgumentException(
        "the API server has no user \""
            + user
            + "\"; it has "
            + String.join(", ", users.names())
            + ": name others with KubeApiServer.builder().user(name, token, groups...)");
  }

  /**
   * The administrator's connection for one client, so that {@linkplain Faults faults} and counts
   * can tell it from others. Closing it is what the server sees of a process that dies: its watches
   * end, what it has sent takes effect. Otherwise closed with the server.
   *
   * @param userAgent header {@code User-Agent} of its requests that have none, such as {@code
   *     leader-a}
   */
  public KubeTransport connect(String userAgent) {
    return connect(userAgent, Users.ADMIN);
  }

  /** As {@link #connect(String)}, with the rights of a user; see {@link #transport(String)}. */
  public KubeTransport connect(String userAgent, String user) {
    InProcessTransport made = new InProcessTransport(server, scheduler, caller(user), userAgent);
    transports.add(made);
    return made;
  }

  /** Faults on purpose; the same over HTTP and in process. */
  public Faults faults() {
    return faults;
  }

  /**
   * Where clients reach the server, {@code http://127.0.0.1:PORT}, or {@code https:} with {@link
   * Builder#tls TLS}.
   *
   * @throws IllegalStateException when the server does not listen
   */
  public URI url() {
    if (http == null) {
      throw new IllegalStateException(
          "this server was made with inProcess(...) and listens on no port: use transport()");
    }
    return URI.create((certificates == null ? "http" : "https") + "://127.0.0.1:" + http.port());
  }

  /**
   * The text of a kubeconfig file whose current context is this server with its administrator. It
   * holds that user's token: a secret.
   *
   * @throws IllegalStateException when the server does not listen
   */
  public String kubeconfig() {
    return kubeconfig(Users.ADMIN);
  }

  /**
   * The text of a kubeconfig file whose current context is this server with a user of the
   * {@linkplain Builder#user builder}. {@code kubectl} sends a token over TLS only: over plain HTTP
   * it is nobody.
   *
   * @throws IllegalStateException when the server does not listen
   * @throws IllegalArgumentException when there is no such user
   */
  public String kubeconfig(String user) {
    String token = users.tokenOf(user);
    if (token == null) {
      throw noSuchUser(user);
    }
    return Kubeconfigs.of(
        url(),
        certificates,
        user,
        certificates != null && clientCertificates
            ? Kubeconfigs.certificate(certificates.client(caller(user)))
            : Kubeconfigs.token(token));
  }

  /**
   * The certificate of the authority that signed the server's, PEM; it is in the {@link
   * #kubeconfig} too.
   *
   * @throws IllegalStateException when the server does not speak TLS
   */
  public String certificateAuthority() {
    if (certificates == null) {
      throw new IllegalStateException(
          "this server does not speak TLS: start it with KubeApiServer.builder().tls(true)");
    }
    return certificates.authorityPem();
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
    transports.forEach(InProcessTransport::close);
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
    private boolean tls;
    private boolean clientCertificates;
    private boolean rbac;
    private final List<Consumer<Users>> additions = new ArrayList<>();

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

    /**
     * Whether the server speaks HTTPS, with a certificate for 127.0.0.1 and localhost of an
     * authority that is made at start and forgotten at the end; false by default. Made in
     * milliseconds, valid for a year.
     */
    public Builder tls(boolean value) {
      this.tls = value;
      return this;
    }

    /**
     * Whether {@link KubeApiServer#kubeconfig(String)} authenticates by a client certificate of the
     * server's authority (user as common name, groups as organisations) rather than by token; false
     * by default. Needs {@link #tls TLS}. Tokens go on to work.
     */
    public Builder clientCertificates(boolean value) {
      this.clientCertificates = value;
      return this;
    }

    /**
     * Whether the server enforces RBAC; false, every caller may do everything, by default. With it
     * there are the default cluster roles ({@code cluster-admin}, {@code admin}, {@code edit},
     * {@code view}, {@code system:discovery} and more) and their bindings, who shows no credentials
     * is {@code system:anonymous}, and who grants rights must have them, as on a real server.
     */
    public Builder rbac(boolean value) {
      this.rbac = value;
      return this;
    }

    /**
     * Adds a user who authenticates with a bearer token. {@code admin} of group {@code
     * system:masters} is always there, with a random token; naming it here gives it another. A
     * token that is nobody's is answered with 401 on every server.
     *
     * @param name user name, as RBAC subjects name it
     * @param token the bearer token, without blanks
     * @param groups groups besides {@code system:authenticated}
     * @throws IllegalArgumentException when name or token is empty or holds blanks where it may not
     */
    public Builder user(String name, String token, String... groups) {
      if (name.isEmpty()) {
        throw new IllegalArgumentException("a user needs a name");
      }
      if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new IllegalArgumentException(
            "the token of user "
                + name
                + " is sent in an HTTP header: it needs at least one character, and visible ASCII"
                + " characters only");
      }
      List<String> memberOf = List.of(groups);
      additions.add(users -> users.add(name, token, memberOf));
      return this;
    }

    private Users users() {
      Users users = new Users();
      additions.forEach(addition -> addition.accept(users));
      return users;
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
     * @throws IllegalArgumentException when two users have the same token, or client certificates
     *     are asked for without TLS
     * @throws java.io.UncheckedIOException when the port is taken
     */
    public KubeApiServer build() {
      if (clientCertificates && !tls) {
        throw new IllegalArgumentException(
            "client certificates are shown in the TLS handshake: add tls(true)");
      }
      return new KubeApiServer(this);
    }
  }
}

package sh.kaito.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.internal.registry.AdapterImage;
import sh.kaito.testkit.internal.registry.ImageContent;
import sh.kaito.testkit.internal.registry.ImageReference;
import sh.kaito.testkit.internal.registry.RegistryApi;
import sh.kaito.testkit.internal.registry.RegistryClient;
import sh.kaito.testkit.internal.registry.RegistryConnection;
import sh.kaito.testkit.internal.sim.model.StubHttpServer;

/**
 * A simulated image registry: the protocol is real (OCI distribution spec 1.1), the images are kept
 * in memory and gone with it. Tell the simulated cluster which registry it plays, and what trainers
 * push is what adapters are pulled from:
 *
 * <pre>{@code
 * try (StubRegistry registry = StubRegistry.builder().user("ci", "s3cret").build();
 *     KubeCluster cluster =
 *         KubeCluster.builder()
 *             .workloads(pods -> pods.registry("registry.example.com", registry))
 *             .start()) {
 *   ...
 *   registry.tags("tuned-phi-3"); // [0.0.1]
 * }
 * }</pre>
 *
 * <p><b>Played:</b> blobs in one request, in two and in chunks, mounts from other repositories,
 * digests that are verified, manifests by tag and digest, tag lists with pages, referrers, errors
 * in the spec's form, HTTP Basic and tokens. <b>Not played:</b> deletion, ranges of blobs, TLS.
 *
 * <p>It is called in process ({@link #handle}), which works on virtual time, and from {@link
 * #listen()} on it also listens on 127.0.0.1, for oras, skopeo, docker and any other client.
 *
 * <p>It holds at most {@value #DEFAULT_CAPACITY} bytes, or what {@link Builder#capacity} says; more
 * is refused with 413. Thread-safe.
 */
public final class StubRegistry implements PodHandler, AutoCloseable {
  /** 256 MiB. */
  public static final long DEFAULT_CAPACITY = 256L << 20;

  /** Of one request; a client sends more in chunks. */
  private static final int BODY_LIMIT = 32 << 20;

  private final RegistryApi api;
  private @Nullable StubHttpServer server;
  private boolean closed;

  private StubRegistry(Builder builder) {
    api =
        RegistryApi.create(
            builder.users,
            builder.anonymousPull,
            builder.tokens,
            builder.capacity,
            (int) Math.min(BODY_LIMIT, builder.capacity));
  }

  /** A registry in which everybody may do everything. */
  public static StubRegistry create() {
    return builder().build();
  }

  /** All options. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public KubeResponse handle(KubeRequest request) {
    return api.handle(request);
  }

  /**
   * Begins to listen on a free port of 127.0.0.1; once.
   *
   * @return {@code http://127.0.0.1:<port>/}
   * @throws UncheckedIOException when no port can be bound
   * @throws IllegalStateException when it is closed
   */
  public synchronized URI listen() {
    if (closed) {
      throw new IllegalStateException("the simulated registry is closed");
    }
    StubHttpServer listening = server;
    if (listening == null) {
      try {
        listening = StubHttpServer.start(this, "stub-registry", BODY_LIMIT);
      } catch (IOException e) {
        throw new UncheckedIOException("a simulated registry found no free port", e);
      }
      server = listening;
    }
    return URI.create("http://127.0.0.1:" + listening.port() + "/");
  }

  /** Whether it answers; while it does not, every request gets 503. */
  public void setAvailable(boolean available) {
    api.setAvailable(available);
  }

  /** Names of the repositories that something was pushed to, sorted. */
  public List<String> repositories() {
    return api.repositories();
  }

  /** Tags of a repository, sorted; none where there is no such repository. */
  public List<String> tags(String repository) {
    return api.tags(repository);
  }

  /**
   * The digest of a manifest, {@code sha256:<hex>}; empty when there is none.
   *
   * @param reference tag or digest
   */
  public Optional<String> digest(String repository, String reference) {
    return api.digest(repository, reference);
  }

  /**
   * Puts an image in, as somebody who may would push it.
   *
   * @param image such as {@code registry.example.com/adapters/law:1.0}; the host does not matter
   * @param files by path, such as {@code data/adapter_config.json}
   * @throws IllegalArgumentException when the name is none
   * @throws IllegalStateException when there is no room
   */
  public void put(String image, Map<String, byte[]> files) {
    ImageReference reference =
        ImageReference.parse(image)
            .orElseThrow(() -> new IllegalArgumentException("no name of an image: " + image));
    try {
      new RegistryClient(RegistryConnection.inProcess(api::handleAsOwner), reference, "")
          .push(reference.reference(), new ImageContent(List.of(files), Map.of()))
          .toCompletableFuture()
          .join();
    } catch (CompletionException e) {
      throw new IllegalStateException("the image cannot be kept: " + e.getMessage(), e);
    }
  }

  /**
   * Puts an image in as a training leaves it: an adapter below {@code /data}, and a shell with
   * which it copies itself.
   */
  public void putAdapter(String image) {
    Map<String, byte[]> files = new LinkedHashMap<>(AdapterImage.tools());
    files.putAll(AdapterImage.data("simulated"));
    put(image, files);
  }

  /** Stops listening; images are gone. Idempotent. */
  @Override
  public void close() {
    StubHttpServer listening;
    synchronized (this) {
      closed = true;
      listening = server;
      server = null;
    }
    if (listening != null) {
      listening.close();
    }
  }

  /** Without images and users: either may be secret. */
  @Override
  public String toString() {
    return "StubRegistry[simulated]";
  }

  /** Options of a {@link StubRegistry}. Not thread-safe. */
  public static final class Builder {
    private final Map<String, String> users = new LinkedHashMap<>();
    private boolean anonymousPull = true;
    private boolean tokens;
    private long capacity = DEFAULT_CAPACITY;

    private Builder() {}

    /** Who may push. Default: nobody is named, and everybody may. */
    public Builder user(String name, String password) {
      if (name.isEmpty() || name.contains(":")) {
        throw new IllegalArgumentException(
            "the name of a user is not empty and has no colon (RFC 7617), found: " + name);
      }
      users.put(name, Objects.requireNonNull(password));
      return this;
    }

    /** Whether everybody may pull; default true. False: only users. */
    public Builder anonymousPull(boolean allowed) {
      anonymousPull = allowed;
      return this;
    }

    /**
     * Whether credentials are exchanged for a token first, as docker.io and Azure want it; default
     * false: HTTP Basic.
     */
    public Builder tokens(boolean wanted) {
      tokens = wanted;
      return this;
    }

    /** How much it holds, in bytes. */
    public Builder capacity(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("a capacity is one byte or more, found " + bytes);
      }
      capacity = bytes;
      return this;
    }

    /** Builds it. */
    public StubRegistry build() {
      return new StubRegistry(this);
    }
  }
}

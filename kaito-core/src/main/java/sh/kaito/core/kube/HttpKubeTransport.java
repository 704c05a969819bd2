package sh.kaito.core.kube;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.Pair;
import io.kubernetes.client.openapi.auth.Authentication;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeTransportException.Effect;
import sh.kaito.api.kube.KubeWatch;

/**
 * The {@link KubeTransport} over HTTP, with the address, TLS settings and credentials of
 * client-java's {@link ApiClient}: kubeconfig with certificates, tokens, exec plugins and OIDC, or
 * the service account of a pod.
 *
 * <p>HTTP/1.1 and HTTP/2. Redirects are answers and not followed. A request that was sent is never
 * sent again behind the caller's back, with one exception: on 401, where credentials can be
 * renewed, they are, and the request is repeated once (401 means that nothing was done).
 *
 * <p>Each request under way and each open watch holds one daemon thread, {@code kaito-kube-N};
 * requests beyond {@link Builder#maxConcurrentRequests} wait. {@link #close()} ends them all. What
 * is left for up to a minute are daemon threads that OkHttp shares within the process ({@code
 * OkHttp TaskRunner}, {@code Okio Watchdog}).
 *
 * <p>Headers are never logged. {@link ApiClient#setDebugging} has no effect here: its log would
 * show bearer tokens. Thread-safe.
 */
public final class HttpKubeTransport implements KubeTransport {
  private static final Logger LOG = LoggerFactory.getLogger(HttpKubeTransport.class);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final ApiClient apiClient;
  private final String baseUrl;
  private final String userAgent;
  private final Duration requestTimeout;
  private final Duration proxyTimeout;
  private final CallThreads threads = new CallThreads("kaito-kube");
  private final ConnectionPool connections = new ConnectionPool(16, 60, TimeUnit.SECONDS);
  private final OkHttpClient requests;

  /** Watches, and requests through a proxy: they neither count against the others nor end soon. */
  private final OkHttpClient longRunning;

  private volatile boolean closed;

  private HttpKubeTransport(Builder builder) {
    this.apiClient = builder.apiClient;
    this.userAgent = builder.userAgent;
    this.requestTimeout = builder.requestTimeout;
    this.proxyTimeout = builder.proxyTimeout;
    String base = apiClient.getBasePath();
    this.baseUrl = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    if (HttpUrl.parse(baseUrl) == null) {
      throw new IllegalArgumentException(
          "The API server's address is not an http or https URL: " + baseUrl);
    }
    OkHttpClient.Builder client =
        apiClient
            .getHttpClient()
            .newBuilder()
            .connectionPool(connections)
            .followRedirects(false)
            .followSslRedirects(false)
            .connectTimeout(CONNECT_TIMEOUT);
    client.interceptors().removeIf(HttpKubeTransport::logsHeaders);
    client.networkInterceptors().removeIf(HttpKubeTransport::logsHeaders);
    client.interceptors().add(0, new RenewCredentials(client.interceptors()));
    client.addNetworkInterceptor(
        chain -> {
          Sent sent = chain.request().tag(Sent.class);
          if (sent != null) {
            sent.value = true;
          }
          return chain.proceed(chain.request());
        });
    this.requests =
        client
            .dispatcher(dispatcher(builder.maxConcurrentRequests))
            .readTimeout(Duration.ZERO)
            .writeTimeout(Duration.ZERO)
            .callTimeout(requestTimeout)
            .build();
    this.longRunning =
        client.dispatcher(dispatcher(Integer.MAX_VALUE)).callTimeout(Duration.ZERO).build();
  }

  /** Over a client that is configured already; default options. The client stays the caller's. */
  public static HttpKubeTransport of(ApiClient client) {
    return builder(client).build();
  }

  /** Over a client that is configured already, with options. */
  public static Builder builder(ApiClient client) {
    return new Builder(client);
  }

  /**
   * As kubectl finds its way: the file that {@code KUBECONFIG} names, else {@code ~/.kube/config},
   * else the service account of the pod that this process runs in.
   *
   * @throws IllegalStateException when there is none of them; the message names the places
   * @throws java.io.UncheckedIOException when one is there and cannot be read
   */
  public static HttpKubeTransport fromDefaultConfig() {
    return of(ClientConfig.ofSystem().client());
  }

  /**
   * With the current context of a kubeconfig file.
   *
   * @throws java.io.UncheckedIOException when it cannot be read
   */
  public static HttpKubeTransport fromKubeconfig(Path file) {
    return of(ClientConfig.kubeconfig(file));
  }

  /** The API server's address: scheme, host, port and path prefix, if any. */
  public URI server() {
    return URI.create(baseUrl);
  }

  @Override
  public CompletionStage<KubeResponse> exchange(KubeRequest request) {
    CompletableFuture<KubeResponse> result = new CompletableFuture<>();
    Sent sent = new Sent();
    boolean proxied = request.info().subresource().filter("proxy"::equals).isPresent();
    Duration timeout = proxied ? proxyTimeout : requestTimeout;
    Call call;
    try {
      call = (proxied ? longRunning : requests).newCall(httpRequest(request, sent));
      call.timeout().timeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(failure(request, sent, timeout, e));
    }
    call.enqueue(
        new Callback() {
          @Override
          public void onResponse(Call answered, Response response) {
            try (response) {
              result.complete(read(response));
            } catch (IOException e) {
              result.completeExceptionally(failure(request, sent, timeout, e));
            }
          }

          @Override
          public void onFailure(Call failed, IOException e) {
            result.completeExceptionally(failure(request, sent, timeout, e));
          }
        });
    return result;
  }

  @Override
  public KubeWatch watch(KubeRequest request, KubeWatch.Listener listener) {
    Sent sent = new Sent();
    try {
      WatchCall watch =
          new WatchCall(
              longRunning.newCall(httpRequest(request, sent)),
              listener,
              e -> failure(request, sent, Duration.ZERO, e));
      watch.open();
      return watch;
    } catch (IOException e) {
      listener.onEnd(failure(request, sent, Duration.ZERO, e));
      return () -> {};
    }
  }

  /**
   * Cancels requests and watches under way, ends their threads, and closes connections. Requests
   * and watches end with a {@link KubeTransportException}. Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    requests.dispatcher().cancelAll();
    longRunning.dispatcher().cancelAll();
    if (!threads.close()) {
      LOG.warn("A completion of a request still blocks after its transport was closed");
    }
    connections.evictAll();
  }

  /** Threads of this transport; none after {@link #close()}. */
  List<Thread> callThreads() {
    return threads.alive();
  }

  /** The server's address. */
  @Override
  public String toString() {
    return "HttpKubeTransport[" + baseUrl + "]";
  }

  static KubeResponse read(Response response) throws IOException {
    return KubeResponse.of(
        response.code(), response.headers().toMultimap(), response.body().bytes());
  }

  private Dispatcher dispatcher(int limit) {
    Dispatcher dispatcher = new Dispatcher(threads);
    dispatcher.setMaxRequests(limit);
    dispatcher.setMaxRequestsPerHost(limit);
    return dispatcher;
  }

  private Request httpRequest(KubeRequest request, Sent sent) throws IOException {
    Map<String, String> headers = new HashMap<>(request.headers());
    headers.putIfAbsent("User-Agent", userAgent);
    headers.putIfAbsent("Accept", "application/json");
    Map<String, String> cookies = new HashMap<>();
    List<Pair> query = new ArrayList<>();
    URI uri = URI.create(baseUrl + request.pathAndQuery());
    try {
      for (Authentication authentication : apiClient.getAuthentications().values()) {
        authentication.applyToParams(query, headers, cookies, "", request.method(), uri);
      }
    } catch (ApiException e) {
      throw new IOException("credentials could not be applied", e);
    }
    HttpUrl.Builder url = HttpUrl.get(uri.toString()).newBuilder();
    for (Pair pair : query) {
      url.addQueryParameter(pair.getName(), pair.getValue());
    }
    Request.Builder http =
        new Request.Builder()
            .url(url.build())
            .method(request.method(), body(request))
            .tag(Sent.class, sent);
    apiClient.processHeaderParams(headers, http);
    apiClient.processCookieParams(cookies, http);
    return http.build();
  }

  private static @Nullable RequestBody body(KubeRequest request) {
    byte[] content = request.body();
    boolean required =
        request.method().equals("POST")
            || request.method().equals("PUT")
            || request.method().equals("PATCH");
    if (content.length == 0 && !required) {
      return null;
    }
    MediaType type = request.header("Content-Type").map(MediaType::parse).orElse(null);
    return new OneShotBody(content, type);
  }

  private KubeTransportException failure(
      KubeRequest request, Sent sent, Duration timeout, IOException cause) {
    Effect effect = sent.value ? Effect.UNKNOWN : Effect.NONE;
    String what = request.method() + " " + request.path() + " at " + baseUrl + ": ";
    if (closed) {
      return new KubeTransportException(effect, what + "the transport was closed", cause);
    }
    String why =
        cause instanceof java.io.InterruptedIOException && "timeout".equals(cause.getMessage())
            ? "no answer within " + timeout
            : String.valueOf(cause.getMessage());
    return new KubeTransportException(effect, what + why, cause);
  }

  /** By name, since the class is of a library that client-java alone needs. */
  private static boolean logsHeaders(Object interceptor) {
    return interceptor.getClass().getName().equals("okhttp3.logging.HttpLoggingInterceptor");
  }

  /** Whether a connection stood and the request may have left on it. */
  private static final class Sent {
    volatile boolean value;
  }

  /** Tells OkHttp not to repeat a write whose first attempt may have reached the server. */
  private static final class OneShotBody extends RequestBody {
    private final byte[] content;
    private final @Nullable MediaType type;

    OneShotBody(byte[] content, @Nullable MediaType type) {
      this.content = content;
      this.type = type;
    }

    @Override
    public @Nullable MediaType contentType() {
      return type;
    }

    @Override
    public long contentLength() {
      return content.length;
    }

    @Override
    public boolean isOneShot() {
      return true;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.write(content);
    }
  }

  /** Options of an {@link HttpKubeTransport}. */
  public static final class Builder {
    private final ApiClient apiClient;
    private Duration requestTimeout = Duration.ofSeconds(60);
    private Duration proxyTimeout = Duration.ofMinutes(10);
    private int maxConcurrentRequests = 32;
    private String userAgent = "kaito-java";

    private Builder(ApiClient apiClient) {
      this.apiClient = apiClient;
    }

    /**
     * How long a request may take, connecting and the whole answer included. Default 60 s, the time
     * after which kube-apiserver itself gives up ({@code --request-timeout}). Watches have none.
     */
    public Builder requestTimeout(Duration value) {
      this.requestTimeout = positive("requestTimeout", value);
      return this;
    }

    /**
     * How long a request through the {@code proxy} of a service or pod may take: models think for
     * minutes. Default 10 minutes.
     */
    public Builder proxyTimeout(Duration value) {
      this.proxyTimeout = positive("proxyTimeout", value);
      return this;
    }

    private static Duration positive(String name, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(name + " must be positive, was " + value);
      }
      return value;
    }

    /**
     * How many requests are under way at once; further ones wait. Watches and proxied requests do
     * not count. Default 32.
     */
    public Builder maxConcurrentRequests(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("maxConcurrentRequests must be positive, was " + value);
      }
      this.maxConcurrentRequests = value;
      return this;
    }

    /** Header {@code User-Agent}, as audit logs show it. Default {@code kaito-java}. */
    public Builder userAgent(String value) {
      this.userAgent = value;
      return this;
    }

    /** The transport; opens no connection yet. */
    public HttpKubeTransport build() {
      return new HttpKubeTransport(this);
    }
  }
}

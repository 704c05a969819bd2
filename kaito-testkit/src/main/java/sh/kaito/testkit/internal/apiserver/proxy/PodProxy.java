package sh.kaito.testkit.internal.apiserver.proxy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.PodNetwork;
import sh.kaito.testkit.internal.apiserver.ApiFailure;
import sh.kaito.testkit.internal.apiserver.Quoting;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.selectors.LabelSelector;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.json.Json;

/**
 * {@code pods/NAME/proxy} and {@code services/NAME/proxy}. A Service leads to a ready pod of its
 * selector, a pod's address to what {@link PodNetwork} says listens there; no simulated address is
 * ever dialled. Thread-safe.
 */
public final class PodProxy implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  /** Headers that belong to one connection, and the caller's credentials. */
  private static final Set<String> NOT_FORWARDED =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private final Store store;
  private final PodNetwork network;
  private @Nullable HttpClient client;
  private boolean closed;

  public PodProxy(Store store, PodNetwork network) {
    this.store = store;
    this.network = network;
  }

  /** What the name in a proxy path says: {@code [scheme:]name[:port]}. */
  private record Target(String scheme, String name, String port) {
    static Target parse(String text) {
      String[] parts = text.split(":", -1);
      return switch (parts.length) {
        case 1 -> new Target("", parts[0], "");
        case 2 -> new Target("", parts[0], parts[1]);
        case 3 -> new Target(parts[0], parts[1], parts[2]);
        default -> throw ApiFailure.badRequest("invalid proxy request " + Quoting.go(text));
      };
    }
  }

  /**
   * Passes a request on.
   *
   * @param rest path behind {@code proxy}, encoded
   */
  public CompletionStage<KubeResponse> proxy(
      KubeRequest request,
      ResourceType type,
      @Nullable String namespace,
      String name,
      String rest) {
    Target target = Target.parse(name);
    StoredObject object = store.get(type.storage(), type.key(namespace, target.name()));
    if (object == null) {
      throw ApiFailure.notFound(type, target.name());
    }
    StoredObject pod;
    long port;
    if (type.storage().equals("services")) {
      pod = readyPod(type, object, target);
      Map<String, Object> servicePort = servicePort(object, target);
      port = targetPort(servicePort, pod);
    } else {
      pod = object;
      port = podPort(pod, target);
    }
    String address = Json.text(pod.json(), "status", "podIP");
    if (address.isEmpty()) {
      throw ApiFailure.badRequest("address not allowed");
    }
    PodNetwork.Target listener = network.lookup(address, (int) port).orElse(null);
    if (listener == null) {
      throw refused(address, port);
    }
    KubeRequest forwarded = forwarded(request, rest);
    if (listener instanceof PodNetwork.InProcess inProcess) {
      return CompletableFuture.completedFuture(inProcess.handler().handle(forwarded));
    }
    return send(forwarded, ((PodNetwork.Loopback) listener).port(), address, port);
  }

  private static ApiFailure refused(String address, long port) {
    return ApiFailure.unavailable(
        "error trying to reach service: dial tcp "
            + address
            + ":"
            + port
            + ": connect: connection refused");
  }

  private Map<String, Object> servicePort(StoredObject service, Target target) {
    List<Object> ports = list(service.json(), "spec", "ports");
    if (target.port().isEmpty()) {
      // Without a port the Service must have a single one.
      if (ports.size() == 1) {
        return asMap(ports.get(0));
      }
    } else {
      for (Object port : ports) {
        if (Json.text(port, "name").equals(target.port())
            || String.valueOf(Json.integer(port, 0, "port")).equals(target.port())) {
          return asMap(port);
        }
      }
    }
    throw ApiFailure.unavailable(
        "no service port "
            + Quoting.go(target.port())
            + " found for service "
            + Quoting.go(service.name()));
  }

  private static Map<String, Object> asMap(Object value) {
    Map<String, Object> map = Json.asObject(value);
    return map == null ? Map.of() : map;
  }

  private static List<Object> list(@Nullable Object root, String... path) {
    List<Object> list = Json.list(root, path);
    return list == null ? List.of() : list;
  }

  private StoredObject readyPod(ResourceType type, StoredObject service, Target target) {
    Map<String, Object> labels = Json.object(service.json(), "spec", "selector");
    boolean endpoints = hasEndpointSlice(service);
    if (labels != null && !labels.isEmpty()) {
      LabelSelector selector = LabelSelector.ofLabels(labels);
      for (StoredObject pod : store.list("pods", service.namespace() + "/").objects()) {
        if (!pod.deleting() && selector.matches(Json.object(pod.json(), "metadata", "labels"))) {
          endpoints = true;
          if (ready(pod)) {
            return pod;
          }
        }
      }
    }
    if (!endpoints) {
      // The real proxy looks for EndpointSlices, and for want of any tells of the Service.
      throw ApiFailure.notFound(type, service.name());
    }
    String id = target.name() + (target.port().isEmpty() ? "" : ":" + target.port());
    throw ApiFailure.unavailable("no endpoints available for service " + Quoting.go(id));
  }

  private boolean hasEndpointSlice(StoredObject service) {
    return store
        .list("endpointslices.discovery.k8s.io", service.namespace() + "/")
        .objects()
        .stream()
        .anyMatch(
            slice ->
                service
                    .name()
                    .equals(
                        Json.string(
                            slice.json(), "metadata", "labels", "kubernetes.io/service-name")));
  }

  private static boolean ready(StoredObject pod) {
    for (Object condition : list(pod.json(), "status", "conditions")) {
      if (Json.text(condition, "type").equals("Ready")) {
        return Json.text(condition, "status").equals("True");
      }
    }
    return false;
  }

  private static long targetPort(Map<String, Object> servicePort, StoredObject pod) {
    Object target = servicePort.get("targetPort");
    if (target instanceof Long number && number > 0) {
      return number;
    }
    if (target instanceof String name && !name.isEmpty()) {
      for (Object container : list(pod.json(), "spec", "containers")) {
        for (Object port : list(container, "ports")) {
          if (Json.text(port, "name").equals(name)) {
            return Json.integer(port, 0, "containerPort");
          }
        }
      }
      throw ApiFailure.unavailable("no endpoints available for port " + Quoting.go(name));
    }
    return Json.integer(servicePort, 0, "port");
  }

  private static long podPort(StoredObject pod, Target target) {
    if (!target.port().isEmpty()) {
      try {
        return Long.parseLong(target.port());
      } catch (NumberFormatException e) {
        throw ApiFailure.badRequest("invalid port " + Quoting.go(target.port()));
      }
    }
    for (Object container : list(pod.json(), "spec", "containers")) {
      for (Object port : list(container, "ports")) {
        return Json.integer(port, 80, "containerPort");
      }
    }
    return 80;
  }

  private static KubeRequest forwarded(KubeRequest request, String rest) {
    KubeRequest.Builder builder = KubeRequest.of(request.method(), rest.isEmpty() ? "/" : rest);
    request.query().forEach((key, values) -> values.forEach(value -> builder.query(key, value)));
    request
        .headers()
        .forEach(
            (key, value) -> {
              if (!NOT_FORWARDED.contains(key.toLowerCase(Locale.ROOT))) {
                builder.header(key, value);
              }
            });
    if (request.body().length > 0) {
      builder.body(
          request.header("Content-Type").orElse("application/octet-stream"), request.body());
    }
    return builder.build();
  }

  private synchronized HttpClient client() {
    if (closed) {
      throw ApiFailure.unavailable("the server is shutting down");
    }
    if (client == null) {
      client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }
    return client;
  }

  private CompletionStage<KubeResponse> send(
      KubeRequest request, int loopbackPort, String address, long port) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + loopbackPort + request.pathAndQuery()))
            .timeout(TIMEOUT)
            .method(request.method(), HttpRequest.BodyPublishers.ofByteArray(request.body()));
    request.headers().forEach(builder::header);
    return client()
        .sendAsync(builder.build(), HttpResponse.BodyHandlers.ofByteArray())
        .thenApply(PodProxy::response)
        .exceptionally(e -> refused(address, port).response());
  }

  private static KubeResponse response(HttpResponse<byte[]> answer) {
    Map<String, List<String>> headers = new HashMap<>(answer.headers().map());
    for (String name : Arrays.asList("connection", "content-length", "transfer-encoding")) {
      headers.remove(name);
    }
    return KubeResponse.of(answer.statusCode(), headers, answer.body());
  }

  /** Lets go of connections; the JDK's client ends its threads once it is unreachable. */
  @Override
  public synchronized void close() {
    closed = true;
    client = null;
  }
}

package sh.kaito.testkit.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeWatch;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.kube.HttpKubeTransport;
import sh.kaito.core.kube.SystemScheduler;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.VirtualScheduler;
import sh.kaito.testkit.internal.json.Json;

/** A server and one client of it: in process on virtual time, or over HTTP on the wall clock. */
final class Wire implements AutoCloseable {
  static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** How the client reaches the server. */
  enum Kind {
    IN_PROCESS,
    HTTP
  }

  final KubeApiServer server;
  final KubeTransport client;
  private final @Nullable VirtualScheduler virtual;
  private final @Nullable SystemScheduler system;

  Wire(Kind kind) {
    if (kind == Kind.IN_PROCESS) {
      virtual = VirtualScheduler.seeded(3);
      system = null;
      server = KubeApiServer.inProcess(virtual);
      client = server.connect("test");
    } else {
      virtual = null;
      system = SystemScheduler.create("faults-test", 1);
      server = KubeApiServer.start();
      client = HttpKubeTransport.fromKubeconfig(kubeconfig(server));
    }
  }

  private static Path kubeconfig(KubeApiServer server) {
    try {
      Path file = Files.createTempFile("faults", ".kubeconfig");
      file.toFile().deleteOnExit();
      return Files.writeString(file, server.kubeconfig());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Scheduler scheduler() {
    if (virtual != null) {
      return virtual;
    }
    if (system != null) {
      return system;
    }
    throw new IllegalStateException("neither virtual nor real time");
  }

  <T> T await(CompletionStage<T> stage) {
    return virtual != null
        ? virtual.await(stage, LIMIT)
        : stage.toCompletableFuture().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** Lets time pass until the condition holds. */
  void until(String what, BooleanSupplier condition) {
    if (virtual != null) {
      virtual.advanceUntil(what, condition, LIMIT);
      return;
    }
    CompletableFuture<Void> held = new CompletableFuture<>();
    look(condition, held);
    try {
      held.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw new AssertionError("waited " + LIMIT + " for: " + what, e);
    }
  }

  private void look(BooleanSupplier condition, CompletableFuture<Void> held) {
    if (condition.getAsBoolean()) {
      held.complete(null);
    } else if (!held.isDone()) {
      Scheduler.Timer unused =
          scheduler().schedule(Duration.ofMillis(5), () -> look(condition, held));
    }
  }

  /** Lets so much time pass. */
  void pass(Duration time) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    Scheduler.Timer unused = scheduler().schedule(time, () -> over.complete(null));
    await(over);
  }

  KubeResponse send(KubeRequest.Builder request) {
    return await(client.exchange(request.build()));
  }

  KubeResponse create(String name) {
    return send(
        KubeRequest.post(
            CONFIG_MAPS,
            ("{\"metadata\":{\"name\":\"" + name + "\"}}").getBytes(StandardCharsets.UTF_8)));
  }

  boolean exists(String name) {
    return send(KubeRequest.get(CONFIG_MAPS + "/" + name)).isSuccess();
  }

  /** What a request without answer ends with. */
  KubeTransportException broken(CompletionStage<KubeResponse> request) {
    try {
      KubeResponse answer = await(request);
      throw new AssertionError("a broken connection was expected, found " + answer.bodyText());
    } catch (CompletionException e) {
      if (e.getCause() instanceof KubeTransportException failure) {
        return failure;
      }
      throw e;
    }
  }

  Events watch(String query) {
    Events events = new Events();
    events.watch =
        client.watch(KubeRequest.get(CONFIG_MAPS + "?watch=true&" + query).build(), events);
    return events;
  }

  String listVersion() {
    return Json.text(
        Json.parse(send(KubeRequest.get(CONFIG_MAPS)).body()), "metadata", "resourceVersion");
  }

  /** Collects one watch. */
  static final class Events implements KubeWatch.Listener {
    final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    volatile KubeWatch watch = () -> {};
    volatile boolean ended;
    volatile boolean broke;

    @Override
    public void onEvent(byte[] event) {
      Object parsed = Json.parse(event);
      String type = Json.text(parsed, "type");
      seen.add(
          type.equals("ERROR")
              ? "ERROR " + Json.integer(parsed, 0, "object", "code")
              : type + " " + Json.text(parsed, "object", "metadata", "name"));
    }

    @Override
    public void onRejected(KubeResponse response) {
      seen.add("REJECTED " + response.status());
      ended = true;
    }

    @Override
    public void onEnd(@Nullable Throwable cause) {
      broke = cause != null;
      ended = true;
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
    if (system != null) {
      system.close();
    }
  }
}

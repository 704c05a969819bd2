package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.testkit.PodNetwork;
import sh.kaito.testkit.internal.sim.Objects;

/** What a probe says: the program in the pod is asked in process, whatever the network is. */
final class Probes {
  private Probes() {}

  static Duration initialDelay(JsonNode probe) {
    return Duration.ofSeconds(probe.path("initialDelaySeconds").asInt(0));
  }

  static Duration period(JsonNode probe) {
    return Duration.ofSeconds(Math.max(1, probe.path("periodSeconds").asInt(10)));
  }

  static int failureThreshold(JsonNode probe) {
    return Math.max(1, probe.path("failureThreshold").asInt(3));
  }

  /** When a probe of a container is first due. */
  static Instant first(JsonNode probe, Instant startedAt, Instant now) {
    Instant due = startedAt.plus(initialDelay(probe));
    return due.isBefore(now) ? now : due;
  }

  /** Whether it succeeds now. */
  static boolean succeeds(JsonNode probe, PodRun run, Container container, PodNetwork network) {
    Listening listening = run.listening;
    if (probe.has("httpGet")) {
      JsonNode get = probe.path("httpGet");
      int port = port(get.path("port"), container);
      Optional<PodNetwork.Target> target = network.lookup(run.podIp, port);
      if (target.isEmpty() || listening == null) {
        return false;
      }
      String path = get.path("path").asText("/");
      int status = listening.handle(KubeRequest.get(path.isEmpty() ? "/" : path).build()).status();
      return status >= 200 && status < 400;
    }
    if (probe.has("tcpSocket") || probe.has("grpc")) {
      JsonNode port = probe.has("grpc") ? probe.path("grpc") : probe.path("tcpSocket");
      return network.lookup(run.podIp, port(port.path("port"), container)).isPresent();
    }
    // A command looks at the program beside it.
    return container.isRunning() && (listening == null ? !expectsServer(run) : run.healthy);
  }

  private static boolean expectsServer(PodRun run) {
    return run.main.stream()
        .anyMatch(container -> ContainerPrograms.model(run.pod, container.spec).isPresent());
  }

  private static int port(JsonNode port, Container container) {
    if (port.isInt()) {
      return port.asInt();
    }
    for (JsonNode declared : container.spec.path("ports")) {
      if (Objects.text(declared, "name").equals(port.asText())) {
        return declared.path("containerPort").asInt();
      }
    }
    return port.asInt(0);
  }
}

package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import sh.kaito.core.catalog.HttpDialect;

/**
 * Probes of a model server. A start-up probe with the whole budget of download and load stands
 * before the other two, so that these need no initial delay: upstream waits 30 seconds before the
 * first readiness probe even of a model that is loaded at once, and kills one that takes longer
 * than its liveness delay.
 */
final class Probes {
  private static final int START_PERIOD_SECONDS = 5;

  private Probes() {}

  /**
   * Probes by HTTP GET.
   *
   * @param budget how long the server may take until it answers
   */
  static ObjectNode http(String path, Duration budget) {
    ObjectNode get = object("httpGet", object("path", path, "port", HttpDialect.CONTAINER_PORT));
    return object(
        "startupProbe",
        probe(get, START_PERIOD_SECONDS, attempts(budget, START_PERIOD_SECONDS)),
        "livenessProbe",
        probe(get, 10, 3),
        "readinessProbe",
        probe(get, 5, 3));
  }

  /**
   * Probes of a Ray cluster, by the script of the base image: workers are always ready and alive,
   * the leader is ready when the server answers and alive while every actor is.
   *
   * @param leader host name of the leader
   */
  static ObjectNode ray(String leader, int rayPort, Duration budget) {
    ObjectNode ready =
        exec(
            "readiness", "--leader-address=" + leader, "--vllm-port=" + HttpDialect.CONTAINER_PORT);
    ObjectNode alive = exec("liveness", "--leader-address=" + leader, "--ray-port=" + rayPort);
    // Python itself takes a second to start.
    return object(
        "startupProbe",
        probe(ready, 10, attempts(budget, 10)).put("timeoutSeconds", 5),
        "livenessProbe",
        probe(alive, 10, 3).put("timeoutSeconds", 5).put("terminationGracePeriodSeconds", 1),
        "readinessProbe",
        probe(ready, 10, 3).put("timeoutSeconds", 5));
  }

  private static ObjectNode exec(String... arguments) {
    return object(
        "exec",
        object(
            "command",
            Arguments.of("python3", "/workspace/vllm/multi-node-health-check.py")
                .add(List.of(arguments))
                .toJson()));
  }

  private static long attempts(Duration budget, int periodSeconds) {
    return (budget.toSeconds() + periodSeconds - 1) / periodSeconds;
  }

  private static ObjectNode probe(ObjectNode handler, int periodSeconds, long failureThreshold) {
    ObjectNode probe = handler.deepCopy();
    probe.put("periodSeconds", periodSeconds);
    probe.put("failureThreshold", (int) failureThreshold);
    return probe;
  }
}

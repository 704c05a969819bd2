package sh.kaito.core.manifest;

import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
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
    long attempts = (budget.toSeconds() + START_PERIOD_SECONDS - 1) / START_PERIOD_SECONDS;
    return object(
        "startupProbe",
        probe(path, START_PERIOD_SECONDS, attempts),
        "livenessProbe",
        probe(path, 10, 3),
        "readinessProbe",
        probe(path, 5, 3));
  }

  private static ObjectNode probe(String path, int periodSeconds, long failureThreshold) {
    return object(
        "httpGet",
        object("path", path, "port", HttpDialect.CONTAINER_PORT),
        "periodSeconds",
        periodSeconds,
        "failureThreshold",
        failureThreshold);
  }
}

package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.install.Finding;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.prerequisites.PrerequisiteRules;
import sh.kaito.core.internal.prerequisites.PrerequisiteRules.ListedNamespace;

/**
 * What stands in the way of pods in a namespace, looked at before the first purchase for it: one
 * list of each kind, and none while that is fresh. It warns and never stops a purchase: what cannot
 * be read, because a right is missing, is left out and said once. Thread-safe.
 */
final class Prerequisites {
  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceEngine.class);

  /** For so long a look counts. */
  static final Duration FRESH = Duration.ofMinutes(10);

  /** A purchase waits for no longer. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private static final ResourceType NAMESPACES =
      ResourceType.cluster("", "v1", "namespaces", "Namespace");
  private static final ResourceType QUOTAS =
      ResourceType.namespaced("", "v1", "resourcequotas", "ResourceQuota");
  private static final ResourceType LIMIT_RANGES =
      ResourceType.namespaced("", "v1", "limitranges", "LimitRange");

  private final KubeClient client;
  private final Scheduler scheduler;
  private final BooleanSupplier gpusOffered;
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Void>> looking = new ConcurrentHashMap<>();
  private final Set<ResourceType> unreadable = ConcurrentHashMap.newKeySet();

  private record Known(Instant at, String warnings) {}

  /**
   * Nothing is looked at yet.
   *
   * @param gpusOffered whether a Node offers GPUs, so that there is a device plugin
   */
  Prerequisites(KubeClient client, Scheduler scheduler, BooleanSupplier gpusOffered) {
    this.client = client;
    this.scheduler = scheduler;
    this.gpusOffered = gpusOffered;
  }

  /** Whether a look at this namespace still counts. */
  boolean isKnown(String namespace) {
    Known found = known.get(namespace);
    return found != null && scheduler.clock().instant().isBefore(found.at().plus(FRESH));
  }

  /** What was found, for a person; empty when nothing stands in the way. */
  String warnings(String namespace) {
    Known found = known.get(namespace);
    return found == null ? "" : found.warnings();
  }

  /**
   * Looks; a second call meanwhile shares the first.
   *
   * @return completes, and always normally, when it is known, or not to be known soon
   */
  CompletableFuture<Void> look(String namespace) {
    CompletableFuture<Void> look = new CompletableFuture<>();
    CompletableFuture<Void> running = looking.putIfAbsent(namespace, look);
    if (running != null) {
      return running;
    }
    ListOptions in = ListOptions.in(namespace);
    CompletableFuture<JsonNode> daemonSets =
        gpusOffered.getAsBoolean()
            ? CompletableFuture.completedFuture(MissingNode.getInstance())
            : list(ResourceType.DAEMONSETS, ListOptions.all());
    CompletableFuture<JsonNode> quotas = list(QUOTAS, in);
    CompletableFuture<JsonNode> ranges = list(LIMIT_RANGES, in);
    CompletableFuture<JsonNode> spaces =
        list(NAMESPACES, ListOptions.all().fieldSelector("metadata.name=" + namespace));
    Scheduler.Timer timer = scheduler.schedule(LIMIT, () -> look.complete(null));
    var unused =
        CompletableFuture.allOf(daemonSets, quotas, ranges, spaces)
            .thenRun(
                () -> {
                  List<Finding> findings =
                      PrerequisiteRules.ofWorkspaces(
                          daemonSets.join(),
                          gpusOffered.getAsBoolean(),
                          new ListedNamespace(
                              namespace,
                              spaces.join().path("items").path(0),
                              quotas.join(),
                              ranges.join()));
                  remember(namespace, findings);
                  look.complete(null);
                });
    return look.whenComplete(
        (done, error) -> {
          timer.cancel();
          // Where nothing came in time, the next look is as far away as after one that worked.
          known.putIfAbsent(namespace, new Known(scheduler.clock().instant(), ""));
          looking.remove(namespace);
        });
  }

  private void remember(String namespace, List<Finding> findings) {
    String warnings =
        findings.stream()
            .map(it -> it.subject() + ": " + it.problem() + "; " + it.remedy())
            .collect(Collectors.joining("; "));
    Known before = known.put(namespace, new Known(scheduler.clock().instant(), warnings));
    if (!warnings.isEmpty() && (before == null || !before.warnings().equals(warnings))) {
      LOG.warn("before nodes are requested for namespace {}: {}", namespace, warnings);
    }
  }

  private CompletableFuture<JsonNode> list(ResourceType type, ListOptions options) {
    return client
        .list(type, options)
        .handle(
            (result, error) -> {
              if (result != null && result.isSuccess()) {
                unreadable.remove(type);
                return result.body();
              }
              if (unreadable.add(type)) {
                LOG.info(
                    "{} cannot be looked at before a purchase, and are left out: {}",
                    type.plural(),
                    result != null ? result : error);
              }
              return (JsonNode) MissingNode.getInstance();
            })
        .toCompletableFuture();
  }
}

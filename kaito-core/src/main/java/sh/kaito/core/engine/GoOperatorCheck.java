package sh.kaito.core.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.ResourceType;

/**
 * Looks whether Kaito's Go operator works on the same Workspaces. It takes no lease by default, so
 * there are two signs: the Service of its admission webhook has endpoints; or, where it has no
 * webhook, somebody else has lately written the status of a Workspace. Three requests at most.
 */
final class GoOperatorCheck {
  private static final Logger LOG = LoggerFactory.getLogger(KaitoController.class);

  /** The name that every release of the Go operator gives its configuration. */
  static final String WEBHOOK = "validation.workspace.kaito.sh";

  /** For so long a status write of somebody else counts as a sign that he is there. */
  static final Duration RECENT = Duration.ofMinutes(5);

  private static final ResourceType WEBHOOKS =
      ResourceType.cluster(
          "admissionregistration.k8s.io",
          "v1",
          "validatingwebhookconfigurations",
          "ValidatingWebhookConfiguration");

  private static final String REMEDY =
      " Two operators on one Workspace undo each other's work and may buy twice. Stop it first"
          + " (kubectl scale its Deployment to 0; Workspaces and models stay), or, where the two"
          + " never see the same Workspace, say so: KaitoController.Builder.alongsideGoOperator().";

  private final KubeClient client;
  private final Scheduler scheduler;
  private final Scope scope;

  GoOperatorCheck(KubeTransport transport, Scheduler scheduler, Scope scope) {
    this.client = KubeClient.of(transport, KaitoApi.FIELD_MANAGER);
    this.scheduler = scheduler;
    this.scope = scope;
  }

  /**
   * Looks.
   *
   * @return why not to start; empty when nothing stands against it. Exceptionally when the API
   *     server does not answer
   */
  CompletionStage<Optional<String>> look() {
    return client
        .get(WEBHOOKS, ObjectKey.clusterScoped(WEBHOOK))
        .thenCompose(
            webhook -> {
              JsonNode service =
                  webhook.body().path("webhooks").path(0).path("clientConfig").path("service");
              if (!webhook.isSuccess() || service.isMissingNode()) {
                if (!webhook.isSuccess() && !webhook.isNotFound()) {
                  LOG.info("cannot see whether the Go operator has a webhook: {}", webhook);
                }
                return statusWrites(
                    List.of(ResourceType.WORKSPACES_V1BETA1, ResourceType.WORKSPACES_V1ALPHA1)
                        .iterator());
              }
              return endpoints(
                  ObjectKey.of(service.path("namespace").asText(), service.path("name").asText()));
            });
  }

  private CompletionStage<Optional<String>> endpoints(ObjectKey service) {
    return client
        .get(ResourceType.ENDPOINTS, service)
        .thenApply(
            endpoints -> {
              if (!endpoints.isSuccess() && !endpoints.isNotFound()) {
                LOG.info("cannot see whether the Go operator's webhook is up: {}", endpoints);
              }
              for (JsonNode subset : endpoints.body().path("subsets")) {
                if (!subset.path("addresses").isEmpty()) {
                  return Optional.of(
                      "The Go operator of Kaito runs in this cluster: its webhook's Service "
                          + service
                          + " has endpoints."
                          + REMEDY);
                }
              }
              return Optional.empty();
            });
  }

  private CompletionStage<Optional<String>> statusWrites(Iterator<ResourceType> versions) {
    if (!versions.hasNext()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    ResourceType version = versions.next();
    return statusWrites(version, scope.watched().iterator())
        .thenCompose(
            found ->
                found.isMissing()
                    ? statusWrites(versions)
                    : CompletableFuture.completedFuture(found.reason()));
  }

  /** What a list showed. Missing: the API server knows no such version. */
  private record Found(boolean isMissing, Optional<String> reason) {}

  private CompletionStage<Found> statusWrites(ResourceType type, Iterator<String> namespaces) {
    String namespace = namespaces.next();
    ListOptions options =
        (namespace.isEmpty() ? ListOptions.all() : ListOptions.in(namespace)).metadataOnly();
    if (!scope.selector().isEmpty()) {
      options = options.labelSelector(scope.selector());
    }
    return client
        .list(type, options)
        .thenCompose(
            list -> {
              Optional<String> reason = foreignWrite(list, scheduler.clock().instant());
              return reason.isPresent() || list.isNotFound() || !namespaces.hasNext()
                  ? CompletableFuture.completedFuture(new Found(list.isNotFound(), reason))
                  : statusWrites(type, namespaces);
            });
  }

  /** Who else has lately written a status. Pure. */
  static Optional<String> foreignWrite(KubeResult list, Instant now) {
    for (JsonNode item : list.body().path("items")) {
      JsonNode metadata = item.path("metadata");
      for (JsonNode entry : metadata.path("managedFields")) {
        String writer = entry.path("manager").asText();
        Optional<Instant> time = instant(entry.path("time").asText());
        if (entry.path("subresource").asText().equals("status")
            && !writer.equals(KaitoApi.FIELD_MANAGER)
            && time.filter(at -> at.plus(RECENT).isAfter(now)).isPresent()) {
          return Optional.of(
              "Another operator works on Workspaces: \""
                  + writer
                  + "\" wrote the status of "
                  + metadata.path("namespace").asText()
                  + "/"
                  + metadata.path("name").asText()
                  + " at "
                  + time.get()
                  + "; if it was stopped since, start again after "
                  + time.get().plus(RECENT)
                  + "."
                  + REMEDY);
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Instant> instant(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      LOG.debug("managedFields have the time \"{}\"", text, e);
      return Optional.empty();
    }
  }
}

package sh.kaito.core.engine;

import static sh.kaito.core.internal.json.Trees.object;

import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.core.engine.Observation.ObservedWorkspace;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.WriteOptions;

/**
 * Writes Events. An Event that cannot be written is logged and holds nothing up; one that is there
 * already was written before a crash.
 */
final class EventWriter {
  private static final Logger LOG = LoggerFactory.getLogger(WorkspaceEngine.class);

  private final KubeClient client;
  private final Scheduler scheduler;

  EventWriter(KubeClient client, Scheduler scheduler) {
    this.client = client;
    this.scheduler = scheduler;
  }

  void write(ObservedWorkspace workspace, Step.Emit event) {
    String time = scheduler.clock().instant().truncatedTo(ChronoUnit.SECONDS).toString();
    var body =
        object(
            "apiVersion",
            "v1",
            "kind",
            "Event",
            "metadata",
            object("name", event.name(), "namespace", workspace.key().namespace()),
            "involvedObject",
            object(
                "apiVersion",
                workspace.apiVersion(),
                "kind",
                "Workspace",
                "namespace",
                workspace.key().namespace(),
                "name",
                workspace.key().name(),
                "uid",
                workspace.uid()),
            "type",
            event.type(),
            "reason",
            event.reason(),
            "message",
            event.message(),
            "source",
            object("component", KaitoApi.FIELD_MANAGER),
            "firstTimestamp",
            time,
            "lastTimestamp",
            time,
            "count",
            1);
    var unused =
        client
            .create(ResourceType.EVENTS, workspace.key().namespace(), body, WriteOptions.defaults())
            .handle(
                (result, error) -> {
                  if (error != null || !(result.isSuccess() || result.isAlreadyExists())) {
                    LOG.info(
                        "{}: event {} was not written: {}",
                        workspace.key(),
                        event.reason(),
                        error != null ? error.getMessage() : result);
                  }
                  return null;
                });
  }
}

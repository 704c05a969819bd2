package sh.kaito.benchmarks.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import sh.kaito.api.kube.KubeTransport;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.kube.Scheduler;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.DeleteOptions;
import sh.kaito.core.internal.kube.KubeClient;
import sh.kaito.core.internal.kube.KubeJson;
import sh.kaito.core.internal.kube.KubeResult;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.WriteOptions;

/**
 * A cloud without patience: each NodeClaim has its Node, ready with its GPUs, after a fixed time,
 * by three writes. The test kit's simulated provisioner plays all stages of a claim and needs more
 * than twice as many, which would be measured with the controller.
 */
final class InstantNodes implements AutoCloseable {
  private static final ResourceType CLAIMS = ResourceType.NODECLAIMS;

  private final KubeClient client;
  private final Scheduler scheduler;
  private final Duration delay;
  private final Reflector<Map<String, String>> claims;

  private InstantNodes(KubeTransport transport, Scheduler scheduler, Duration delay) {
    this.client = KubeClient.of(transport, "benchmark-cloud");
    this.scheduler = scheduler;
    this.delay = delay;
    this.claims =
        Reflector.builder(transport, scheduler, CLAIMS, InstantNodes::labels)
            .select(ListOptions.all().labelSelector("kaito.sh/workspace"))
            .onChange(this::changed)
            .build();
  }

  static InstantNodes start(KubeTransport transport, Scheduler scheduler, Duration delay) {
    InstantNodes nodes = new InstantNodes(transport, scheduler, delay);
    nodes.claims.start();
    return nodes;
  }

  private static Map<String, String> labels(JsonNode claim) {
    Map<String, String> labels = new LinkedHashMap<>();
    claim
        .path("metadata")
        .path("labels")
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
    return labels;
  }

  private void changed(Change<Map<String, String>> change) {
    String claim = change.key().name();
    if (change.isDeletion()) {
      report(
          claim,
          client.delete(
              ResourceType.NODES,
              ObjectKey.clusterScoped("node-" + claim),
              DeleteOptions.defaults()));
    } else if (change.isCreation() && change.after() != null) {
      Map<String, String> labels = change.after().value();
      if (delay.isZero()) {
        launch(claim, labels);
      } else {
        scheduler.schedule(delay, () -> launch(claim, labels));
      }
    }
  }

  private void launch(String claim, Map<String, String> labels) {
    report(
        claim,
        client
            .create(ResourceType.NODES, "", node(claim, labels), WriteOptions.defaults())
            .thenCompose(node -> status(ResourceType.NODES, "node-" + claim, ready()))
            .thenCompose(node -> status(CLAIMS, claim, launched(claim))));
  }

  private CompletionStage<KubeResult> status(ResourceType type, String name, ObjectNode status) {
    ObjectNode patch = KubeJson.object();
    patch.set("status", status);
    return client.patch(
        type,
        ObjectKey.clusterScoped(name),
        PatchType.MERGE,
        patch,
        WriteOptions.defaults().status());
  }

  private String now() {
    return scheduler.clock().instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private ObjectNode node(String claim, Map<String, String> labels) {
    ObjectNode node = KubeJson.object(ResourceType.NODES, ObjectKey.clusterScoped("node-" + claim));
    ObjectNode metadata = node.withObject("/metadata");
    labels.forEach(metadata.putObject("labels")::put);
    metadata.putObject("annotations").put("java.kaito.sh/simulated", "true");
    node.putObject("spec").put("providerID", "benchmark:///" + claim);
    return node;
  }

  private ObjectNode ready() {
    ObjectNode status = KubeJson.object();
    for (String list : List.of("capacity", "allocatable")) {
      status.putObject(list).put("nvidia.com/gpu", "8").put("cpu", "96").put("memory", "880Gi");
    }
    ObjectNode ready = status.putArray("conditions").addObject();
    ready.put("type", "Ready").put("status", "True").put("reason", "KubeletReady");
    ready.put("lastHeartbeatTime", now()).put("lastTransitionTime", now());
    return status;
  }

  private ObjectNode launched(String claim) {
    ObjectNode status = KubeJson.object();
    status.put("nodeName", "node-" + claim).put("providerID", "benchmark:///" + claim);
    var conditions = status.putArray("conditions");
    for (String type : List.of("Launched", "Registered", "Initialized", "Ready")) {
      ObjectNode condition = conditions.addObject();
      condition.put("type", type).put("status", "True").put("reason", type).put("message", "");
      condition.put("lastTransitionTime", now());
    }
    return status;
  }

  private static void report(String claim, CompletionStage<KubeResult> stage) {
    var unused =
        stage.whenComplete(
            (result, failure) -> {
              if (failure != null || !(result.isSuccess() || result.isNotFound())) {
                System.err.println(
                    "claim " + claim + " has no node: " + (failure != null ? failure : result));
              }
            });
  }

  @Override
  public void close() {
    claims.stop();
  }
}

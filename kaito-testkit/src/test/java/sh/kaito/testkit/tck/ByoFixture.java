package sh.kaito.testkit.tck;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stored;
import sh.kaito.core.provision.ByoProvisioner;
import sh.kaito.testkit.RequestMatch;
import sh.kaito.testkit.SimulatedCluster;

/** A fleet of four equal nodes; what is "held" is what is assigned. */
final class ByoFixture implements ProvisionerFixture {
  static final String ASSIGNED = "java.kaito.sh/assigned-uid";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public void cluster(SimulatedCluster.Builder settings) {
    settings.simulateNodes(false);
  }

  @Override
  public NodeProvisioner provisioner(TckWorld world, TckCloud cloud) {
    return ByoProvisioner.create();
  }

  @Override
  public TckCloud cloud(TckWorld world) {
    for (int i = 1; i <= 4; i++) {
      node(world, "own-" + i, Map.of("apps", "tck"), 1);
    }
    return new Cloud(world);
  }

  static void node(TckWorld world, String name, Map<String, String> labels, int gpus) {
    StringBuilder more = new StringBuilder();
    labels.forEach(
        (key, value) -> more.append(", \"").append(key).append("\": \"").append(value).append('"'));
    KubeResponse made =
        world.send(
            KubeRequest.post(
                    "/api/v1/nodes",
                    """
                    {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "%s", "labels": {
                       "node.kubernetes.io/instance-type": "Standard_NC24ads_A100_v4"%s}}}
                    """
                        .formatted(name, more)
                        .getBytes(UTF_8))
                .build());
    if (!made.isSuccess()) {
      throw new IllegalStateException(made.bodyText());
    }
    KubeResponse ready =
        world.send(
            KubeRequest.patch(
                    "/api/v1/nodes/" + name + "/status",
                    PatchType.MERGE,
                    """
                    {"status": {"allocatable": {"nvidia.com/gpu": "%d"},
                      "capacity": {"nvidia.com/gpu": "%d"},
                      "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady",
                        "lastHeartbeatTime": "2026-01-01T00:00:00Z",
                        "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}
                    """
                        .formatted(gpus, gpus)
                        .getBytes(UTF_8))
                .build());
    if (!ready.isSuccess()) {
      throw new IllegalStateException(ready.bodyText());
    }
  }

  private static final class Cloud implements TckCloud {
    private final TckWorld world;
    private final KubePurchaseFaults faults;
    private final AtomicInteger assigned = new AtomicInteger();
    private final Reflector<String> watch;

    private Cloud(TckWorld world) {
      this.world = world;
      this.faults =
          new KubePurchaseFaults(
              world.cluster().server().faults(), RequestMatch.of("patch", "nodes"));
      this.watch =
          Reflector.builder(
                  world.cluster().transport(), world.time(), ResourceType.NODES, node -> uid(node))
              .onChange(
                  change -> {
                    String before = value(change.before());
                    String after = value(change.after());
                    if (!after.isEmpty() && !after.equals(before)) {
                      assigned.incrementAndGet();
                    }
                  })
              .build();
      watch.start();
    }

    private static String value(@org.jspecify.annotations.Nullable Stored<String> stored) {
      return stored == null ? "" : stored.value();
    }

    private static String uid(JsonNode node) {
      return node.path("metadata").path("labels").path(ASSIGNED).asText();
    }

    @Override
    public List<Held> held() {
      List<Held> held = new ArrayList<>();
      try {
        JsonNode list =
            JSON.readTree(world.send(KubeRequest.get("/api/v1/nodes").build()).bodyText());
        for (JsonNode node : list.path("items")) {
          if (!uid(node).isEmpty()) {
            JsonNode place =
                JSON.readTree(node.at("/metadata/annotations/java.kaito.sh~1assigned").asText());
            held.add(
                new Held(
                    node.at("/metadata/name").asText(),
                    uid(node),
                    new NodeSlot(place.path("slot").asInt(), place.path("epoch").asInt())));
          }
        }
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
      return held;
    }

    @Override
    public int boughtEver() {
      world.time().runUntilIdle();
      return assigned.get();
    }

    @Override
    public void vanish(String name) {
      world.send(KubeRequest.delete("/api/v1/nodes/" + name).build());
    }

    @Override
    public boolean spoil(PurchaseFault fault) {
      return faults.spoil(fault);
    }

    @Override
    public void heal() {
      faults.heal();
    }

    @Override
    public boolean occupy(String name) {
      return false;
    }

    @Override
    public String leaveNode(String ownerUid) {
      return "";
    }

    @Override
    public void close() {
      watch.stop();
    }
  }
}

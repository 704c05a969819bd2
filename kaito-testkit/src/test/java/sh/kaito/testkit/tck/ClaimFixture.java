package sh.kaito.testkit.tck;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.provision.NodeProvisioner;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.testkit.RequestMatch;
import sh.kaito.testkit.SimulatedCluster;

/** Provisioners that buy by claims, which the simulated nodes fulfil. */
class ClaimFixture implements ProvisionerFixture {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Supplier<NodeProvisioner> provisioner;
  private final boolean machines;

  private ClaimFixture(Supplier<NodeProvisioner> provisioner, boolean machines) {
    this.provisioner = provisioner;
    this.machines = machines;
  }

  static ClaimFixture nodeClaims(Supplier<NodeProvisioner> provisioner) {
    return new ClaimFixture(provisioner, false);
  }

  static ClaimFixture machines(Supplier<NodeProvisioner> provisioner) {
    return new ClaimFixture(provisioner, true);
  }

  @Override
  public void cluster(SimulatedCluster.Builder settings) {
    if (machines) {
      settings.machines();
    }
  }

  @Override
  public NodeProvisioner provisioner(TckWorld world, TckCloud cloud) {
    return provisioner.get();
  }

  @Override
  public TckCloud cloud(TckWorld world) {
    return new Cloud(
        world,
        machines ? "/apis/karpenter.sh/v1alpha5/machines" : "/apis/karpenter.sh/v1/nodeclaims",
        machines ? "machines.karpenter.sh" : "nodeclaims.karpenter.sh");
  }

  private static JsonNode read(KubeResponse response) {
    try {
      return JSON.readTree(response.bodyText());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(response.bodyText(), e);
    }
  }

  private final class Cloud implements TckCloud {
    private final TckWorld world;
    private final String claims;
    private final KubePurchaseFaults faults;

    private Cloud(TckWorld world, String claims, String resource) {
      this.world = world;
      this.claims = claims;
      this.faults =
          new KubePurchaseFaults(
              world.cluster().server().faults(),
              RequestMatch.builder().addVerbs("create").resource(resource).build());
    }

    @Override
    public List<Held> held() {
      List<Held> held = new ArrayList<>();
      for (JsonNode claim : read(world.send(KubeRequest.get(claims).build())).path("items")) {
        JsonNode labels = claim.at("/metadata/labels");
        held.add(
            new Held(
                claim.at("/metadata/name").asText(),
                labels.path("java.kaito.sh/owner-uid").asText(),
                new NodeSlot(
                    labels.path("java.kaito.sh/slot").asInt(),
                    labels.path("java.kaito.sh/epoch").asInt())));
      }
      return held;
    }

    @Override
    public int boughtEver() {
      return world.cluster().nodes().bill().bought();
    }

    @Override
    public void vanish(String name) {
      world.send(KubeRequest.delete(claims + "/" + name).build());
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
      String kind = machines ? "Machine" : "NodeClaim";
      String version = machines ? "karpenter.sh/v1alpha5" : "karpenter.sh/v1";
      KubeResponse made =
          world.send(
              KubeRequest.post(
                      claims,
                      """
                      {"apiVersion": "%s", "kind": "%s", "metadata": {"name": "%s"},
                       "spec": {"requirements": [],
                                "nodeClassRef": {"group": "example.com", "kind": "K", "name": "n"}}}
                      """
                          .formatted(version, kind, name)
                          .getBytes(UTF_8))
                  .build());
      if (!made.isSuccess()) {
        throw new IllegalStateException(made.bodyText());
      }
      return true;
    }

    @Override
    public String leaveNode(String ownerUid) {
      String name = "left-over";
      KubeResponse made =
          world.send(
              KubeRequest.post(
                      "/api/v1/nodes",
                      """
                      {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "%s",
                       "labels": {"java.kaito.sh/owner-uid": "%s"}}}
                      """
                          .formatted(name, ownerUid)
                          .getBytes(UTF_8))
                  .build());
      if (!made.isSuccess()) {
        throw new IllegalStateException(made.bodyText());
      }
      return name;
    }

    @Override
    public void close() {}
  }
}

package sh.kaito.core.provision;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import sh.kaito.api.provision.NodeNames;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSetSpec;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.api.provision.NodeView;

/** Values that the tests of claims begin with. */
final class Given {
  static final Instant T0 = Instant.parse("2026-11-22T12:00:00Z");
  static final NodeSetKey KEY = new NodeSetKey("default", "phi", "uid-1", NodeSetKey.WORKERS);
  static final NodeSlot SLOT = new NodeSlot(0, 1);
  static final String NAME = NodeNames.of("default", KEY, SLOT);

  private Given() {}

  static Instant minutes(int minutes) {
    return T0.plusSeconds(60L * minutes);
  }

  static NodeSetSpec.Builder spec() {
    return NodeSetSpec.builder()
        .key(KEY)
        .addSlots(SLOT)
        .instanceType("Standard_NC6s_v3")
        .gpusPerNode(1)
        .storage("50Gi")
        .purchaseAllowed(true);
  }

  static ClaimInfo.Stage reached(int minute) {
    return new ClaimInfo.Stage(true, "", "", Optional.of(minutes(minute)));
  }

  static ClaimInfo.Stage open(String reason, String message) {
    return new ClaimInfo.Stage(false, reason, message, Optional.of(T0));
  }

  /** A claim that was made at {@link #T0}. */
  static ClaimInfo claim(String nodeName, ClaimInfo.Stage launched, ClaimInfo.Stage registered) {
    return new ClaimInfo(
        NAME,
        "claim-uid",
        "7",
        KEY,
        SLOT,
        "",
        T0,
        "Standard_NC6s_v3",
        false,
        nodeName,
        launched,
        registered,
        ClaimInfo.Stage.ABSENT);
  }

  static NodeView.NodeInfo.Builder node(String name) {
    return NodeView.NodeInfo.builder()
        .name(name)
        .uid("node-uid-" + name)
        .providerId("azure:///" + name)
        .isReady(true)
        .isDeleting(false);
  }

  static NodeView nodes(NodeView.NodeInfo... nodes) {
    return new NodeView() {
      @Override
      public boolean isSynced() {
        return true;
      }

      @Override
      public Optional<NodeInfo> byName(String name) {
        return all().stream().filter(node -> node.name().equals(name)).findFirst();
      }

      @Override
      public Collection<NodeInfo> byLabel(String key, String value) {
        return all().stream().filter(node -> value.equals(node.labels().get(key))).toList();
      }

      @Override
      public Collection<NodeInfo> all() {
        return List.of(nodes);
      }

      @Override
      public void onChange(Consumer<NodeInfo> listener) {}
    };
  }

  /** A cache of claims that is up to date. */
  static final class Cache implements ClaimProvisioner.Claims {
    final List<ClaimInfo> claims = new ArrayList<>();

    @Override
    public Optional<ClaimInfo> find(NodeSetKey key, String name) {
      return claims.stream()
          .filter(claim -> claim.key().equals(key) && claim.name().equals(name))
          .findFirst();
    }

    @Override
    public Collection<ClaimInfo> of(NodeSetKey key) {
      return claims.stream().filter(claim -> claim.key().equals(key)).toList();
    }

    @Override
    public String name(NodeSetKey key, NodeSlot slot) {
      return NodeNames.of("default", key, slot);
    }

    @Override
    public boolean isBehind(String resourceVersion) {
      return false;
    }
  }
}

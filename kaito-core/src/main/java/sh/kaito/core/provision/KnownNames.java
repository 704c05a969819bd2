package sh.kaito.core.provision;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import sh.kaito.api.provision.NodeNames;
import sh.kaito.api.provision.NodeSetKey;
import sh.kaito.api.provision.NodeSlot;

/**
 * Names of claims that were worked out already. Each look at a set needs them several times, and a
 * name is a SHA-256, which costs more than the rest of the look. Of one installation. Thread-safe.
 */
final class KnownNames {
  private final Map<NodeSetKey, Map<NodeSlot, String>> names = new ConcurrentHashMap<>();

  String of(String installation, NodeSetKey key, NodeSlot slot) {
    return names
        .computeIfAbsent(key, k -> new ConcurrentHashMap<>(2))
        .computeIfAbsent(slot, s -> NodeNames.of(installation, key, s));
  }

  /** As {@link #of}; what is not known yet is not kept either. */
  String once(String installation, NodeSetKey key, NodeSlot slot) {
    String known = names.getOrDefault(key, Map.of()).get(slot);
    return known != null ? known : NodeNames.of(installation, key, slot);
  }

  /** The set will not be asked for again. */
  void forget(NodeSetKey key) {
    names.remove(key);
  }
}

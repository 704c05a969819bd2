package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.Map;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;

/** Nodes: a kubelet registers one with its status, which is kept. */
final class NodeStrategy extends Strategy {

  @Override
  public void prepareForCreate(ResourceType type, Map<String, Object> object) {
    // Unlike that of other types the status of a new Node is its client's to say.
  }
}

package sh.kaito.core.provision;

import static sh.kaito.core.internal.json.Trees.array;
import static sh.kaito.core.internal.json.Trees.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import sh.kaito.api.provision.NodeConstraints;

/** Parts of a claim's specification. */
final class Requirements {
  private Requirements() {}

  static ObjectNode in(String key, String value) {
    return object("key", key, "operator", "In", "values", array(value));
  }

  static ObjectNode taint(NodeConstraints.Taint taint) {
    return object("key", taint.key(), "value", taint.value(), "effect", taint.effect());
  }
}

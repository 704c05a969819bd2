package sh.kaito.testkit.internal.sim.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.sim.Kind;

/** One API in which machines are asked for. What becomes of a machine is the same in all. */
interface ClaimDialect {

  /** The kind of the claims. */
  Kind kind();

  /**
   * What a claim's status should say now.
   *
   * @param node its Node object, null while there is none
   */
  ObjectNode status(
      JsonNode claim, Machine machine, @Nullable JsonNode node, String nodeName, Instant now);

  /** When the machine was launched, as the status says; null when it was not. */
  @Nullable Instant launchedAt(JsonNode claim);

  /** Whether the status says that the node is complete. */
  boolean isInitialized(JsonNode claim);
}

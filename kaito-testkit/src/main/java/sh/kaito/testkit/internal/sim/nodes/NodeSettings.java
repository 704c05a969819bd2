package sh.kaito.testkit.internal.sim.nodes;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import sh.kaito.testkit.ClaimBehavior;
import sh.kaito.testkit.ClaimView;
import sh.kaito.testkit.NodeShape;

/**
 * The options of the node simulator.
 *
 * @param behavior decides on each claim when it is first seen
 * @param shape what an instance type offers; empty: nobody sells it
 * @param heartbeat period of node heartbeats; zero: none
 * @param machines whether Machines are served instead of NodeClaims
 */
public record NodeSettings(
    Delays delays,
    Function<ClaimView, ClaimBehavior> behavior,
    Function<String, Optional<NodeShape>> shape,
    Duration heartbeat,
    boolean machines) {

  /**
   * How long each stage takes.
   *
   * @param launch from claim to machine
   * @param register from machine to Node object
   * @param ready from Node object to Ready
   * @param gpu from Ready to allocatable GPUs
   * @param terminate from deletion to the machine's end
   * @param collect from a machine that vanished to the deletion of its claim
   */
  public record Delays(
      Duration launch,
      Duration register,
      Duration ready,
      Duration gpu,
      Duration terminate,
      Duration collect) {}
}

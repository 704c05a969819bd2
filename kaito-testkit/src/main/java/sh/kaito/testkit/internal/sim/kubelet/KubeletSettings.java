package sh.kaito.testkit.internal.sim.kubelet;

import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import sh.kaito.testkit.PodBehavior;
import sh.kaito.testkit.PodNetwork;
import sh.kaito.testkit.PodView;
import sh.kaito.testkit.internal.registry.RegistryConnection;

/**
 * The options of the kubelet simulator.
 *
 * @param pull time to pull an image
 * @param weights from the start of a model server's container until it listens
 * @param work how long the work of a Job's pod takes
 * @param stop from the deletion of a pod to its end
 * @param network where what listens in pods is registered
 * @param sockets whether model servers listen on 127.0.0.1; else they are called in process
 * @param everyNode whether pods on nodes without the mark of the simulation are played too
 * @param registries what is pushed to and pulled from, by the host that images name
 * @param controllers whether pods of lost nodes are cleaned up, as a controller manager does
 */
public record KubeletSettings(
    Duration pull,
    Duration weights,
    Duration work,
    Duration stop,
    Function<PodView, PodBehavior> behavior,
    PodNetwork network,
    boolean sockets,
    boolean everyNode,
    Map<String, RegistryConnection> registries,
    boolean controllers) {
  public KubeletSettings {
    registries = Map.copyOf(registries);
  }
}

package sh.kaito.testkit;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pod network of a simulated cluster: which process answers at a pod's address. Simulated pods
 * carry addresses such as {@code 10.244.0.7} that no machine routes; whoever plays the kubelet
 * registers here what listens there, and the embedded API server's {@code pods/proxy} and {@code
 * services/proxy} look it up.
 *
 * <pre>{@code
 * network.register("10.244.0.7", 5000, PodNetwork.loopback(server.port()));
 * network.lookup("10.244.0.7", 5000); // where to send a request for that pod's port 5000
 * network.unregister("10.244.0.7"); // the pod is gone
 * }</pre>
 *
 * <p>Thread-safe. It owns nothing: closing what it points at is the registrant's business.
 */
public final class PodNetwork {

  /** What answers at one port of one pod. */
  public sealed interface Target {}

  /**
   * A process that listens on this machine.
   *
   * @param port TCP port on 127.0.0.1 that speaks HTTP/1.1
   */
  public record Loopback(int port) implements Target {
    public Loopback {
      if (port < 1 || port > 65535) {
        throw new IllegalArgumentException("a TCP port is 1 to 65535, found " + port);
      }
    }
  }

  /**
   * A function called in process.
   *
   * @param handler answers without a socket
   */
  public record InProcess(PodHandler handler) implements Target {}

  private final Map<String, Map<Integer, Target>> targets = new ConcurrentHashMap<>();

  /** A target that listens on 127.0.0.1. */
  public static Target loopback(int port) {
    return new Loopback(port);
  }

  /** A target that is called in process. */
  public static Target inProcess(PodHandler handler) {
    return new InProcess(handler);
  }

  /**
   * Says what answers at a pod's port; replaces what was said before.
   *
   * @param podIp as in the pod's {@code status.podIP}
   * @param containerPort the port inside the pod, such as 5000
   */
  public void register(String podIp, int containerPort, Target target) {
    targets.compute(
        podIp,
        (ip, ports) -> {
          Map<Integer, Target> result = ports == null ? new ConcurrentHashMap<>() : ports;
          result.put(containerPort, target);
          return result;
        });
  }

  /** Forgets all ports of a pod; later requests to it find nobody. Idempotent. */
  public void unregister(String podIp) {
    targets.remove(podIp);
  }

  /** What answers at a pod's port; empty is a refused connection. */
  public Optional<Target> lookup(String podIp, int containerPort) {
    Map<Integer, Target> ports = targets.get(podIp);
    return ports == null ? Optional.empty() : Optional.ofNullable(ports.get(containerPort));
  }

  /** How many pods have something listening. */
  public int size() {
    return targets.size();
  }
}

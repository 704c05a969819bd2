package sh.kaito.testkit.internal.sim.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.PodHandler;
import sh.kaito.testkit.StubModel;
import sh.kaito.testkit.internal.sim.Objects;

/** What listens in pods: the model servers of the simulation, at the addresses of their pods. */
final class PodServers {
  /** Where Kaito's servers listen. */
  private static final int MODEL_PORT = 5000;

  private static final String INDEX = "apps.kubernetes.io/pod-index";
  private static final String REVISION = "controller-revision-hash";

  private final KubeletSettings settings;
  private final Function<String, @Nullable PodRun> pods;

  /** Open ones, for an end that does not wait for the strand. */
  private final Set<Listening> listeners = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  /**
   * Nobody listens yet.
   *
   * @param pods running pods by namespace and name
   */
  PodServers(KubeletSettings settings, Function<String, @Nullable PodRun> pods) {
    this.settings = settings;
    this.pods = pods;
  }

  /**
   * Whether a member of a torchrun group has the others: all of them run, from one template. A new
   * member does not find its place among old ones.
   */
  boolean isGroupComplete(PodRun run, Container container) {
    if (!String.join(" ", ContainerPrograms.words(container.spec)).contains("torchrun")) {
      return true;
    }
    String index = Objects.labels(run.pod).getOrDefault(INDEX, "");
    String members = ContainerPrograms.option(ContainerPrograms.words(container.spec), "nnodes");
    if (index.isEmpty() || !members.matches("\\d{1,4}")) {
      return true;
    }
    String set = run.key.substring(0, run.key.length() - index.length());
    for (int i = 0; i < Integer.parseInt(members); i++) {
      PodRun member = pods.apply(set + i);
      if (member == null
          || member.stopped
          || member.deletionSeen != null
          || !member.main.get(0).isRunning()
          || !revision(member).equals(revision(run))) {
        return false;
      }
    }
    return true;
  }

  private static String revision(PodRun run) {
    return Objects.labels(run.pod).getOrDefault(REVISION, "");
  }

  /** The container whose program answers for the pod: the model's, else the first. */
  private static Container listener(PodRun run) {
    for (Container container : run.main) {
      if (ContainerPrograms.model(run.pod, container.spec).isPresent()) {
        return container;
      }
    }
    return run.main.get(0);
  }

  private static PodHandler handler(PodRun run, Container container) {
    Optional<StubModel> model = ContainerPrograms.model(run.pod, container.spec);
    if (model.isEmpty()) {
      return ContainerPrograms.other(container.spec);
    }
    List<String> adapters =
        model.get().adapters().stream().filter(name -> isThere(run, container, name)).toList();
    StubModel served = model.get().withAdapters(adapters);
    return run.healthy ? served : served.unhealthy();
  }

  /** Where an image was really unpacked, the server finds what was in it. */
  private static boolean isThere(PodRun run, Container container, String adapter) {
    String directory = "/mnt/adapter/" + adapter;
    return !run.filled.contains(directory)
        || run.files.read(container.spec, directory + "/adapter_config.json").isPresent();
  }

  /** Has a container listen, if it is the one that answers for its pod. */
  void listen(PodRun run, Container container) {
    if (container != listener(run) || run.listening != null) {
      return;
    }
    boolean model = ContainerPrograms.model(run.pod, container.spec).isPresent();
    Listening listening = Listening.start(handler(run, container), settings.sockets());
    listeners.add(listening);
    if (closed) {
      listening.close();
      return;
    }
    run.listening = listening;
    Set<Integer> ports = new LinkedHashSet<>();
    for (Container other : run.main) {
      for (JsonNode port : other.spec.path("ports")) {
        if (port.path("protocol").asText("TCP").equals("TCP")) {
          ports.add(port.path("containerPort").asInt());
        }
      }
    }
    if (model) {
      ports.add(MODEL_PORT);
    }
    for (int port : ports) {
      settings.network().register(run.podIp, port, listening.target());
    }
  }

  /** The server of a pod turns sick or well. */
  void healthChanged(PodRun run) {
    if (run.listening != null) {
      run.listening.become(handler(run, listener(run)));
    }
  }

  void stop(PodRun run) {
    if (run.listening != null) {
      settings.network().unregister(run.podIp);
      listeners.remove(run.listening);
      run.listening.close();
      run.listening = null;
    }
  }

  /** Stops what listens in all pods, on the caller's thread. */
  void close() {
    closed = true;
    for (Listening listening : listeners) {
      listening.close();
    }
  }
}

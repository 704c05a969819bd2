package sh.kaito.samples.rack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.provision.NodeSlot;
import sh.kaito.testkit.tck.PurchaseFault;
import sh.kaito.testkit.tck.TckCloud;
import sh.kaito.testkit.tck.TckWorld;

/** A rack of eight machines in memory, whose machines become Nodes; with faults on request. */
final class SimulatedRack implements Rack, TckCloud {
  private static final int MACHINES = 8;

  private final TckWorld world;
  private final Map<String, Reservation> reservations = new TreeMap<>();
  private final Set<String> joined = new HashSet<>();
  private Optional<PurchaseFault> fault = Optional.empty();
  private int purchasesSinceFault;
  private int bought;

  SimulatedRack(TckWorld world) {
    this.world = world;
  }

  @Override
  public CompletionStage<List<Reservation>> list() {
    return CompletableFuture.completedFuture(List.copyOf(reservations.values()));
  }

  @Override
  public CompletionStage<Answer> reserve(Reservation wanted) {
    purchasesSinceFault++;
    boolean first = purchasesSinceFault == 1;
    PurchaseFault now = fault.orElse(null);
    if (now == PurchaseFault.THROTTLED) {
      return CompletableFuture.completedFuture(new Answer.Busy(PurchaseFault.RETRY_AFTER));
    }
    if (now == PurchaseFault.SECOND_REFUSED && !first) {
      return CompletableFuture.completedFuture(new Answer.Full());
    }
    if (now == PurchaseFault.LOST && first) {
      return CompletableFuture.failedFuture(new IOException("connection reset"));
    }
    if (now == PurchaseFault.ANSWER_LOST && first) {
      switchOn(wanted);
      return CompletableFuture.failedFuture(new IOException("connection reset"));
    }
    if (now == PurchaseFault.LATE_EFFECT && first) {
      var unused = world.time().schedule(PurchaseFault.LATE, () -> switchOn(wanted));
      return CompletableFuture.failedFuture(new IOException("connection reset"));
    }
    Answer answer = switchOn(wanted);
    if (now == PurchaseFault.SLOW_ANSWER && first) {
      CompletableFuture<Answer> later = new CompletableFuture<>();
      var unused = world.time().schedule(PurchaseFault.LATE, () -> later.complete(answer));
      return later;
    }
    return CompletableFuture.completedFuture(answer);
  }

  private Answer switchOn(Reservation wanted) {
    Reservation there = reservations.get(wanted.name());
    if (there != null) {
      return new Answer.Reserved(there);
    }
    if (reservations.size() == MACHINES) {
      return new Answer.Full();
    }
    reservations.put(wanted.name(), wanted);
    bought++;
    var unused = world.time().schedule(TckWorld.MACHINE_DELAY, () -> join(wanted));
    return new Answer.Reserved(wanted);
  }

  private static String node(String name) {
    return "rack-" + name;
  }

  private void join(Reservation reservation) {
    if (!reservations.containsValue(reservation) || !joined.add(reservation.name())) {
      return;
    }
    String labels =
        reservation.labels().entrySet().stream()
            .map(label -> "\"" + label.getKey() + "\": \"" + label.getValue() + "\"")
            .collect(Collectors.joining(", "));
    String name = node(reservation.name());
    var unused =
        world
            .cluster()
            .transport()
            .exchange(
                KubeRequest.post(
                        "/api/v1/nodes",
                        """
                        {"apiVersion": "v1", "kind": "Node",
                         "metadata": {"name": "%s", "labels": {%s}}}
                        """
                            .formatted(name, labels)
                            .getBytes(UTF_8))
                    .build())
            .thenCompose(
                made ->
                    world
                        .cluster()
                        .transport()
                        .exchange(
                            KubeRequest.patch(
                                    "/api/v1/nodes/" + name + "/status",
                                    PatchType.MERGE,
                                    """
                                    {"status": {"allocatable": {"nvidia.com/gpu": "8"},
                                      "conditions": [{"type": "Ready", "status": "True"}]}}
                                    """
                                        .getBytes(UTF_8))
                                .build()));
  }

  @Override
  public CompletionStage<Boolean> free(String name) {
    if (!reservations.containsKey(name)) {
      return CompletableFuture.completedFuture(false);
    }
    var unused = world.time().schedule(Duration.ofSeconds(20), () -> switchOff(name));
    return CompletableFuture.completedFuture(true);
  }

  private void switchOff(String name) {
    reservations.remove(name);
    if (joined.remove(name)) {
      var unused =
          world
              .cluster()
              .transport()
              .exchange(KubeRequest.delete("/api/v1/nodes/" + node(name)).build());
    }
  }

  @Override
  public List<Held> held() {
    List<Held> held = new ArrayList<>();
    reservations
        .values()
        .forEach(
            one ->
                held.add(
                    new Held(
                        one.name(),
                        one.labels().getOrDefault(RackProvisioner.OWNER, ""),
                        new NodeSlot(
                            Integer.parseInt(one.labels().getOrDefault(RackProvisioner.SLOT, "0")),
                            Integer.parseInt(
                                one.labels().getOrDefault(RackProvisioner.EPOCH, "0"))))));
    return held;
  }

  @Override
  public int boughtEver() {
    return bought;
  }

  @Override
  public void vanish(String name) {
    switchOff(name);
  }

  @Override
  public boolean spoil(PurchaseFault what) {
    fault = Optional.of(what);
    purchasesSinceFault = 0;
    return true;
  }

  @Override
  public void heal() {
    fault = Optional.empty();
  }

  @Override
  public boolean occupy(String name) {
    reservations.put(name, new Reservation(name, Map.of("who", "somebody else")));
    return true;
  }

  @Override
  public String leaveNode(String ownerUid) {
    String name = "left-over";
    world.send(
        KubeRequest.post(
                "/api/v1/nodes",
                """
                {"apiVersion": "v1", "kind": "Node",
                 "metadata": {"name": "%s", "labels": {"%s": "%s"}}}
                """
                    .formatted(name, RackProvisioner.OWNER, ownerUid)
                    .getBytes(UTF_8))
            .build());
    return name;
  }

  @Override
  public void close() {}
}

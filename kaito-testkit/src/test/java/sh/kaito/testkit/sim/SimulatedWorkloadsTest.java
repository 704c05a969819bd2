package sh.kaito.testkit.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static sh.kaito.testkit.sim.SimWorld.CLAIMS;
import static sh.kaito.testkit.sim.SimWorld.DEPLOYMENTS;
import static sh.kaito.testkit.sim.SimWorld.NODES;
import static sh.kaito.testkit.sim.SimWorld.PODS;
import static sh.kaito.testkit.sim.SimWorld.REPLICA_SETS;
import static sh.kaito.testkit.sim.SimWorld.SETS;
import static sh.kaito.testkit.sim.SimWorld.claim;
import static sh.kaito.testkit.sim.SimWorld.condition;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;

class SimulatedWorkloadsTest {
  private static final Duration PULL = Duration.ofMinutes(2);
  private static final Duration WEIGHTS = Duration.ofMinutes(3);

  private static SimWorld world() {
    return SimWorld.of(
        nodes -> nodes, workloads -> workloads.pullDelay(PULL).weightsDelay(WEIGHTS));
  }

  private static SimWorld withNodes(int count) {
    SimWorld world = world();
    for (int i = 0; i < count; i++) {
      world.create(CLAIMS, claim("c" + i, "Standard_NC6s_v3"));
    }
    world.settle();
    assertThat(world.list(NODES)).hasSize(count);
    return world;
  }

  private static JsonNode onlyPod(SimWorld world) {
    List<JsonNode> pods = world.list(PODS);
    assertThat(pods).hasSize(1);
    return pods.get(0);
  }

  @Test
  void deploymentBecomesReadyWhenItsModelAnswers() {
    try (SimWorld world = withNodes(1)) {
      world.create(DEPLOYMENTS, SimWorld.deployment(1));
      world.settle();
      JsonNode pod = onlyPod(world);
      JsonNode set = world.list(REPLICA_SETS).get(0);
      assertThat(pod.at("/metadata/name").asText())
          .matches("w-[a-z0-9]{8,10}-[a-z0-9]{5}")
          .startsWith(set.at("/metadata/name").asText());
      assertThat(pod.at("/metadata/labels/pod-template-hash"))
          .isEqualTo(set.at("/metadata/labels/pod-template-hash"));
      assertThat(pod.at("/spec/nodeName").asText()).isEqualTo("aks-c0-12345678-vmss000000");
      assertThat(condition(pod, "PodScheduled")).isEqualTo("True");
      assertThat(pod.at("/status/phase").asText()).isEqualTo("Pending");
      assertThat(pod.at("/status/containerStatuses/0/state/waiting/reason").asText())
          .isEqualTo("ContainerCreating");
      assertThat(pod.at("/status/podIP").asText()).startsWith("10.244.");

      world.advance(PULL);
      pod = onlyPod(world);
      assertThat(pod.at("/status/phase").asText()).isEqualTo("Running");
      assertThat(condition(pod, "Ready")).isEqualTo("False ContainersNotReady");
      JsonNode deployment = world.get(DEPLOYMENTS + "/w");
      assertThat(condition(deployment, "Progressing")).isEqualTo("True ReplicaSetUpdated");
      assertThat(deployment.at("/status/unavailableReplicas").asInt()).isEqualTo(1);

      // The first probe is after 30 s, then every 10 s; the weights are there after 3 minutes.
      world.advance(WEIGHTS.minusSeconds(1));
      assertThat(condition(onlyPod(world), "Ready")).isEqualTo("False ContainersNotReady");
      world.advance(Duration.ofSeconds(1));
      assertThat(condition(onlyPod(world), "Ready")).isEqualTo("True");
      deployment = world.get(DEPLOYMENTS + "/w");
      assertThat(deployment.at("/status/readyReplicas").asInt()).isEqualTo(1);
      assertThat(deployment.at("/status/availableReplicas").asInt()).isEqualTo(1);
      assertThat(deployment.at("/status/observedGeneration").asInt()).isEqualTo(1);
      assertThat(condition(deployment, "Available")).isEqualTo("True MinimumReplicasAvailable");
      assertThat(condition(deployment, "Progressing")).isEqualTo("True NewReplicaSetAvailable");
      assertThat(deployment.at("/metadata/annotations/deployment.kubernetes.io~1revision").asText())
          .isEqualTo("1");
    }
  }

  @Test
  void modelAnswersThroughTheServiceProxy() {
    try (SimWorld world = withNodes(1)) {
      world.create(DEPLOYMENTS, SimWorld.deployment(1));
      world.create(
          "/api/v1/namespaces/default/services",
          """
          apiVersion: v1
          kind: Service
          metadata: {name: w}
          spec:
            selector: {kaito.sh/workspace: w}
            ports:
            - {name: http, port: 80, targetPort: 5000}
            - {name: torch, port: 29500, targetPort: 29500}
          """);
      world.advance(Duration.ofMinutes(10));
      KubeResponse answer =
          world.send(
              KubeRequest.post(
                      "/api/v1/namespaces/default/services/w:80/proxy/chat",
                      "{\"prompt\":\"What is Kaito?\"}".getBytes(UTF_8))
                  .build());
      assertThat(answer.bodyText())
          .isEqualTo(
              "{\"Result\":\"What is Kaito?\\n"
                  + "[simulated phi-3-mini-4k-instruct] You asked: What is Kaito?\"}");
    }
  }

  @Test
  void statefulSetNamesItsPodsByOrdinal() {
    try (SimWorld world = withNodes(2)) {
      world.create(SETS, SimWorld.statefulSet(2));
      world.advance(Duration.ofMinutes(10));
      List<JsonNode> pods = world.list(PODS);
      assertThat(pods)
          .extracting(p -> p.at("/metadata/name").asText())
          .containsExactly("w-0", "w-1");
      JsonNode second = pods.get(1);
      assertThat(second.at("/metadata/labels/apps.kubernetes.io~1pod-index").asText())
          .isEqualTo("1");
      assertThat(second.at("/metadata/labels/statefulset.kubernetes.io~1pod-name").asText())
          .isEqualTo("w-1");
      assertThat(second.at("/spec/hostname").asText()).isEqualTo("w-1");
      assertThat(second.at("/spec/subdomain").asText()).isEqualTo("w-headless");
      assertThat(pods)
          .as("one GPU a node, so one pod a node")
          .extracting(p -> p.at("/spec/nodeName").asText())
          .doesNotHaveDuplicates();
      JsonNode status = world.get(SETS + "/w").path("status");
      assertThat(status.path("readyReplicas").asInt()).isEqualTo(2);
      assertThat(status.path("availableReplicas").asInt()).isEqualTo(2);
      assertThat(status.path("currentRevision").asText())
          .isNotEmpty()
          .isEqualTo(status.path("updateRevision").asText())
          .isEqualTo(second.at("/metadata/labels/controller-revision-hash").asText());
    }
  }

  @Test
  void podWithoutFittingNodeSaysWhyAndRunsOnceThereIsOne() {
    try (SimWorld world = withNodes(1)) {
      world.create(SETS, SimWorld.statefulSet(2));
      world.settle();
      JsonNode waiting = world.get(PODS + "/w-1");
      assertThat(condition(waiting, "PodScheduled")).isEqualTo("False Unschedulable");
      assertThat(SimWorld.message(waiting, "PodScheduled"))
          .startsWith("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.");

      world.create(CLAIMS, claim("other", "Standard_NC6s_v3").replace("phi-3", "falcon"));
      world.settle();
      assertThat(world.get(PODS + "/w-1").at("/spec/nodeName").isMissingNode())
          .as("the new node has other labels")
          .isTrue();

      world.create(CLAIMS, claim("c9", "Standard_NC6s_v3"));
      world.settle();
      assertThat(world.get(PODS + "/w-1").at("/spec/nodeName").asText())
          .isEqualTo("aks-c9-12345678-vmss000000");
      assertThat(condition(world.get(PODS + "/w-1"), "PodScheduled")).isEqualTo("True");
    }
  }

  @Test
  void taintsKeepPodsAway() {
    try (SimWorld world = withNodes(1)) {
      world.create(
          DEPLOYMENTS, SimWorld.deployment(1).replace("value: gpu, effect", "value: cpu, effect"));
      world.settle();
      assertThat(SimWorld.message(onlyPod(world), "PodScheduled"))
          .contains("untolerated taint {sku: gpu}");
    }
  }

  @Test
  void freedGpuGoesToThePodThatWaits() {
    try (SimWorld world = withNodes(1)) {
      world.create(SETS, SimWorld.statefulSet(2));
      world.advance(Duration.ofMinutes(10));
      world.merge(SETS + "/w", "{\"spec\":{\"replicas\":3}}");
      world.settle();
      world.delete(PODS + "/w-0");
      world.settle();
      assertThat(world.list(PODS))
          .filteredOn(p -> !p.at("/spec/nodeName").asText("").isEmpty())
          .as("one GPU, one pod on a node")
          .hasSize(1);
    }
  }

  @Test
  void templateChangeRollsWithoutASecondSetOfGpus() {
    try (SimWorld world = withNodes(1)) {
      world.create(DEPLOYMENTS, SimWorld.deployment(1));
      world.advance(Duration.ofMinutes(10));
      String before = onlyPod(world).at("/metadata/name").asText();
      world.merge(
          DEPLOYMENTS + "/w",
          "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"a\":\"b\"}}}}}");
      world.settle();
      assertThat(world.list(PODS))
          .as("maxSurge 0: the old pod goes first")
          .hasSize(1)
          .extracting(p -> p.at("/metadata/name").asText())
          .doesNotContain(before);
      world.advance(Duration.ofMinutes(10));
      assertThat(condition(world.get(DEPLOYMENTS + "/w"), "Progressing"))
          .isEqualTo("True NewReplicaSetAvailable");
      assertThat(world.list(REPLICA_SETS)).hasSize(2);
      assertThat(world.get(DEPLOYMENTS + "/w").at("/status/observedGeneration").asInt())
          .isEqualTo(2);
    }
  }

  @Test
  void statefulSetRollsFromTheHighestOrdinalAndOnDeleteWaits() {
    try (SimWorld world = withNodes(2)) {
      world.create(SETS, SimWorld.statefulSet(2));
      world.advance(Duration.ofMinutes(10));
      String first = world.get(PODS + "/w-0").at("/metadata/uid").asText();
      String second = world.get(PODS + "/w-1").at("/metadata/uid").asText();
      world.merge(
          SETS + "/w", "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"a\":\"b\"}}}}}");
      world.settle();
      assertThat(world.get(PODS + "/w-0").at("/metadata/uid").asText())
          .as("waits for the one above")
          .isEqualTo(first);
      assertThat(world.get(PODS + "/w-1").at("/metadata/uid").asText()).isNotEqualTo(second);
      assertThat(world.get(SETS + "/w").at("/status/currentRevision"))
          .isNotEqualTo(world.get(SETS + "/w").at("/status/updateRevision"));
      world.advance(Duration.ofMinutes(20));
      String updated = world.get(PODS + "/w-0").at("/metadata/uid").asText();
      assertThat(updated).isNotEqualTo(first);
      JsonNode status = world.get(SETS + "/w").path("status");
      assertThat(status.path("currentRevision")).isEqualTo(status.path("updateRevision"));
      assertThat(status.path("updatedReplicas").asInt()).isEqualTo(2);

      world.merge(
          SETS + "/w",
          "{\"spec\":{\"updateStrategy\":{\"type\":\"OnDelete\",\"rollingUpdate\":null},"
              + "\"template\":{\"metadata\":{\"annotations\":{\"a\":\"c\"}}}}}");
      world.advance(Duration.ofMinutes(20));
      assertThat(world.get(PODS + "/w-0").at("/metadata/uid").asText()).isEqualTo(updated);
      world.delete(PODS + "/w-0");
      world.advance(Duration.ofMinutes(20));
      assertThat(world.get(PODS + "/w-0").at("/metadata/annotations/a").asText()).isEqualTo("c");
    }
  }

  @Test
  void initContainersEndOneAfterTheOther() {
    try (SimWorld world = withNodes(1)) {
      String adapters =
          SimWorld.statefulSet(1)
              .replace(
                  "      containers:",
                  "      initContainers:\n"
                      + "      - {name: first, image: a, command: [cp]}\n"
                      + "      - {name: second, image: b, command: [cp]}\n"
                      + "      containers:");
      world.create(SETS, adapters);
      world.settle();
      JsonNode pod = world.get(PODS + "/w-0");
      assertThat(condition(pod, "Initialized")).isEqualTo("False ContainersNotInitialized");
      assertThat(SimWorld.message(pod, "Initialized"))
          .isEqualTo("containers with incomplete status: [first second]");
      assertThat(pod.at("/status/containerStatuses/0/state/waiting/reason").asText())
          .isEqualTo("PodInitializing");
      world.advance(PULL);
      assertThat(SimWorld.message(world.get(PODS + "/w-0"), "Initialized"))
          .isEqualTo("containers with incomplete status: [second]");
      world.advance(PULL);
      pod = world.get(PODS + "/w-0");
      assertThat(condition(pod, "Initialized")).isEqualTo("True");
      assertThat(pod.at("/status/initContainerStatuses/1/state/terminated/reason").asText())
          .isEqualTo("Completed");
      world.advance(Duration.ofMinutes(10));
      assertThat(condition(world.get(PODS + "/w-0"), "Ready")).isEqualTo("True");
    }
  }

  @Test
  void deletionLeavesNothing() {
    try (SimWorld world = withNodes(1)) {
      world.create(DEPLOYMENTS, SimWorld.deployment(1));
      world.advance(Duration.ofMinutes(10));
      assertThat(world.server.podNetwork().size()).isEqualTo(1);
      world.delete(DEPLOYMENTS + "/w");
      world.delete(CLAIMS + "/c0");
      world.advance(Duration.ofMinutes(5));
      assertThat(world.list(DEPLOYMENTS)).isEmpty();
      assertThat(world.list(REPLICA_SETS)).isEmpty();
      assertThat(world.list(PODS)).isEmpty();
      assertThat(world.list(NODES)).isEmpty();
      assertThat(world.server.podNetwork().size()).isZero();
      assertThat(world.nodes.bill().running()).isZero();
    }
  }

  @Test
  void podsOfALostNodeAreReplaced() {
    try (SimWorld world = withNodes(1)) {
      world.create(SETS, SimWorld.statefulSet(1));
      world.advance(Duration.ofMinutes(10));
      String uid = world.get(PODS + "/w-0").at("/metadata/uid").asText();
      world.nodes.vanish("c0");
      world.advance(Duration.ofMinutes(1));
      JsonNode pod = world.get(PODS + "/w-0");
      assertThat(pod.at("/metadata/uid").asText()).isNotEqualTo(uid);
      assertThat(condition(pod, "PodScheduled")).isEqualTo("False Unschedulable");
      assertThat(world.get(SETS + "/w").at("/status/readyReplicas").asInt()).isZero();
      assertThat(world.server.podNetwork().size()).isZero();
    }
  }

  @Test
  void podsOfANodeThatIsNotReadyAreNotReadyAndLaterEvicted() {
    try (SimWorld world = withNodes(1)) {
      world.create(SETS, SimWorld.statefulSet(1));
      world.advance(Duration.ofMinutes(10));
      String uid = world.get(PODS + "/w-0").at("/metadata/uid").asText();
      world.nodes.setReady("c0", false);
      world.settle();
      assertThat(condition(world.get(PODS + "/w-0"), "Ready")).isEqualTo("False NodeNotReady");
      world.nodes.setReady("c0", true);
      world.settle();
      assertThat(condition(world.get(PODS + "/w-0"), "Ready")).isEqualTo("True");
      world.nodes.setReady("c0", false);
      world.advance(Duration.ofMinutes(6));
      assertThat(world.get(PODS + "/w-0").at("/metadata/uid").asText()).isNotEqualTo(uid);
    }
  }

  @Test
  void settledClusterIsQuiet() {
    try (SimWorld world = withNodes(1)) {
      world.create(DEPLOYMENTS, SimWorld.deployment(1));
      world.advance(Duration.ofMinutes(20));
      List<String> before = versions(world);
      world.advance(Duration.ofHours(3));
      assertThat(versions(world)).isEqualTo(before);
    }
  }

  private static List<String> versions(SimWorld world) {
    return List.of(PODS, REPLICA_SETS, DEPLOYMENTS, NODES, CLAIMS).stream()
        .flatMap(path -> world.list(path).stream())
        .map(
            object ->
                object.at("/metadata/name").asText()
                    + " "
                    + object.at("/metadata/resourceVersion").asText())
        .toList();
  }
}

package sh.kaito.testkit.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.SimulatedNodes;
import sh.kaito.testkit.SimulatedWorkloads;
import sh.kaito.testkit.VirtualScheduler;
import sh.kaito.testkit.internal.json.Json;
import sh.kaito.testkit.internal.json.Yaml;

/** A cluster on virtual time: the API server in process, simulated nodes and workloads. */
final class SimWorld implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration PROMPT = Duration.ofSeconds(5);

  static final String CLAIMS = "/apis/karpenter.sh/v1/nodeclaims";
  static final String NODES = "/api/v1/nodes";
  static final String PODS = "/api/v1/namespaces/default/pods";
  static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
  static final String SETS = "/apis/apps/v1/namespaces/default/statefulsets";
  static final String REPLICA_SETS = "/apis/apps/v1/namespaces/default/replicasets";
  static final String JOBS = "/apis/batch/v1/namespaces/default/jobs";

  final VirtualScheduler time;
  final KubeApiServer server;
  final SimulatedNodes nodes;
  final SimulatedWorkloads workloads;

  private SimWorld(
      long seed,
      UnaryOperator<SimulatedNodes.Builder> nodeOptions,
      UnaryOperator<SimulatedWorkloads.Builder> workloadOptions) {
    this.time = VirtualScheduler.seeded(seed);
    this.server = KubeApiServer.inProcess(time);
    try (InputStream crd =
        SimulatedNodes.class.getResourceAsStream("crds/nodeclaims.karpenter.sh.yaml")) {
      if (crd == null) {
        throw new IllegalStateException("the NodeClaim definition is not on the class path");
      }
      create(
          "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
          new String(crd.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.nodes = nodeOptions.apply(SimulatedNodes.builder(server.transport(), time)).start();
    this.workloads =
        workloadOptions
            .apply(
                SimulatedWorkloads.builder(server.transport(), time)
                    .network(server.podNetwork())
                    .sockets(false))
            .start();
    time.advanceUntil(
        "the simulators have listed everything",
        () -> nodes.isSynced() && workloads.isSynced(),
        Duration.ofMinutes(1));
  }

  static SimWorld of(
      UnaryOperator<SimulatedNodes.Builder> nodes,
      UnaryOperator<SimulatedWorkloads.Builder> workloads) {
    return new SimWorld(1, nodes, workloads);
  }

  static SimWorld seeded(
      long seed,
      UnaryOperator<SimulatedNodes.Builder> nodes,
      UnaryOperator<SimulatedWorkloads.Builder> workloads) {
    return new SimWorld(seed, nodes, workloads);
  }

  static SimWorld plain() {
    return of(nodes -> nodes, workloads -> workloads);
  }

  KubeResponse send(KubeRequest request) {
    return time.await(server.transport().exchange(request), PROMPT);
  }

  JsonNode create(String collection, String yaml) {
    KubeResponse response =
        send(KubeRequest.post(collection, Json.write(Yaml.parse(yaml))).build());
    assertThat(response.status())
        .as("creating in %s: %s", collection, response.bodyText())
        .isEqualTo(201);
    return json(response);
  }

  /** The object at a path; a missing node when there is none. */
  JsonNode get(String path) {
    KubeResponse response = send(KubeRequest.get(path).build());
    if (response.status() == 404) {
      return MAPPER.missingNode();
    }
    assertThat(response.status()).as("GET %s: %s", path, response.bodyText()).isEqualTo(200);
    return json(response);
  }

  List<JsonNode> list(String collection) {
    List<JsonNode> items = new ArrayList<>();
    get(collection).path("items").forEach(items::add);
    return items;
  }

  void delete(String path) {
    KubeResponse response = send(KubeRequest.delete(path).build());
    assertThat(response.isSuccess()).as("DELETE %s: %s", path, response.bodyText()).isTrue();
  }

  void merge(String path, String json) {
    KubeResponse response =
        send(
            KubeRequest.patch(path, sh.kaito.api.kube.PatchType.MERGE, json.getBytes(UTF_8))
                .build());
    assertThat(response.isSuccess()).as("PATCH %s: %s", path, response.bodyText()).isTrue();
  }

  private static JsonNode json(KubeResponse response) {
    try {
      return MAPPER.readTree(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Instant now() {
    return time.now();
  }

  void settle() {
    time.runUntilIdle();
  }

  void advance(Duration duration) {
    time.advance(duration);
  }

  /** Status, reason of a condition, such as {@code True} or {@code False Unschedulable}. */
  static String condition(JsonNode object, String type) {
    for (JsonNode condition : object.path("status").path("conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return (condition.path("status").asText() + " " + condition.path("reason").asText(""))
            .strip();
      }
    }
    return "absent";
  }

  static String message(JsonNode object, String type) {
    for (JsonNode condition : object.path("status").path("conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition.path("message").asText("");
      }
    }
    return "";
  }

  static String claim(String name, String instanceType) {
    return """
        apiVersion: karpenter.sh/v1
        kind: NodeClaim
        metadata:
          name: %s
          labels: {apps: phi-3, kaito.sh/workspace: w, karpenter.sh/nodepool: kaito}
        spec:
          expireAfter: Never
          nodeClassRef: {group: kaito.sh, kind: KaitoNodeClass, name: default}
          requirements:
          - {key: node.kubernetes.io/instance-type, operator: In, values: [%s]}
          - {key: kubernetes.io/os, operator: In, values: [linux]}
          resources: {requests: {storage: 50Gi}}
          taints:
          - {key: sku, value: gpu, effect: NoSchedule}
        """
        .formatted(name, instanceType);
  }

  /** A pod template as the library makes it for a preset in the legacy runtime. */
  static String legacyTemplate(String indent) {
    return """
        metadata:
          labels: {kaito.sh/workspace: w}
        spec:
          affinity:
            nodeAffinity:
              requiredDuringSchedulingIgnoredDuringExecution:
                nodeSelectorTerms:
                - matchExpressions:
                  - {key: apps, operator: In, values: [phi-3]}
          tolerations:
          - {key: sku, operator: Equal, value: gpu, effect: NoSchedule}
          containers:
          - name: w
            image: mcr.microsoft.com/aks/kaito/kaito-phi-3-mini-4k-instruct:0.0.2
            command: [accelerate, launch, inference_api.py, --pipeline=text-generation]
            ports: [{containerPort: 5000}]
            readinessProbe:
              httpGet: {path: /healthz, port: 5000}
              initialDelaySeconds: 30
              periodSeconds: 10
            livenessProbe:
              httpGet: {path: /healthz, port: 5000}
              initialDelaySeconds: 600
              periodSeconds: 10
            resources: {limits: {nvidia.com/gpu: "1"}, requests: {nvidia.com/gpu: "1"}}
        """
        .indent(indent.length())
        .stripTrailing();
  }

  static String deployment(int replicas) {
    return """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: w}
        spec:
          replicas: %d
          selector: {matchLabels: {kaito.sh/workspace: w}}
          strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}
          template:
        %s
        """
        .formatted(replicas, legacyTemplate("    "));
  }

  static String statefulSet(int replicas) {
    return """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: w}
        spec:
          replicas: %d
          serviceName: w-headless
          podManagementPolicy: Parallel
          selector: {matchLabels: {kaito.sh/workspace: w}}
          template:
        %s
        """
        .formatted(replicas, legacyTemplate("    "));
  }

  @Override
  public void close() {
    workloads.close();
    nodes.close();
    server.close();
  }
}

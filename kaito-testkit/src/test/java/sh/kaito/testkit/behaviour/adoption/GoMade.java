package sh.kaito.testkit.behaviour.adoption;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.api.model.WorkspaceKey;
import sh.kaito.testkit.behaviour.Story;

/**
 * A Workspace as the Go operator leaves it, made of objects that it was recorded to have made: its
 * own writes, under its own field manager, and nothing of this library's.
 */
public final class GoMade {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the Go operator v0.12.0 writes as in managedFields: the name of its binary. */
  private static final String MANAGER = "?fieldManager=kaito-workspace";

  private final Function<KubeRequest, KubeResponse> cluster;
  private final Consumer<Duration> time;
  private final ObjectNode recorded;
  private final String namespace;
  private String uid = "";
  private boolean waitsForPods = true;

  private GoMade(
      Function<KubeRequest, KubeResponse> cluster,
      String namespace,
      Consumer<Duration> time,
      ObjectNode recorded) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.time = time;
    this.recorded = recorded;
  }

  /**
   * A recorded case, not in the cluster yet.
   *
   * @param name of a file in {@code go-operator/}, such as {@code v0.12.0-phi-4-mini}
   */
  public static GoMade of(
      Function<KubeRequest, KubeResponse> cluster,
      String namespace,
      Consumer<Duration> time,
      String name) {
    try (InputStream stream = GoMade.class.getResourceAsStream("/go-operator/" + name + ".json")) {
      String text =
          new String(Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8)
              .replace("\"NAMESPACE\"", "\"" + namespace + "\"");
      return new GoMade(cluster, namespace, time, (ObjectNode) JSON.readTree(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A recorded case, in the namespace of a story. */
  public static GoMade of(Story story, String name) {
    return of(story::send, story.cluster.namespace(), story.time::advance, name);
  }

  /** With other claims than those that were recorded. */
  GoMade claims(UnaryOperator<ArrayNode> change) {
    recorded.set("claims", change.apply((ArrayNode) recorded.get("claims")));
    return this;
  }

  /** The recorded Machines as the NodeClaims that a later release makes in their place. */
  public GoMade onNodeClaims() {
    return claims(
        machines -> {
          ArrayNode claims = JSON.createArrayNode();
          for (JsonNode machine : machines) {
            ObjectNode claim = machine.deepCopy();
            claim.put("apiVersion", "karpenter.sh/v1").put("kind", "NodeClaim");
            ObjectNode labels = (ObjectNode) claim.path("metadata").path("labels");
            labels.remove("karpenter.sh/provisioner-name");
            labels.put("karpenter.sh/nodepool", "kaito");
            ObjectNode spec = (ObjectNode) claim.get("spec");
            spec.remove("machineTemplateRef");
            ArrayNode requirements = JSON.createArrayNode();
            for (JsonNode requirement : spec.path("requirements")) {
              if (requirement.path("key").asText().startsWith("node.kubernetes.io/")) {
                requirements.add(requirement);
              }
            }
            spec.set("requirements", requirements);
            spec.withObject("/nodeClassRef")
                .put("group", "kaito.sh")
                .put("kind", "KaitoNodeClass")
                .put("name", "default");
            claims.add(claim);
          }
          return claims;
        });
  }

  /** With this number of nodes and pods wanted; the claims are those that were recorded. */
  public GoMade onNodes(int count) {
    workspace().withObject("/resource").put("count", count);
    workload().withObject("/spec").put("replicas", count);
    return this;
  }

  /** Its Workspace, changed before it is made. */
  ObjectNode workspace() {
    return (ObjectNode) recorded.get("workspace");
  }

  /** Its workload, changed before it is made. */
  ObjectNode workload() {
    return (ObjectNode) recorded.get("workload");
  }

  /** Makes the workload without waiting until its pods are ready. */
  public GoMade withoutWaiting() {
    waitsForPods = false;
    return this;
  }

  public WorkspaceKey key() {
    return new WorkspaceKey(namespace, workspace().path("metadata").path("name").asText());
  }

  /** Makes all of it, one after the other, as the Go operator does. */
  public WorkspaceKey make() {
    uid = post(workspace()).path("metadata").path("uid").asText();
    List<String> claims = new ArrayList<>();
    for (JsonNode claim : recorded.get("claims")) {
      post(claim);
      claims.add(path(claim) + "/" + name(claim));
    }
    for (String claim : claims) {
      until("the node of " + claim + " is ready", () -> isReady(get(claim)));
    }
    recorded.get("others").forEach(this::post);
    recorded.get("services").forEach(this::post);
    if (!recorded.get("workload").isNull()) {
      post(recorded.get("workload"));
      if (waitsForPods) {
        until("its pods are ready", () -> podsAreReady(get(workloadPath())));
      }
    }
    tell(claims);
    return key();
  }

  /** One more claim, as the first that was recorded but for its name. */
  public void makeClaim(String name) {
    ObjectNode claim = recorded.get("claims").get(0).deepCopy();
    claim.withObject("/metadata").put("name", name);
    post(claim);
  }

  private void until(String what, BooleanSupplier condition) {
    for (int minute = 0; minute < 60; minute++) {
      if (condition.getAsBoolean()) {
        return;
      }
      time.accept(Duration.ofMinutes(1));
    }
    throw new AssertionError(
        "after an hour it is not so that "
            + what
            + ": "
            + get("/api/v1/namespaces/" + namespace + "/pods").findValues("status"));
  }

  private static boolean isReady(JsonNode claim) {
    for (JsonNode condition : claim.path("status").path("conditions")) {
      if (condition.path("type").asText().equals("Ready")) {
        return condition.path("status").asText().equals("True");
      }
    }
    return false;
  }

  private static boolean podsAreReady(JsonNode workload) {
    int wanted = workload.path("spec").path("replicas").asInt(1);
    return workload.path("kind").asText().equals("Job")
        ? workload.path("status").path("active").asInt() > 0
        : workload.path("status").path("readyReplicas").asInt() >= wanted;
  }

  private void tell(List<String> claims) {
    ObjectNode status = (ObjectNode) workspace().path("status").deepCopy();
    ArrayNode workers = status.putArray("workerNodes");
    Set<String> names = new TreeSet<>();
    claims.forEach(claim -> names.add(get(claim).path("status").path("nodeName").asText()));
    names.forEach(workers::add);
    ObjectNode patch = JSON.createObjectNode();
    patch.set("status", status);
    check(
        cluster.apply(
            KubeRequest.patch(
                    workspacePath() + "/status" + MANAGER,
                    PatchType.MERGE,
                    patch.toString().getBytes(StandardCharsets.UTF_8))
                .build()));
  }

  public String workspacePath() {
    return path(workspace()) + "/" + name(workspace());
  }

  public String workloadPath() {
    return path(workload()) + "/" + name(workload());
  }

  public JsonNode get(String path) {
    return json(cluster.apply(KubeRequest.get(path).build()));
  }

  /** Uids of its pods, each with the number of times that it was started. */
  Set<String> pods() {
    Set<String> pods = new TreeSet<>();
    for (JsonNode pod : get("/api/v1/namespaces/" + namespace + "/pods").path("items")) {
      int restarts = 0;
      for (JsonNode container : pod.path("status").path("containerStatuses")) {
        restarts += container.path("restartCount").asInt();
      }
      pods.add(pod.path("metadata").path("uid").asText() + "/" + restarts);
    }
    return pods;
  }

  /** Names of all claims of the cluster. */
  Set<String> claims() {
    Set<String> names = new TreeSet<>();
    String path = path(recorded.get("claims").get(0));
    get(path).path("items").forEach(claim -> names.add(name(claim)));
    return names;
  }

  private JsonNode post(JsonNode object) {
    ObjectNode body = object.deepCopy();
    body.remove("status");
    for (JsonNode owner : body.path("metadata").path("ownerReferences")) {
      ((ObjectNode) owner).put("uid", uid);
    }
    return json(
        check(
            cluster.apply(
                KubeRequest.post(
                        path(object) + MANAGER, body.toString().getBytes(StandardCharsets.UTF_8))
                    .build())));
  }

  private static KubeResponse check(KubeResponse answer) {
    if (!answer.isSuccess()) {
      throw new AssertionError(answer.status() + ": " + answer.bodyText());
    }
    return answer;
  }

  private static JsonNode json(KubeResponse answer) {
    try {
      return JSON.readTree(answer.bodyText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(JsonNode object) {
    return object.path("metadata").path("name").asText();
  }

  private static String path(JsonNode object) {
    String version = object.path("apiVersion").asText();
    String kind = object.path("kind").asText();
    String space = object.path("metadata").path("namespace").asText();
    return (version.contains("/") ? "/apis/" : "/api/")
        + version
        + (space.isEmpty() ? "" : "/namespaces/" + space)
        + "/"
        + kind.toLowerCase(java.util.Locale.ROOT)
        + "s";
  }
}

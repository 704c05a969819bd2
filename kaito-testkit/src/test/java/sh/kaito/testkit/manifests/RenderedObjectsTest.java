package sh.kaito.testkit.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import sh.kaito.api.kube.KubeRequest;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.PatchType;
import sh.kaito.core.manifest.Manifest;
import sh.kaito.core.manifest.Rendered;
import sh.kaito.testkit.KubeApiServer;
import sh.kaito.testkit.VirtualScheduler;
import sh.kaito.testkit.internal.json.Json;

/**
 * Every object of every preset, runtime and feature is applied to the API server with strict field
 * validation: the server knows every field, keeps every value, adds only what is listed here, and
 * sees no change in the same object applied again.
 */
class RenderedObjectsTest {
  private static final Map<String, String> PLURALS =
      Map.of(
          "ConfigMap", "/api/v1/namespaces/default/configmaps/",
          "Service", "/api/v1/namespaces/default/services/",
          "Deployment", "/apis/apps/v1/namespaces/default/deployments/",
          "StatefulSet", "/apis/apps/v1/namespaces/default/statefulsets/",
          "Job", "/apis/batch/v1/namespaces/default/jobs/");

  /**
   * What the server fills in, by the last name of its path: standard, or the only possible value.
   */
  private static final Set<String> DEFAULTS =
      Set.of(
          "allocateLoadBalancerNodePorts",
          "apiVersion",
          "batch.kubernetes.io/controller-uid",
          "batch.kubernetes.io/job-name",
          "clusterIP",
          "clusterIPs",
          "completionMode",
          "completions",
          "controller-uid",
          "creationTimestamp",
          "defaultMode",
          "dnsPolicy",
          "externalTrafficPolicy",
          "failureThreshold",
          "generation",
          "imagePullPolicy",
          "internalTrafficPolicy",
          "ipFamilies",
          "ipFamilyPolicy",
          "job-name",
          "managedFields",
          "manualSelector",
          "matchLabels",
          "nodePort",
          "parallelism",
          "podReplacementPolicy",
          "progressDeadlineSeconds",
          "requests",
          "resourceVersion",
          "resources",
          "restartPolicy",
          "revisionHistoryLimit",
          "schedulerName",
          "scheme",
          "securityContext",
          "selector",
          "sessionAffinity",
          "status",
          "successThreshold",
          "suspend",
          "terminationGracePeriodSeconds",
          "terminationMessagePath",
          "terminationMessagePolicy",
          "timeoutSeconds",
          "type",
          "uid",
          "updateStrategy",
          "volumeMode");

  private final VirtualScheduler time = VirtualScheduler.seeded(7);

  @Test
  void theServerTakesEveryObjectAsItIs() {
    Map<String, Rendered> all = AllWorkspaces.rendered();
    List<String> problems = new ArrayList<>();
    try (KubeApiServer server = KubeApiServer.inProcess(time)) {
      all.forEach(
          (what, rendered) ->
              rendered.manifests().forEach(manifest -> apply(server, what, manifest, problems)));
    }

    assertThat(all.size()).as("workspaces").isGreaterThan(300);
    assertThat(problems.stream().limit(20).toList()).as("what the API server objects to").isEmpty();
  }

  private void apply(KubeApiServer server, String what, Manifest manifest, List<String> problems) {
    String path = PLURALS.get(manifest.kind()) + manifest.name();
    KubeResponse first = send(server, path, manifest);
    String place = what + ", " + manifest + ": ";
    if (first.status() != 201) {
      problems.add(place + new String(first.body(), StandardCharsets.UTF_8));
      return;
    }
    if (first.header("Warning").isPresent()) {
      problems.add(place + "warned: " + first.header("Warning"));
    }
    Object stored = Json.parse(first.body());
    lost("", Json.parse(manifest.toJson()), stored, place, problems);
    Set<String> added = new TreeSet<>();
    added("", Json.parse(manifest.toJson()), stored, added);
    added.forEach(field -> problems.add(place + "the server adds " + field));
    KubeResponse second = send(server, path, manifest);
    if (second.status() != 200
        || !Json.text(Json.parse(second.body()), "metadata", "resourceVersion")
            .equals(Json.text(stored, "metadata", "resourceVersion"))) {
      problems.add(place + "applied again it is not the same");
    }
  }

  private KubeResponse send(KubeApiServer server, String path, Manifest manifest) {
    KubeResponse answer =
        time.await(
            server
                .transport()
                .exchange(
                    KubeRequest.patch(path, PatchType.APPLY, manifest.toJson())
                        .query("fieldManager", "kaito-java")
                        .query("fieldValidation", "Strict")
                        .build()),
            Duration.ofSeconds(1));
    time.runUntilIdle();
    return answer;
  }

  /** What was sent and did not arrive as it was. */
  private static void lost(
      String path,
      @Nullable Object sent,
      @Nullable Object stored,
      String place,
      List<String> problems) {
    if (sent instanceof Map<?, ?> map && stored instanceof Map<?, ?> there) {
      map.forEach((key, value) -> lost(path + "." + key, value, there.get(key), place, problems));
    } else if (sent instanceof List<?> list
        && stored instanceof List<?> there
        && list.size() == there.size()) {
      for (int i = 0; i < list.size(); i++) {
        lost(path + "[" + i + "]", list.get(i), there.get(i), place, problems);
      }
    } else if (!Json.deepEquals(sent, stored)) {
      problems.add(place + path + " was " + sent + " and is " + stored);
    }
  }

  private static void added(
      String path, @Nullable Object sent, @Nullable Object stored, Set<String> fields) {
    if (stored instanceof Map<?, ?> map) {
      Map<?, ?> wanted = sent instanceof Map<?, ?> ours ? ours : Map.of();
      map.forEach(
          (key, value) -> {
            if (wanted.containsKey(key)) {
              added(path + "." + key, wanted.get(key), value, fields);
            } else if (!DEFAULTS.contains(String.valueOf(key))) {
              fields.add(path + "." + key + " = " + value);
            }
          });
    } else if (stored instanceof List<?> list && sent instanceof List<?> ours) {
      for (int i = 0; i < Math.min(list.size(), ours.size()); i++) {
        added(path + "[]", ours.get(i), list.get(i), fields);
      }
    }
  }
}

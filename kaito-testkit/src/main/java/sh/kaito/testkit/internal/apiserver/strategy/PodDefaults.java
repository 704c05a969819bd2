package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** Defaults of pods and pod templates, as {@code pkg/apis/core/v1/defaults.go} sets them. */
final class PodDefaults {
  private PodDefaults() {}

  /** Defaults that only pods get, not templates. */
  static void pod(Map<String, Object> pod) {
    Map<String, Object> spec = Trees.child(pod, "spec");
    Trees.preset(spec, "enableServiceLinks", true);
    for (String kind : List.of("containers", "initContainers")) {
      for (Object entry : Trees.items(spec, kind)) {
        requestsFromLimits(Json.object(entry, "resources"));
      }
    }
    spec(spec);
  }

  private static void requestsFromLimits(@Nullable Map<String, Object> resources) {
    Map<String, Object> limits = Json.object(resources, "limits");
    if (resources == null || limits == null) {
      return;
    }
    Map<String, Object> requests = Trees.child(resources, "requests");
    limits.forEach(requests::putIfAbsent);
  }

  /** Defaults of a template. */
  static void template(Map<String, Object> template) {
    spec(Trees.child(template, "spec"));
  }

  /** Defaults of a pod's spec. */
  static void spec(Map<String, Object> spec) {
    Trees.presetText(spec, "dnsPolicy", "ClusterFirst");
    Trees.presetText(spec, "restartPolicy", "Always");
    Trees.preset(spec, "securityContext", Json.newObject());
    Trees.preset(spec, "terminationGracePeriodSeconds", 30L);
    Trees.presetText(spec, "schedulerName", "default-scheduler");
    // Two names of one field: the old one mirrors the new one.
    String account = Json.text(spec, "serviceAccountName");
    if (account.isEmpty()) {
      account = Json.text(spec, "serviceAccount");
    }
    if (!account.isEmpty()) {
      spec.put("serviceAccountName", account);
      spec.put("serviceAccount", account);
    }
    boolean hostNetwork = Json.isTrue(spec, "hostNetwork");
    for (String kind : List.of("initContainers", "containers", "ephemeralContainers")) {
      for (Object entry : Trees.items(spec, kind)) {
        Map<String, Object> container = Json.asObject(entry);
        if (container != null) {
          container(container, hostNetwork && !kind.equals("ephemeralContainers"));
        }
      }
    }
    for (Object entry : Trees.items(spec, "volumes")) {
      Map<String, Object> volume = Json.asObject(entry);
      if (volume != null) {
        volume(volume);
      }
    }
  }

  private static void container(Map<String, Object> container, boolean hostNetwork) {
    if (Json.text(container, "imagePullPolicy").isEmpty()) {
      container.put(
          "imagePullPolicy", latest(Json.text(container, "image")) ? "Always" : "IfNotPresent");
    }
    Trees.presetText(container, "terminationMessagePath", "/dev/termination-log");
    Trees.presetText(container, "terminationMessagePolicy", "File");
    for (Object entry : Trees.items(container, "ports")) {
      Map<String, Object> port = Json.asObject(entry);
      if (port != null) {
        Trees.presetText(port, "protocol", "TCP");
        if (hostNetwork) {
          Trees.presetNumber(port, "hostPort", Json.integer(port, 0, "containerPort"));
        }
      }
    }
    for (String name : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
      Map<String, Object> probe = Json.object(container, name);
      if (probe != null) {
        probe(probe);
      }
    }
    for (String hook : List.of("postStart", "preStop")) {
      httpGet(Json.object(container, "lifecycle", hook, "httpGet"));
    }
    for (Object variable : Trees.items(container, "env")) {
      fieldRef(Json.object(variable, "valueFrom", "fieldRef"));
    }
  }

  /** No tag is the tag {@code latest}; a digest is none. */
  private static boolean latest(String image) {
    String name = image.substring(image.lastIndexOf('/') + 1);
    if (name.contains("@")) {
      return false;
    }
    int colon = name.lastIndexOf(':');
    return colon < 0 || name.substring(colon + 1).equals("latest");
  }

  private static void probe(Map<String, Object> probe) {
    Trees.presetNumber(probe, "timeoutSeconds", 1);
    Trees.presetNumber(probe, "periodSeconds", 10);
    Trees.presetNumber(probe, "successThreshold", 1);
    Trees.presetNumber(probe, "failureThreshold", 3);
    httpGet(Json.object(probe, "httpGet"));
    Map<String, Object> grpc = Json.object(probe, "grpc");
    if (grpc != null) {
      Trees.preset(grpc, "service", "");
    }
  }

  private static void httpGet(@Nullable Map<String, Object> action) {
    if (action != null) {
      Trees.presetText(action, "path", "/");
      Trees.presetText(action, "scheme", "HTTP");
    }
  }

  private static void fieldRef(@Nullable Map<String, Object> reference) {
    if (reference != null) {
      Trees.presetText(reference, "apiVersion", "v1");
    }
  }

  private static void volume(Map<String, Object> volume) {
    if (volume.size() == 1 && volume.containsKey("name")) {
      volume.put("emptyDir", Json.newObject());
    }
    for (String kind : List.of("secret", "configMap", "downwardAPI", "projected")) {
      Map<String, Object> source = Json.object(volume, kind);
      if (source != null) {
        Trees.preset(source, "defaultMode", 420L);
        for (Object item : Trees.items(source, "items")) {
          fieldRef(Json.object(item, "fieldRef"));
        }
      }
    }
    for (Object source : Trees.items(volume, "projected", "sources")) {
      Map<String, Object> token = Json.object(source, "serviceAccountToken");
      if (token != null) {
        Trees.preset(token, "expirationSeconds", 3600L);
      }
      for (Object item : Trees.items(source, "downwardAPI", "items")) {
        fieldRef(Json.object(item, "fieldRef"));
      }
    }
    Map<String, Object> hostPath = Json.object(volume, "hostPath");
    if (hostPath != null) {
      Trees.preset(hostPath, "type", "");
    }
    Map<String, Object> claim = Json.object(volume, "ephemeral", "volumeClaimTemplate", "spec");
    if (claim != null) {
      Trees.preset(claim, "volumeMode", "Filesystem");
    }
  }
}

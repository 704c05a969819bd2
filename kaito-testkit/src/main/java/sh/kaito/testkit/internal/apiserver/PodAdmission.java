package sh.kaito.testkit.internal.apiserver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;
import sh.kaito.testkit.internal.apiserver.handlers.Resources;
import sh.kaito.testkit.internal.apiserver.storage.Store;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;
import sh.kaito.testkit.internal.json.Json;

/**
 * The default admission plugins that change new pods: service account with its token volume,
 * default tolerations, priority.
 */
final class PodAdmission implements Resources.Admission {
  private static final String TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

  private final Store store;
  private final Ids ids;

  PodAdmission(Store store, Ids ids) {
    this.store = store;
    this.ids = ids;
  }

  @Override
  public void admit(
      ResourceType type,
      String subresource,
      Map<String, Object> pod,
      @Nullable Map<String, Object> old,
      boolean dryRun) {
    Map<String, Object> spec = Json.object(pod, "spec");
    if (!type.storage().equals("pods") || old != null || spec == null) {
      return;
    }
    serviceAccount(type, pod, spec);
    tolerations(spec);
    priority(type, pod, spec);
  }

  /** The number and policy of the class that a pod names, or of the one that is for all. */
  private void priority(ResourceType type, Map<String, Object> pod, Map<String, Object> spec) {
    String name = Json.text(spec, "priorityClassName");
    Map<String, Object> chosen = null;
    for (StoredObject object : store.list("priorityclasses.scheduling.k8s.io", "").objects()) {
      boolean common = name.isEmpty() && Json.isTrue(object.json(), "globalDefault");
      if (common || object.name().equals(name)) {
        chosen = object.json();
        spec.put("priorityClassName", object.name());
      }
    }
    String pods = Json.text(pod, "metadata", "name");
    if (chosen == null && !name.isEmpty()) {
      throw ApiFailure.forbidden(type, pods, "no PriorityClass with name " + name + " was found");
    }
    long value = Json.integer(chosen, 0, "value");
    if (Json.integer(spec, value, "priority") != value) {
      throw ApiFailure.forbidden(
          type,
          pods,
          "the integer value of priority ("
              + Json.integer(spec, 0, "priority")
              + ") must not be provided in pod spec; priority admission controller computed "
              + value
              + " from the given PriorityClass name");
    }
    spec.put("priority", value);
    String policy = Json.text(chosen, "preemptionPolicy");
    spec.putIfAbsent("preemptionPolicy", policy.isEmpty() ? "PreemptLowerPriority" : policy);
  }

  private void serviceAccount(
      ResourceType type, Map<String, Object> pod, Map<String, Object> spec) {
    String name = Json.text(spec, "serviceAccountName");
    if (name.isEmpty()) {
      name = "default";
      spec.put("serviceAccountName", name);
      spec.put("serviceAccount", name);
    }
    String namespace = Json.text(pod, "metadata", "namespace");
    StoredObject account = store.get("serviceaccounts", namespace + "/" + name);
    // The default account of a new namespace may still be on its way: its creation is not awaited.
    if (account == null && !name.equals("default")) {
      throw ApiFailure.forbidden(
          type,
          Json.text(pod, "metadata", "name"),
          "error looking up service account "
              + namespace
              + "/"
              + name
              + ": serviceaccount "
              + Quoting.go(name)
              + " not found");
    }
    Object mounts = spec.get("automountServiceAccountToken");
    if (mounts == null && account != null) {
      mounts = account.json().get("automountServiceAccountToken");
    }
    if (!Boolean.FALSE.equals(mounts)) {
      mountToken(spec);
    }
  }

  private void mountToken(Map<String, Object> spec) {
    String volume = ids.generateName("kube-api-access-");
    boolean used = false;
    for (String kind : List.of("initContainers", "containers")) {
      List<Object> containers = Json.list(spec, kind);
      if (containers == null) {
        continue;
      }
      for (Object entry : containers) {
        Map<String, Object> container = Json.asObject(entry);
        if (container != null && !mountsAt(container)) {
          append(
              container,
              "volumeMounts",
              Json.objectOf("name", volume, "readOnly", true, "mountPath", TOKEN_PATH));
          used = true;
        }
      }
    }
    if (used) {
      append(spec, "volumes", tokenVolume(volume));
    }
  }

  private static boolean mountsAt(Map<String, Object> container) {
    List<Object> mounts = Json.list(container, "volumeMounts");
    return mounts != null
        && mounts.stream().anyMatch(mount -> Json.text(mount, "mountPath").equals(TOKEN_PATH));
  }

  private static void append(Map<String, Object> parent, String field, Object item) {
    List<Object> list = new ArrayList<>();
    List<Object> present = Json.list(parent, field);
    if (present != null) {
      list.addAll(present);
    }
    list.add(item);
    parent.put(field, list);
  }

  private static Map<String, Object> tokenVolume(String name) {
    return Json.objectOf(
        "name",
        name,
        "projected",
        Json.objectOf(
            "sources",
            List.of(
                Json.objectOf(
                    "serviceAccountToken",
                    Json.objectOf("expirationSeconds", 3607L, "path", "token")),
                Json.objectOf(
                    "configMap",
                    Json.objectOf(
                        "name",
                        "kube-root-ca.crt",
                        "items",
                        List.of(Json.objectOf("key", "ca.crt", "path", "ca.crt")))),
                Json.objectOf(
                    "downwardAPI",
                    Json.objectOf(
                        "items",
                        List.of(
                            Json.objectOf(
                                "path",
                                "namespace",
                                "fieldRef",
                                Json.objectOf(
                                    "apiVersion", "v1", "fieldPath", "metadata.namespace")))))),
            "defaultMode",
            420L));
  }

  private static void tolerations(Map<String, Object> spec) {
    for (String key : List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")) {
      List<Object> present = Json.list(spec, "tolerations");
      boolean tolerated =
          present != null
              && present.stream()
                  .anyMatch(
                      t ->
                          (Json.text(t, "key").equals(key) || Json.text(t, "key").isEmpty())
                              && (Json.text(t, "effect").equals("NoExecute")
                                  || Json.text(t, "effect").isEmpty()));
      if (!tolerated) {
        append(
            spec,
            "tolerations",
            Json.objectOf(
                "key",
                key,
                "operator",
                "Exists",
                "effect",
                "NoExecute",
                "tolerationSeconds",
                300L));
      }
    }
  }
}

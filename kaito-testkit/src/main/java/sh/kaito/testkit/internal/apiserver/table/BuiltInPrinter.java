package sh.kaito.testkit.internal.apiserver.table;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.json.Json;

/** Cells of built-in types, as {@code pkg/printers/internalversion} of Kubernetes prints them. */
final class BuiltInPrinter extends TablePrinter {
  private final String storage;
  private final Instant now;

  BuiltInPrinter(String storage, Clock clock) {
    super(BuiltInColumns.of(storage));
    this.storage = storage;
    this.now = clock.instant();
  }

  @Override
  List<Object> cells(Map<String, Object> o) {
    String name = Json.text(o, "metadata", "name");
    return switch (storage) {
      case "pods" -> PodCells.of(o, now);
      case "services" -> service(o, name);
      case "nodes" -> node(o, name);
      case "events" -> event(o, name);
      case "configmaps" -> list(name, size(o, "data") + size(o, "binaryData"), age(o));
      case "secrets" -> list(name, Json.text(o, "type"), size(o, "data"), age(o));
      case "namespaces" -> list(name, Json.text(o, "status", "phase"), age(o));
      case "deployments.apps" ->
          list(
              name,
              number(o, 0, "status", "readyReplicas") + "/" + number(o, 1, "spec", "replicas"),
              number(o, 0, "status", "updatedReplicas"),
              number(o, 0, "status", "availableReplicas"),
              age(o),
              containers(o, "name"),
              containers(o, "image"),
              selectorOf(o));
      case "statefulsets.apps" ->
          list(
              name,
              number(o, 0, "status", "readyReplicas") + "/" + number(o, 1, "spec", "replicas"),
              age(o),
              containers(o, "name"),
              containers(o, "image"));
      case "replicasets.apps" ->
          list(
              name,
              number(o, 1, "spec", "replicas"),
              number(o, 0, "status", "replicas"),
              number(o, 0, "status", "readyReplicas"),
              age(o),
              containers(o, "name"),
              containers(o, "image"),
              selectorOf(o));
      case "daemonsets.apps" ->
          list(
              name,
              number(o, 0, "status", "desiredNumberScheduled"),
              number(o, 0, "status", "currentNumberScheduled"),
              number(o, 0, "status", "numberReady"),
              number(o, 0, "status", "updatedNumberScheduled"),
              number(o, 0, "status", "numberAvailable"),
              labels(Json.object(o, "spec", "template", "spec", "nodeSelector")),
              age(o),
              containers(o, "name"),
              containers(o, "image"),
              selectorOf(o));
      case "jobs.batch" -> job(o, name);
      case "cronjobs.batch" ->
          list(
              name,
              Json.text(o, "spec", "schedule"),
              Objects.requireNonNullElse(Json.string(o, "spec", "timeZone"), "<none>"),
              Json.isTrue(o, "spec", "suspend") ? "True" : "False",
              (long) items(o, "status", "active").size(),
              Json.string(o, "status", "lastScheduleTime") == null
                  ? "<none>"
                  : Ages.since(Json.string(o, "status", "lastScheduleTime"), now),
              age(o),
              "<none>",
              "<none>",
              "<none>");
      case "controllerrevisions.apps" -> list(name, controller(o), o.get("revision"), age(o));
      case "leases.coordination.k8s.io" ->
          list(name, Json.text(o, "spec", "holderIdentity"), age(o));
      case "persistentvolumeclaims" -> claim(o, name);
      case "persistentvolumes" -> volume(o, name);
      case "storageclasses.storage.k8s.io" ->
          list(
              name
                  + ("true"
                          .equals(
                              Json.string(
                                  o,
                                  "metadata",
                                  "annotations",
                                  "storageclass.kubernetes.io/is-default-class"))
                      ? " (default)"
                      : ""),
              Json.text(o, "provisioner"),
              Objects.requireNonNullElse(Json.string(o, "reclaimPolicy"), "Delete"),
              Objects.requireNonNullElse(Json.string(o, "volumeBindingMode"), "Immediate"),
              Json.isTrue(o, "allowVolumeExpansion"),
              age(o));
      case "endpoints" -> list(name, endpoints(o), age(o));
      case "endpointslices.discovery.k8s.io" ->
          list(name, Json.text(o, "addressType"), slicePorts(o), sliceAddresses(o), age(o));
      case "roles.rbac.authorization.k8s.io",
          "clusterroles.rbac.authorization.k8s.io",
          "customresourcedefinitions.apiextensions.k8s.io" ->
          list(name, Json.text(o, "metadata", "creationTimestamp"));
      case "rolebindings.rbac.authorization.k8s.io",
          "clusterrolebindings.rbac.authorization.k8s.io" ->
          list(
              name,
              Json.text(o, "roleRef", "kind") + "/" + Json.text(o, "roleRef", "name"),
              age(o),
              subjects(o, "User"),
              subjects(o, "Group"),
              subjects(o, "ServiceAccount"));
      case "poddisruptionbudgets.policy" ->
          list(
              name,
              orNotApplicable(Json.get(o, "spec", "minAvailable")),
              orNotApplicable(Json.get(o, "spec", "maxUnavailable")),
              number(o, 0, "status", "disruptionsAllowed"),
              age(o));
      case "priorityclasses.scheduling.k8s.io" ->
          list(
              name,
              o.get("value"),
              Json.isTrue(o, "globalDefault"),
              age(o),
              Objects.requireNonNullElse(
                  Json.string(o, "preemptionPolicy"), "PreemptLowerPriority"));
      case "serviceaccounts" -> list(name, age(o));
      default -> rare(o, name);
    };
  }

  /** Types that few look at in tables. */
  private List<Object> rare(Map<String, Object> o, String name) {
    return switch (storage) {
      case "replicationcontrollers" ->
          list(
              name,
              number(o, 1, "spec", "replicas"),
              number(o, 0, "status", "replicas"),
              number(o, 0, "status", "readyReplicas"),
              age(o),
              containers(o, "name"),
              containers(o, "image"),
              labels(Json.object(o, "spec", "selector")));
      case "resourcequotas" ->
          list(name, RareCells.quota(o, false), RareCells.quota(o, true), age(o));
      case "podtemplates" ->
          list(
              name,
              RareCells.join(o, "name", "template", "spec", "containers"),
              RareCells.join(o, "image", "template", "spec", "containers"),
              labels(Json.object(o, "template", "metadata", "labels")));
      case "ingresses.networking.k8s.io" ->
          list(
              name,
              Objects.requireNonNullElse(Json.string(o, "spec", "ingressClassName"), "<none>"),
              RareCells.hosts(o),
              RareCells.addresses(o),
              items(o, "spec", "tls").isEmpty() ? "80" : "80, 443",
              age(o));
      case "ingressclasses.networking.k8s.io" ->
          list(name, Json.text(o, "spec", "controller"), RareCells.parameters(o), age(o));
      case "networkpolicies.networking.k8s.io" ->
          list(name, selector(Json.object(o, "spec", "podSelector")), age(o));
      case "horizontalpodautoscalers.autoscaling" ->
          list(
              name,
              Json.text(o, "spec", "scaleTargetRef", "kind")
                  + "/"
                  + Json.text(o, "spec", "scaleTargetRef", "name"),
              RareCells.targets(o),
              RareCells.orUnset(Json.get(o, "spec", "minReplicas")),
              number(o, 0, "spec", "maxReplicas"),
              number(o, 0, "status", "currentReplicas"),
              age(o));
      case "runtimeclasses.node.k8s.io" -> list(name, Json.text(o, "handler"), age(o));
      case "mutatingwebhookconfigurations.admissionregistration.k8s.io",
          "validatingwebhookconfigurations.admissionregistration.k8s.io" ->
          list(name, (long) items(o, "webhooks").size(), age(o));
      default -> list(name, Json.text(o, "metadata", "creationTimestamp"));
    };
  }

  @Override
  List<Object> conditions(Map<String, Object> o) {
    return storage.equals("pods") ? PodCells.conditions(o) : List.of();
  }

  static List<Object> list(@Nullable Object... cells) {
    return new ArrayList<>(Arrays.asList(cells));
  }

  private String age(Map<String, Object> o) {
    return Ages.since(Json.string(o, "metadata", "creationTimestamp"), now);
  }

  private static long size(Map<String, Object> o, String field) {
    Map<String, Object> map = Json.object(o, field);
    return map == null ? 0 : map.size();
  }

  private static long number(Map<String, Object> o, long otherwise, String... path) {
    return Json.integer(o, otherwise, path);
  }

  static List<Object> items(@Nullable Object o, String... path) {
    List<Object> list = Json.list(o, path);
    return list == null ? List.of() : list;
  }

  private static String orNotApplicable(@Nullable Object value) {
    return value == null ? "N/A" : value.toString();
  }

  private static String containers(Map<String, Object> o, String field) {
    List<String> texts = new ArrayList<>();
    for (Object container : items(o, "spec", "template", "spec", "containers")) {
      texts.add(Json.text(container, field));
    }
    return String.join(",", texts);
  }

  /** A label selector as text: sorted labels, then expressions. */
  private static String selectorOf(Map<String, Object> o) {
    return selector(Json.object(o, "spec", "selector"));
  }

  private static String selector(@Nullable Map<String, Object> selector) {
    if (selector == null) {
      return "<none>";
    }
    TreeMap<String, String> terms = new TreeMap<>();
    Map<String, Object> matching = Json.object(selector, "matchLabels");
    if (matching != null) {
      matching.forEach((key, value) -> terms.put(key, key + "=" + value));
    }
    for (Object expression : items(selector, "matchExpressions")) {
      String key = Json.text(expression, "key");
      TreeSet<String> values = new TreeSet<>();
      items(expression, "values").forEach(value -> values.add(String.valueOf(value)));
      String joined = "(" + String.join(",", values) + ")";
      terms.merge(
          key,
          switch (Json.text(expression, "operator")) {
            case "In" -> key + " in " + joined;
            case "NotIn" -> key + " notin " + joined;
            case "Exists" -> key;
            default -> "!" + key;
          },
          (a, b) -> a + "," + b);
    }
    return terms.isEmpty() ? "<none>" : String.join(",", terms.values());
  }

  static String labels(@Nullable Map<String, Object> labels) {
    if (labels == null || labels.isEmpty()) {
      return "<none>";
    }
    List<String> terms = new ArrayList<>();
    new TreeMap<>(labels).forEach((key, value) -> terms.add(key + "=" + value));
    return String.join(",", terms);
  }

  private List<Object> service(Map<String, Object> o, String name) {
    String type = Json.text(o, "spec", "type");
    List<String> ports = new ArrayList<>();
    for (Object port : items(o, "spec", "ports")) {
      long nodePort = Json.integer(port, 0, "nodePort");
      ports.add(
          Json.integer(port, 0, "port")
              + (nodePort > 0 ? ":" + nodePort : "")
              + "/"
              + Json.text(port, "protocol"));
    }
    String clusterIp = Json.text(o, "spec", "clusterIP");
    return list(
        name,
        type,
        clusterIp.isEmpty() ? "<none>" : clusterIp,
        externalIp(o, type),
        ports.isEmpty() ? "<none>" : String.join(",", ports),
        age(o),
        labels(Json.object(o, "spec", "selector")));
  }

  private static String externalIp(Map<String, Object> o, String type) {
    List<String> external = new ArrayList<>();
    items(o, "spec", "externalIPs").forEach(ip -> external.add(String.valueOf(ip)));
    switch (type) {
      case "LoadBalancer" -> {
        List<String> addresses = new ArrayList<>();
        for (Object ingress : items(o, "status", "loadBalancer", "ingress")) {
          String ip = Json.text(ingress, "ip");
          addresses.add(ip.isEmpty() ? Json.text(ingress, "hostname") : ip);
        }
        addresses.addAll(external);
        return addresses.isEmpty() ? "<pending>" : String.join(",", addresses);
      }
      case "ExternalName" -> {
        return Json.text(o, "spec", "externalName");
      }
      default -> {
        return external.isEmpty() ? "<none>" : String.join(",", external);
      }
    }
  }

  private List<Object> node(Map<String, Object> o, String name) {
    String ready = "Unknown";
    for (Object condition : items(o, "status", "conditions")) {
      if (Json.text(condition, "type").equals("Ready")) {
        ready = Json.text(condition, "status").equals("True") ? "Ready" : "NotReady";
      }
    }
    TreeSet<String> roles = new TreeSet<>();
    Map<String, Object> labels = Json.object(o, "metadata", "labels");
    if (labels != null) {
      labels.forEach(
          (key, value) -> {
            if (key.startsWith("node-role.kubernetes.io/")) {
              roles.add(key.substring("node-role.kubernetes.io/".length()));
            } else if (key.equals("kubernetes.io/role") && !"".equals(value)) {
              roles.add(String.valueOf(value));
            }
          });
    }
    return list(
        name,
        ready + (Json.isTrue(o, "spec", "unschedulable") ? ",SchedulingDisabled" : ""),
        roles.isEmpty() ? "<none>" : String.join(",", roles),
        age(o),
        Json.text(o, "status", "nodeInfo", "kubeletVersion"),
        address(o, "InternalIP"),
        address(o, "ExternalIP"),
        orUnknown(Json.text(o, "status", "nodeInfo", "osImage")),
        orUnknown(Json.text(o, "status", "nodeInfo", "kernelVersion")),
        orUnknown(Json.text(o, "status", "nodeInfo", "containerRuntimeVersion")));
  }

  private static String orUnknown(String text) {
    return text.isEmpty() ? "<unknown>" : text;
  }

  private static String address(Map<String, Object> o, String type) {
    for (Object address : items(o, "status", "addresses")) {
      if (Json.text(address, "type").equals(type)) {
        return Json.text(address, "address");
      }
    }
    return "<none>";
  }

  private List<Object> event(Map<String, Object> o, String name) {
    String last = firstText(o, "lastTimestamp", "eventTime", "firstTimestamp");
    String first = firstText(o, "firstTimestamp", "eventTime");
    long count = Json.integer(o, 0, "count");
    String seriesTime = Json.string(o, "series", "lastObservedTime");
    if (seriesTime != null) {
      last = seriesTime;
      count = Json.integer(o, 0, "series", "count");
    }
    String kind = Json.text(o, "involvedObject", "kind").toLowerCase(java.util.Locale.ROOT);
    String source = Json.text(o, "source", "component");
    String host = Json.text(o, "source", "host");
    return list(
        Ages.since(last, now),
        Json.text(o, "type"),
        Json.text(o, "reason"),
        kind + "/" + Json.text(o, "involvedObject", "name"),
        Json.text(o, "involvedObject", "fieldPath"),
        (source.isEmpty() ? Json.text(o, "reportingComponent") : source)
            + (host.isEmpty() ? "" : ", " + host),
        Json.text(o, "message").strip(),
        Ages.since(first, now),
        count == 0 ? 1L : count,
        name);
  }

  private static @Nullable String firstText(Map<String, Object> o, String... fields) {
    for (String field : fields) {
      String text = Json.string(o, field);
      if (text != null) {
        return text;
      }
    }
    return null;
  }

  private List<Object> job(Map<String, Object> o, String name) {
    long succeeded = number(o, 0, "status", "succeeded");
    Object completions = Json.get(o, "spec", "completions");
    long parallelism = number(o, 1, "spec", "parallelism");
    String progress =
        completions != null
            ? succeeded + "/" + completions
            : parallelism > 1 ? succeeded + "/1 of " + parallelism : succeeded + "/1";
    String start = Json.string(o, "status", "startTime");
    String end = Json.string(o, "status", "completionTime");
    String duration = "";
    if (start != null) {
      Instant until = end == null ? now : OffsetDateTime.parse(end).toInstant();
      duration = Ages.human(Duration.between(OffsetDateTime.parse(start).toInstant(), until));
    }
    String status =
        condition(o, "Complete")
            ? "Complete"
            : condition(o, "Failed")
                ? "Failed"
                : Json.get(o, "metadata", "deletionTimestamp") != null
                    ? "Terminating"
                    : condition(o, "Suspended")
                        ? "Suspended"
                        : condition(o, "FailureTarget")
                            ? "FailureTarget"
                            : condition(o, "SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
    return list(
        name,
        status,
        progress,
        duration,
        age(o),
        containers(o, "name"),
        containers(o, "image"),
        selectorOf(o));
  }

  private static boolean condition(Map<String, Object> o, String type) {
    for (Object condition : items(o, "status", "conditions")) {
      if (Json.text(condition, "type").equals(type)
          && Json.text(condition, "status").equals("True")) {
        return true;
      }
    }
    return false;
  }

  private static String controller(Map<String, Object> o) {
    for (Object owner : items(o, "metadata", "ownerReferences")) {
      if (Json.isTrue(owner, "controller")) {
        String apiVersion = Json.text(owner, "apiVersion");
        String group =
            apiVersion.contains("/") ? "." + apiVersion.substring(0, apiVersion.indexOf('/')) : "";
        return Json.text(owner, "kind").toLowerCase(java.util.Locale.ROOT)
            + group
            + "/"
            + Json.text(owner, "name");
      }
    }
    return "<none>";
  }

  private static String accessModes(List<Object> modes) {
    List<String> texts = new ArrayList<>();
    for (Object mode : modes) {
      texts.add(
          switch (String.valueOf(mode)) {
            case "ReadWriteOnce" -> "RWO";
            case "ReadOnlyMany" -> "ROX";
            case "ReadWriteMany" -> "RWX";
            case "ReadWriteOncePod" -> "RWOP";
            default -> String.valueOf(mode);
          });
    }
    return String.join(",", texts);
  }

  private List<Object> claim(Map<String, Object> o, String name) {
    String phase = Json.text(o, "status", "phase");
    boolean bound = !Json.text(o, "spec", "volumeName").isEmpty();
    return list(
        name,
        Json.get(o, "metadata", "deletionTimestamp") != null ? "Terminating" : phase,
        Json.text(o, "spec", "volumeName"),
        bound ? Json.text(o, "status", "capacity", "storage") : "",
        bound ? accessModes(items(o, "status", "accessModes")) : "",
        Json.text(o, "spec", "storageClassName"),
        Objects.requireNonNullElse(
            Json.string(o, "status", "currentVolumeAttributesClassName"), "<unset>"),
        age(o),
        Objects.requireNonNullElse(Json.string(o, "spec", "volumeMode"), "<unset>"));
  }

  private List<Object> volume(Map<String, Object> o, String name) {
    String claim = Json.text(o, "spec", "claimRef", "name");
    return list(
        name,
        Json.text(o, "spec", "capacity", "storage"),
        accessModes(items(o, "spec", "accessModes")),
        Json.text(o, "spec", "persistentVolumeReclaimPolicy"),
        Json.get(o, "metadata", "deletionTimestamp") != null
            ? "Terminating"
            : Json.text(o, "status", "phase"),
        claim.isEmpty() ? "" : Json.text(o, "spec", "claimRef", "namespace") + "/" + claim,
        Json.text(o, "spec", "storageClassName"),
        Objects.requireNonNullElse(Json.string(o, "spec", "volumeAttributesClassName"), "<unset>"),
        Json.text(o, "status", "reason"),
        age(o),
        Objects.requireNonNullElse(Json.string(o, "spec", "volumeMode"), "<unset>"));
  }

  private static String endpoints(Map<String, Object> o) {
    List<String> texts = new ArrayList<>();
    for (Object subset : items(o, "subsets")) {
      for (Object address : items(subset, "addresses")) {
        for (Object port : items(subset, "ports")) {
          texts.add(Json.text(address, "ip") + ":" + Json.integer(port, 0, "port"));
        }
      }
    }
    return texts.isEmpty() ? "<none>" : shortened(texts);
  }

  private static String shortened(List<String> texts) {
    return texts.size() <= 3
        ? String.join(",", texts)
        : String.join(",", texts.subList(0, 3)) + " + " + (texts.size() - 3) + " more...";
  }

  private static String slicePorts(Map<String, Object> o) {
    List<String> texts = new ArrayList<>();
    for (Object port : items(o, "ports")) {
      Object number = Json.get(port, "port");
      texts.add(number == null ? "*" : number.toString());
    }
    return texts.isEmpty() ? "<unset>" : shortened(texts);
  }

  private static String sliceAddresses(Map<String, Object> o) {
    List<String> texts = new ArrayList<>();
    for (Object endpoint : items(o, "endpoints")) {
      items(endpoint, "addresses").forEach(address -> texts.add(String.valueOf(address)));
    }
    return texts.isEmpty() ? "<unset>" : shortened(texts);
  }

  private static String subjects(Map<String, Object> o, String kind) {
    List<String> texts = new ArrayList<>();
    for (Object subject : items(o, "subjects")) {
      if (Json.text(subject, "kind").equals(kind)) {
        texts.add(
            kind.equals("ServiceAccount")
                ? Json.text(subject, "namespace") + "/" + Json.text(subject, "name")
                : Json.text(subject, "name"));
      }
    }
    return String.join(", ", texts);
  }
}

package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.json.Json;

/** Types outside the core, apps and batch groups: storage, access, networks, policies. */
final class OtherTypes {
  private static final String RBAC = "rbac.authorization.k8s.io";
  private static final long HIGHEST_PRIORITY = 1_000_000_000;
  private static final Map<String, Long> SYSTEM_PRIORITIES =
      Map.of("system-node-critical", 2_000_001_000L, "system-cluster-critical", 2_000_000_000L);

  private OtherTypes() {}

  static void addTo(Map<String, Strategy> table) {
    table.put("leases.coordination.k8s.io", leases());
    table.put("storageclasses.storage.k8s.io", storageClasses());
    for (String plain : List.of("csinodes", "csidrivers", "volumeattachments")) {
      table.put(plain + ".storage.k8s.io", new TypeRules().returnsDeleted().putNeedsVersion());
    }
    table.put("csistoragecapacities.storage.k8s.io", new TypeRules().returnsDeleted());
    table.put("roles." + RBAC, roles(true));
    table.put("clusterroles." + RBAC, roles(false));
    table.put("rolebindings." + RBAC, roleBindings(true));
    table.put("clusterrolebindings." + RBAC, roleBindings(false));
    table.put("priorityclasses.scheduling.k8s.io", priorityClasses());
    table.put("runtimeclasses.node.k8s.io", runtimeClasses());
    table.put("poddisruptionbudgets.policy", disruptionBudgets());
    table.put("networkpolicies.networking.k8s.io", networkPolicies());
    table.put("ingresses.networking.k8s.io", ingresses());
    table.put("ingressclasses.networking.k8s.io", ingressClasses());
    table.put("endpointslices.discovery.k8s.io", endpointSlices());
    table.put("horizontalpodautoscalers.autoscaling", autoscalers());
    for (String hooks :
        List.of("mutatingwebhookconfigurations", "validatingwebhookconfigurations")) {
      table.put(
          hooks + ".admissionregistration.k8s.io",
          new TypeRules().generation("webhooks").putNeedsVersion().defaults(OtherTypes::webhooks));
    }
    for (String policy :
        List.of("validatingadmissionpolicies", "validatingadmissionpolicybindings")) {
      table.put(
          policy + ".admissionregistration.k8s.io", new TypeRules().generation().putNeedsVersion());
    }
    for (String flow : List.of("flowschemas", "prioritylevelconfigurations")) {
      table.put(
          flow + ".flowcontrol.apiserver.k8s.io", new TypeRules().generation().putNeedsVersion());
    }
  }

  private static TypeRules leases() {
    return new TypeRules()
        .putCreates()
        .putNeedsVersion()
        .valid(
            check -> {
              Check spec = check.child("spec");
              if (spec.get("leaseDurationSeconds") instanceof Long seconds && seconds <= 0) {
                spec.invalid("leaseDurationSeconds", seconds, "must be greater than 0");
              }
              if (spec.get("leaseTransitions") instanceof Long count && count < 0) {
                spec.invalid("leaseTransitions", count, "must be greater than or equal to 0");
              }
              if (!spec.text("preferredHolder").isEmpty() && spec.text("strategy").isEmpty()) {
                spec.forbidden("preferredHolder", "may only be specified if `strategy` is defined");
              }
            });
  }

  private static TypeRules storageClasses() {
    return new TypeRules()
        .returnsDeleted()
        .defaults(
            object -> {
              Trees.preset(object, "reclaimPolicy", "Delete");
              Trees.preset(object, "volumeBindingMode", "Immediate");
            })
        .valid(
            check -> {
              String provisioner = check.text("provisioner");
              if (provisioner.isEmpty()) {
                check.required("provisioner", "");
              } else {
                Names.qualified(provisioner.toLowerCase(java.util.Locale.ROOT))
                    .forEach(problem -> check.invalid("provisioner", provisioner, problem));
              }
              check.oneOf("reclaimPolicy", "Delete", "Retain");
              check.oneOf("volumeBindingMode", "Immediate", "WaitForFirstConsumer");
            })
        .change(
            (next, old) -> {
              for (String field : List.of("parameters", "provisioner", "reclaimPolicy")) {
                if (!Objects.equals(next.get(field), old.get(field))) {
                  next.forbidden(field, "updates to " + field + " are forbidden.");
                }
              }
              next.immutable(old, "volumeBindingMode");
            });
  }

  private static TypeRules roles(boolean namespaced) {
    return new TypeRules()
        .named(Names::pathSegment)
        .putCreates()
        .valid(
            check -> {
              for (Check rule : check.items("rules")) {
                rule(rule, namespaced);
              }
            });
  }

  private static boolean empty(Check check, String path) {
    return Trees.items(check.get(path)).isEmpty();
  }

  private static void rule(Check rule, boolean namespaced) {
    if (empty(rule, "verbs")) {
      rule.required("verbs", "verbs must contain at least one value");
    }
    if (!empty(rule, "nonResourceURLs")) {
      if (namespaced) {
        rule.invalid(
            "nonResourceURLs",
            rule.get("nonResourceURLs"),
            "namespaced rules cannot apply to non-resource URLs");
      }
      if (!empty(rule, "apiGroups") || !empty(rule, "resources") || !empty(rule, "resourceNames")) {
        rule.invalid(
            "nonResourceURLs",
            rule.get("nonResourceURLs"),
            "rules cannot apply to both regular resources and non-resource URLs");
      }
      return;
    }
    if (empty(rule, "apiGroups")) {
      rule.required("apiGroups", "resource rules must supply at least one api group");
    }
    if (empty(rule, "resources")) {
      rule.required("resources", "resource rules must supply at least one resource");
    }
  }

  private static TypeRules roleBindings(boolean namespaced) {
    return new TypeRules()
        .named(Names::pathSegment)
        .putCreates()
        .defaults(
            object -> {
              Trees.presetText(Trees.child(object, "roleRef"), "apiGroup", RBAC);
              for (Object entry : Trees.items(object, "subjects")) {
                Map<String, Object> subject = Json.asObject(entry);
                String kind = Json.text(subject, "kind");
                if (subject != null && (kind.equals("User") || kind.equals("Group"))) {
                  Trees.presetText(subject, "apiGroup", RBAC);
                }
              }
            })
        .valid(
            check -> {
              Check role = check.child("roleRef");
              role.oneOf("apiGroup", RBAC);
              if (namespaced) {
                role.oneOf("kind", "ClusterRole", "Role");
              } else {
                role.oneOf("kind", "ClusterRole");
              }
              role.present("name");
              role.form("name", Names::pathSegment);
              check.items("subjects").forEach(subject -> subject(subject, namespaced));
            })
        .change(
            (next, old) -> {
              if (!Objects.equals(next.get("roleRef"), old.get("roleRef"))) {
                next.invalid(
                    "roleRef",
                    // As Go prints the internal type, which has no JSON names.
                    Json.objectOf(
                        "APIGroup", next.text("roleRef.apiGroup"),
                        "Kind", next.text("roleRef.kind"),
                        "Name", next.text("roleRef.name")),
                    "cannot change roleRef");
              }
            });
  }

  private static void subject(Check subject, boolean namespaced) {
    subject.present("name");
    String group = subject.text("apiGroup");
    switch (subject.text("kind")) {
      case "ServiceAccount" -> {
        subject.form("name", Names::subdomain);
        if (!group.isEmpty()) {
          subject.add(Cause.unsupported(subject.field("apiGroup"), group, ""));
        }
        if (!namespaced) {
          subject.present("namespace");
        }
      }
      case "User", "Group" -> subject.oneOf("apiGroup", RBAC);
      default ->
          subject.add(
              Cause.unsupported(
                  subject.field("kind"), subject.text("kind"), "Group", "ServiceAccount", "User"));
    }
  }

  private static TypeRules priorityClasses() {
    return new TypeRules()
        .generation("value")
        .defaults(object -> Trees.preset(object, "preemptionPolicy", "PreemptLowerPriority"))
        .valid(
            check -> {
              String name = check.text("metadata.name");
              long value = check.number("value");
              Long system = SYSTEM_PRIORITIES.get(name);
              if (system != null && system == value) {
                return;
              }
              if (name.startsWith("system-")) {
                check.forbidden(
                    "metadata.name",
                    "priority class names with 'system-' prefix are reserved for system use only."
                        + " error: "
                        + (system == null
                            ? name + " is not a known system priority class"
                            : "value of " + name + " PriorityClass must be " + system));
              } else if (value > HIGHEST_PRIORITY) {
                check.forbidden(
                    "value",
                    "maximum allowed value of a user defined priority is " + HIGHEST_PRIORITY);
              }
              check.oneOf("preemptionPolicy", "Never", "PreemptLowerPriority");
            })
        .change(
            (next, old) -> {
              if (next.number("value") != Json.integer(old, 0, "value")) {
                next.forbidden("value", "may not be changed in an update.");
              }
              next.immutable(old, "preemptionPolicy");
            });
  }

  private static TypeRules runtimeClasses() {
    return new TypeRules()
        .putNeedsVersion()
        .valid(check -> check.present("handler").form("handler", Names::label))
        .immutable("handler");
  }

  private static TypeRules disruptionBudgets() {
    return new TypeRules()
        .generation()
        .putNeedsVersion()
        .valid(
            check -> {
              if (check.has("spec.minAvailable") && check.has("spec.maxUnavailable")) {
                check.invalid(
                    "spec",
                    check.get("spec"),
                    "minAvailable and maxUnavailable cannot be both set");
              }
              check.nonNegative("spec.minAvailable", "spec.maxUnavailable");
              check.oneOf("spec.unhealthyPodEvictionPolicy", "AlwaysAllow", "IfHealthyBudget");
              LabelSelectors.validate(check.child("spec.selector"));
            });
  }

  private static TypeRules networkPolicies() {
    return new TypeRules()
        .generation()
        .defaults(
            object -> {
              Map<String, Object> spec = Trees.child(object, "spec");
              for (String direction : List.of("ingress", "egress")) {
                for (Object rule : Trees.items(spec, direction)) {
                  for (Object entry : Trees.items(rule, "ports")) {
                    Map<String, Object> port = Json.asObject(entry);
                    if (port != null) {
                      Trees.preset(port, "protocol", "TCP");
                    }
                  }
                }
              }
              if (Trees.items(spec, "policyTypes").isEmpty()) {
                List<Object> types = new ArrayList<>(List.of("Ingress"));
                if (!Trees.items(spec, "egress").isEmpty()) {
                  types.add("Egress");
                }
                spec.put("policyTypes", types);
              }
            })
        .valid(check -> LabelSelectors.validate(check.child("spec.podSelector")));
  }

  private static TypeRules ingresses() {
    return new TypeRules()
        .generation()
        .valid(
            check -> {
              if (check.items("spec.rules").isEmpty() && !check.has("spec.defaultBackend")) {
                check.invalid(
                    "spec",
                    Json.newObject(),
                    "either `defaultBackend` or `rules` must be specified");
              }
              for (Check rule : check.items("spec.rules")) {
                rule.form("host", Names::subdomain);
                for (Check path : rule.items("http.paths")) {
                  if (path.text("pathType").isEmpty()) {
                    path.required("pathType", "pathType must be specified");
                  } else {
                    path.oneOf("pathType", "Exact", "ImplementationSpecific", "Prefix");
                  }
                }
              }
            });
  }

  private static TypeRules ingressClasses() {
    return new TypeRules()
        .generation()
        .defaults(
            object -> {
              Map<String, Object> parameters = Json.object(object, "spec", "parameters");
              if (parameters != null) {
                Trees.preset(parameters, "scope", "Cluster");
              }
            })
        .immutable("spec.controller");
  }

  private static TypeRules endpointSlices() {
    return new TypeRules()
        .generation("endpoints", "ports", "addressType")
        .defaults(
            object -> {
              for (Object entry : Trees.items(object, "ports")) {
                Map<String, Object> port = Json.asObject(entry);
                if (port != null) {
                  Trees.preset(port, "name", "");
                  Trees.preset(port, "protocol", "TCP");
                }
              }
            })
        .valid(
            check -> {
              if (check.text("addressType").isEmpty()) {
                check.required("addressType", "");
              } else {
                check.oneOf("addressType", "FQDN", "IPv4", "IPv6");
              }
            })
        .immutable("addressType");
  }

  private static TypeRules autoscalers() {
    return new TypeRules()
        .defaults(
            object -> {
              Map<String, Object> spec = Trees.child(object, "spec");
              Trees.preset(spec, "minReplicas", 1L);
              boolean second = Json.text(object, "apiVersion").equals("autoscaling/v2");
              if (second && Trees.items(spec, "metrics").isEmpty()) {
                spec.put(
                    "metrics",
                    new ArrayList<>(
                        List.of(
                            Json.objectOf(
                                "type",
                                "Resource",
                                "resource",
                                Json.objectOf(
                                    "name",
                                    "cpu",
                                    "target",
                                    Json.objectOf(
                                        "type", "Utilization", "averageUtilization", 80L))))));
              }
            })
        .valid(
            check -> {
              long most = check.number("spec.maxReplicas");
              if (most < 1) {
                check.invalid("spec.maxReplicas", most, "must be greater than 0");
              }
              if (check.get("spec.minReplicas") instanceof Long least) {
                if (least < 1) {
                  check.invalid("spec.minReplicas", least, "must be greater than or equal to 1");
                }
                if (most < least) {
                  check.invalid(
                      "spec.maxReplicas", most, "must be greater than or equal to `minReplicas`");
                }
              }
              check.present("spec.scaleTargetRef.kind", "spec.scaleTargetRef.name");
            });
  }

  private static void webhooks(Map<String, Object> object) {
    boolean mutating = Json.text(object, "kind").startsWith("Mutating");
    for (Object entry : Trees.items(object, "webhooks")) {
      Map<String, Object> hook = Json.asObject(entry);
      if (hook == null) {
        continue;
      }
      Trees.preset(hook, "failurePolicy", "Fail");
      Trees.preset(hook, "matchPolicy", "Equivalent");
      Trees.preset(hook, "namespaceSelector", Json.newObject());
      Trees.preset(hook, "objectSelector", Json.newObject());
      Trees.preset(hook, "timeoutSeconds", 10L);
      if (mutating) {
        Trees.preset(hook, "reinvocationPolicy", "Never");
      }
      Map<String, Object> service = Json.object(hook, "clientConfig", "service");
      if (service != null) {
        Trees.preset(service, "port", 443L);
      }
      for (Object rule : Trees.items(hook, "rules")) {
        Map<String, Object> fields = Json.asObject(rule);
        if (fields != null) {
          Trees.preset(fields, "scope", "*");
        }
      }
    }
  }
}

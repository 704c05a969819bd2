package sh.kaito.core.internal.prerequisites;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import sh.kaito.core.install.Finding;
import sh.kaito.core.install.Finding.Severity;

/** The findings that follow from what was listed. Pure. */
public final class PrerequisiteRules {
  private static final Set<String> DEVICE_PLUGINS =
      Set.of(
          "k8s-device-plugin", "nvidia-device-plugin", "gpu-operator", "nvidia-gpu-device-plugin");

  private final List<Finding> findings = new ArrayList<>();

  private PrerequisiteRules() {}

  /**
   * What was found in a cluster. Lists of API objects as they stand on the wire; a missing node
   * where they could not be read.
   *
   * @param definitions names of CustomResourceDefinitions
   * @param wanted definitions that must be there, with what each is for
   */
  public record Listed(
      Set<String> definitions,
      Map<String, String> wanted,
      JsonNode daemonSets,
      JsonNode nodes,
      List<ListedNamespace> namespaces) {}

  /**
   * One namespace that Workspaces are to live in.
   *
   * @param object null when it does not exist
   */
  public record ListedNamespace(
      String name, JsonNode object, JsonNode quotas, JsonNode limitRanges) {}

  /** Findings about definitions, device plugin and namespaces. */
  public static List<Finding> evaluate(Listed listed) {
    PrerequisiteRules rules = new PrerequisiteRules();
    listed
        .wanted()
        .forEach(
            (name, purpose) -> {
              if (!listed.definitions().contains(name)) {
                rules.add(
                    Severity.ERROR,
                    "definition " + name,
                    "is not installed (" + purpose + ")",
                    name.startsWith("workspaces.")
                        ? "install it with CrdInstaller, or kubectl apply -f what KaitoCrds holds"
                        : "install the controller that it belongs to, it brings its definition");
              }
            });
    rules.devicePlugin(listed.daemonSets(), offersGpus(listed.nodes()));
    listed.namespaces().forEach(rules::namespace);
    return List.copyOf(rules.findings);
  }

  /**
   * Findings about what the pods of a Workspace need, without definitions.
   *
   * @param daemonSets a list; missing where it could not be read
   * @param gpusOffered whether a Node offers GPUs
   */
  public static List<Finding> ofWorkspaces(
      JsonNode daemonSets, boolean gpusOffered, ListedNamespace namespace) {
    PrerequisiteRules rules = new PrerequisiteRules();
    rules.devicePlugin(daemonSets, gpusOffered);
    rules.namespace(namespace);
    return List.copyOf(rules.findings);
  }

  private static boolean offersGpus(JsonNode nodes) {
    for (JsonNode node : nodes.path("items")) {
      if (!quantity(node.path("status").path("allocatable").path("nvidia.com/gpu"))
          .equals(BigDecimal.ZERO)) {
        // Whatever offers these GPUs is a device plugin, under whichever name.
        return true;
      }
    }
    return false;
  }

  private void add(Severity severity, String subject, String problem, String remedy) {
    findings.add(new Finding(severity, subject, problem, remedy));
  }

  // ---- device plugin

  private void devicePlugin(JsonNode daemonSets, boolean gpusOffered) {
    if (daemonSets.isMissingNode() || gpusOffered) {
      return;
    }
    for (JsonNode daemonSet : daemonSets.path("items")) {
      if (isDevicePlugin(daemonSet)) {
        if (!toleratesGpuTaint(daemonSet)) {
          add(
              Severity.WARNING,
              "DaemonSet " + name(daemonSet),
              "does not tolerate the taint sku=gpu:NoSchedule that nodes of Workspaces carry",
              "add the toleration, or it never runs where it is needed");
        }
        return;
      }
    }
    add(
        Severity.WARNING,
        "device plugin",
        "no DaemonSet of an NVIDIA device plugin is there, so no node will ever offer a GPU",
        "install NVIDIA's device plugin or GPU operator, or what KaitoPrerequisites.manifests()"
            + " holds; where the node image brings its own, this can be ignored");
  }

  private static boolean isDevicePlugin(JsonNode daemonSet) {
    StringBuilder text = new StringBuilder(daemonSet.path("metadata").path("name").asText());
    for (JsonNode container : podSpec(daemonSet).path("containers")) {
      text.append(' ').append(container.path("image").asText());
    }
    String all = text.toString().toLowerCase(Locale.ROOT);
    return DEVICE_PLUGINS.stream().anyMatch(all::contains);
  }

  private static boolean toleratesGpuTaint(JsonNode daemonSet) {
    for (JsonNode toleration : podSpec(daemonSet).path("tolerations")) {
      String key = toleration.path("key").asText("");
      boolean exists = toleration.path("operator").asText("Equal").equals("Exists");
      boolean value = exists || toleration.path("value").asText().equals("gpu");
      String effect = toleration.path("effect").asText("");
      if ((key.isEmpty() && exists) || (key.equals("sku") && value)) {
        if (effect.isEmpty() || effect.equals("NoSchedule")) {
          return true;
        }
      }
    }
    return false;
  }

  private static JsonNode podSpec(JsonNode workload) {
    return workload.path("spec").path("template").path("spec");
  }

  // ---- namespaces

  private void namespace(ListedNamespace namespace) {
    String subject = "namespace " + namespace.name();
    if (namespace.object().isNull()) {
      add(
          Severity.WARNING,
          subject,
          "does not exist, so no Workspace can be applied to it",
          "kubectl create namespace " + namespace.name());
      return;
    }
    String level =
        namespace
            .object()
            .path("metadata")
            .path("labels")
            .path("pod-security.kubernetes.io/enforce")
            .asText("");
    if (level.equals("restricted")) {
      add(
          Severity.ERROR,
          subject,
          "enforces Pod Security level \"restricted\", which refuses pods that may run as root; the"
              + " model images do",
          "use level \"baseline\", or non-root settings in a pod template of your own");
    }
    for (JsonNode quota : namespace.quotas().path("items")) {
      quota(subject, quota);
    }
    for (JsonNode range : namespace.limitRanges().path("items")) {
      limits(subject, range);
    }
  }

  private void quota(String subject, JsonNode quota) {
    JsonNode used = quota.path("status").path("used");
    for (Map.Entry<String, JsonNode> hard : quota.path("spec").path("hard").properties()) {
      String resource = hard.getKey();
      BigDecimal left = quantity(hard.getValue()).subtract(quantity(used.path(resource)));
      boolean matters =
          Set.of(
                  "pods",
                  "services",
                  "configmaps",
                  "requests.nvidia.com/gpu",
                  "count/pods",
                  "count/services",
                  "count/deployments.apps",
                  "count/statefulsets.apps",
                  "count/jobs.batch")
              .contains(resource);
      if (matters && left.compareTo(BigDecimal.ONE) < 0) {
        add(
            Severity.ERROR,
            subject,
            "ResourceQuota "
                + name(quota)
                + " leaves no "
                + resource
                + " ("
                + used.path(resource).asText("0")
                + " of "
                + hard.getValue().asText()
                + " used)",
            "raise it before nodes are bought for pods that may not exist");
      } else if (Set.of("requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
          .contains(resource)) {
        add(
            Severity.WARNING,
            subject,
            "ResourceQuota "
                + name(quota)
                + " limits "
                + resource
                + ", so pods that do not name it are refused; model servers name GPUs alone",
            "add a LimitRange with a default for it");
      }
    }
  }

  private void limits(String subject, JsonNode range) {
    for (JsonNode limit : range.path("spec").path("limits")) {
      String type = limit.path("type").asText();
      if (!type.equals("Container") && !type.equals("Pod")) {
        continue;
      }
      JsonNode gpus = limit.path("max").path("nvidia.com/gpu");
      if (!gpus.isMissingNode() && quantity(gpus).compareTo(BigDecimal.ONE) < 0) {
        add(
            Severity.ERROR,
            subject,
            "LimitRange " + name(range) + " allows no GPU",
            "take max[nvidia.com/gpu] out of it");
      }
      JsonNode memory = limit.path("default").path("memory");
      if (!memory.isMissingNode()) {
        add(
            Severity.WARNING,
            subject,
            "LimitRange "
                + name(range)
                + " gives every container a memory limit of "
                + memory.asText()
                + "; a model server that loads its weights is killed beyond it",
            "take default.memory out, or raise it above the size of the weights");
      }
    }
  }

  private static String name(JsonNode object) {
    return object.path("metadata").path("name").asText();
  }

  /** Counts and cores; the suffixes of memory do not occur where it is used. */
  private static BigDecimal quantity(JsonNode node) {
    String text = node.asText("0").strip();
    BigDecimal scale = BigDecimal.ONE;
    if (text.endsWith("m")) {
      scale = new BigDecimal("0.001");
    } else if (text.endsWith("k")) {
      scale = new BigDecimal(1000);
    }
    String digits = text.replaceAll("[^0-9.]", "");
    BigDecimal value = digits.isEmpty() ? BigDecimal.ZERO : new BigDecimal(digits).multiply(scale);
    return value.signum() == 0 ? BigDecimal.ZERO : value;
  }
}

package sh.kaito.api.validation;

import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1LabelSelectorRequirement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import sh.kaito.api.internal.text.FieldPath;
import sh.kaito.api.internal.text.Names;
import sh.kaito.api.internal.text.Nearest;
import sh.kaito.api.internal.text.Quoted;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.GpuPartition;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.ResourceSpec;
import sh.kaito.api.model.Workspace;

/** Rules for {@code resource}. */
final class ResourceRules {
  private static final String SELECTOR = "resource.labelSelector";
  private static final String PARTITION = "resource.partition";
  private static final Pattern MIG_PROFILE = Pattern.compile("[1-9][0-9]?g\\.[1-9][0-9]{0,3}gb");
  private static final List<String> MODES =
      List.of(GpuPartition.MODE_MIG, GpuPartition.MODE_ACCELERATOR);

  private ResourceRules() {}

  static void check(Workspace workspace, Findings findings) {
    ResourceSpec resource = workspace.resource();
    count(workspace, findings);
    if (resource.labelSelector().isPresent()) {
      selector(resource.labelSelector().get(), findings);
    } else {
      findings.add(
          "V-08",
          Violation.error(SELECTOR, "required field is missing")
              .action("add labelSelector with the labels that the GPU nodes carry or shall get"));
    }
    resource.partition().ifPresent(partition -> partition(workspace, partition, findings));
    if (workspace.apiVersion() == ApiVersion.V1BETA1 && !resource.preferredNodes().isEmpty()) {
      findings.add(
          "deprecated",
          Violation.warning("resource.preferredNodes", "deprecated in v1beta1")
              .action("select nodes by labels"));
    }
  }

  private static void count(Workspace workspace, Findings findings) {
    if (workspace.resource().count().isEmpty()) {
      return;
    }
    int count = workspace.resource().count().getAsInt();
    String path = "resource.count";
    if (count < 1) {
      findings.add(
          "V-47",
          Violation.error(path, "count is " + count + "; a Workspace has at least one node")
              .found(Integer.toString(count))
              .action("write 1 or more; delete the Workspace to give its nodes back"));
    } else if (count > 1 && workspace.tuning().isPresent()) {
      findings.add(
          "V-44",
          Violation.error(path, "count is " + count + "; tuning runs on one node")
              .found(Integer.toString(count))
              .addAllowed("1")
              .action("write 1, and choose an instance type with more GPUs if needed"));
    } else if (count > 1 && workspace.apiVersion() == ApiVersion.V1BETA1) {
      findings.add(
          "deprecated",
          Violation.warning(
                  path,
                  "deprecated in v1beta1; with a preset under vLLM the number of nodes is computed")
              .found(Integer.toString(count))
              .action("leave it out"));
    }
  }

  private static void selector(V1LabelSelector selector, Findings findings) {
    List<V1LabelSelectorRequirement> requirements = LabelSelectors.requirements(selector);
    for (int i = 0; i < requirements.size(); i++) {
      V1LabelSelectorRequirement requirement = requirements.get(i);
      if (!LabelSelectors.isLabel(requirement)) {
        notALabel(FieldPath.index(SELECTOR + ".matchExpressions", i), requirement, findings);
      }
    }
    Map<String, String> matchLabels =
        selector.getMatchLabels() == null ? Map.of() : selector.getMatchLabels();
    if (matchLabels.isEmpty() && requirements.isEmpty()) {
      findings.add(
          "V-22b",
          Violation.warning(SELECTOR, "selects every node of the cluster")
              .action("name a label of the nodes that this Workspace may use"));
    }
    matchLabels.forEach((key, value) -> label(key, value, findings));
    reserved(matchLabels, findings);
    if (requirements.stream().allMatch(LabelSelectors::isLabel)
        && LabelSelectors.labels(selector).isEmpty()) {
      findings.add(
          "V-20",
          Violation.error(SELECTOR, "one key is asked to have two values; no node can")
              .action("name each key once"));
    }
  }

  private static void notALabel(
      String path, V1LabelSelectorRequirement requirement, Findings findings) {
    String operator = String.valueOf(requirement.getOperator());
    List<String> values = requirement.getValues();
    int size = values == null ? 0 : values.size();
    String what =
        operator.equals("In")
            ? "operator In with " + size + " values"
            : "operator " + Quoted.of(operator);
    findings.add(
        "V-20",
        Violation.error(path, what + " cannot become a label of a node")
            .found(Quoted.shorten(operator))
            .addAllowed("In with exactly one value")
            .action("write matchLabels"));
  }

  private static void label(String key, String value, Findings findings) {
    String path = FieldPath.key(SELECTOR + ".matchLabels", key);
    Names.labelKeyProblem(key)
        .ifPresent(
            problem ->
                findings.add(
                    "label-syntax",
                    Violation.error(path, "the label key " + Quoted.of(key) + " " + problem)
                        .found(Quoted.shorten(key))
                        .action("no node can carry this label; rename it")));
    Names.labelValueProblem(value)
        .ifPresent(
            problem ->
                findings.add(
                    "label-syntax",
                    Violation.error(path, "the label value " + Quoted.of(value) + " " + problem)
                        .found(Quoted.shorten(value))
                        .action("no node can carry this label; choose another value")));
  }

  private static void reserved(Map<String, String> matchLabels, Findings findings) {
    List<String> keys =
        matchLabels.keySet().stream().filter(KaitoLabels.RESERVED_IN_SELECTORS::contains).toList();
    boolean nothingLeft = !keys.isEmpty() && keys.size() == matchLabels.size();
    for (String key : keys) {
      String path = FieldPath.key(SELECTOR + ".matchLabels", key);
      String message = "the controller sets the label " + key + " itself and ignores it here";
      findings.add(
          nothingLeft ? "V-22" : "V-21",
          (nothingLeft
                  ? Violation.error(path, message + "; no label is left to select by")
                  : Violation.warning(path, message))
              .found(key)
              .action("select by a label of your own"));
    }
  }

  private static void partition(Workspace workspace, GpuPartition partition, Findings findings) {
    if (workspace.apiVersion() == ApiVersion.V1ALPHA1) {
      findings.add("version", onlyInBeta(PARTITION));
    }
    if (workspace.tuning().isPresent()) {
      findings.add(
          "V-45",
          Violation.error(PARTITION, "tuning takes whole nodes").action("remove partition"));
    }
    workspace
        .resource()
        .instanceType()
        .filter(type -> !type.isEmpty())
        .ifPresent(
            type ->
                findings.add(
                    "V-34",
                    Violation.error(
                            PARTITION,
                            "a partition needs nodes that you bring yourself, and instanceType asks to buy them")
                        .found(Quoted.shorten(type))
                        .action("remove instanceType to use your own nodes, or remove partition")));
    Optional<String> mode = partition.mode();
    if (mode.isEmpty() || !MODES.contains(mode.get())) {
      Violation.Builder violation =
          mode.isEmpty()
              ? Violation.error(PARTITION + ".mode", "required field is missing")
              : Violation.error(PARTITION + ".mode", "unknown value " + Quoted.of(mode.get()));
      mode.ifPresent(
          text -> {
            violation.found(Quoted.shorten(text));
            Nearest.of(text, MODES).ifPresent(violation::nearest);
          });
      findings.add("V-35", violation.allowed(MODES));
    } else if (mode.get().equals(GpuPartition.MODE_MIG)) {
      mig(partition, findings);
    } else {
      accelerator(partition, findings);
    }
  }

  private static void mig(GpuPartition partition, Findings findings) {
    if (partition.count().isPresent()) {
      findings.add(
          "V-37",
          Violation.error(PARTITION + ".count", "mode mig takes exactly one slice")
              .found(Integer.toString(partition.count().getAsInt()))
              .action("remove count, or use mode accelerator"));
    }
    String profile = partition.profile().orElse("");
    if (!MIG_PROFILE.matcher(profile).matches()) {
      findings.add(
          "V-38",
          Violation.error(
                  PARTITION + ".profile",
                  profile.isEmpty()
                      ? "mode mig needs a profile"
                      : "not a MIG profile: " + Quoted.of(profile))
              .found(Quoted.shorten(profile))
              .action("write compute slices and gigabytes, such as 1g.10gb"));
    }
  }

  private static void accelerator(GpuPartition partition, Findings findings) {
    partition
        .profile()
        .ifPresent(
            profile ->
                findings.add(
                    "V-41",
                    Violation.error(PARTITION + ".profile", "mode accelerator takes no profile")
                        .found(Quoted.shorten(profile))
                        .action("remove profile, or use mode mig")));
    int count = partition.count().orElse(0);
    if (count < 1) {
      findings.add(
          "V-42",
          Violation.error(
                  PARTITION + ".count", "mode accelerator needs the number of GPUs, 1 or more")
              .action("add count"));
    }
  }

  static Violation.Builder onlyInBeta(String path) {
    return Violation.error(
            path, "exists in kaito.sh/v1beta1 only; this Workspace is kaito.sh/v1alpha1")
        .addAllowed(ApiVersion.V1BETA1.groupVersion())
        .action("write apiVersion: kaito.sh/v1beta1, or remove the field");
  }
}

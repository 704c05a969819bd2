package sh.kaito.core.plan;

import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1LabelSelectorRequirement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import sh.kaito.api.model.ApiVersion;
import sh.kaito.api.model.GpuPartition;
import sh.kaito.api.model.KaitoApi;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.model.ResourceSpec;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.catalog.ComputeCapability;
import sh.kaito.core.catalog.GpuCatalog;
import sh.kaito.core.catalog.GpuShape;
import sh.kaito.core.catalog.InstanceType;

/** Finds out which GPUs the nodes of a workspace have. */
final class NodeResolver {
  static final String INSTANCE_TYPE = "resource.instanceType";

  /** Not a fault of the workspace: nobody said which nodes there are. */
  /** Product, count and memory, which GPU feature discovery writes. */
  private static final int LABELS_OF_GPUS = 3;

  static final String UNKNOWN_NODES = "nodes-unknown";

  private static final String SELECTOR = "resource.labelSelector";
  private static final String PARTITION = "resource.partition";

  private final Planner.Builder settings;
  private final Workspace workspace;
  private final PlanInputs inputs;
  private final List<Violation> problems;
  private final List<Violation> warnings;

  NodeResolver(
      Planner.Builder settings,
      Workspace workspace,
      PlanInputs inputs,
      List<Violation> problems,
      List<Violation> warnings) {
    this.settings = settings;
    this.workspace = workspace;
    this.inputs = inputs;
    this.problems = problems;
    this.warnings = warnings;
  }

  /**
   * What is known about the nodes.
   *
   * @param name instance type to buy, as the cloud spells it
   * @param row its catalogue row
   * @param gpus GPUs of one node, or the part of them that pods get
   * @param gpuResource the extended resource of these GPUs
   */
  record Nodes(
      Optional<String> name,
      Optional<InstanceType> row,
      Optional<GpuShape> gpus,
      String gpuResource) {}

  Nodes resolve() {
    if (!settings.bringYourOwn) {
      return bought();
    }
    workspace
        .resource()
        .instanceType()
        .filter(name -> !name.isEmpty())
        .ifPresent(
            name ->
                problems.add(
                    Problem.of(
                        "V-14",
                        INSTANCE_TYPE,
                        name,
                        "cannot be bought: nodes are brought by the user here",
                        "remove resource.instanceType")));
    return workspace.resource().partition().map(this::partition).orElseGet(this::whole);
  }

  private Nodes bought() {
    ResourceSpec resource = workspace.resource();
    resource
        .partition()
        .ifPresent(
            partition ->
                problems.add(
                    Problem.of(
                        "V-34",
                        PARTITION,
                        partition.mode().orElse(""),
                        "a part of a GPU can be had on the user's own nodes only, and here nodes are"
                            + " bought",
                        "remove resource.partition")));
    Optional<String> wanted = resource.instanceType().filter(name -> !name.isEmpty());
    if (wanted.isEmpty()
        && workspace.apiVersion() == ApiVersion.V1ALPHA1
        && resource.instanceType().isEmpty()) {
      wanted = Optional.of(KaitoApi.V1ALPHA1_DEFAULT_INSTANCE_TYPE);
      warnings.add(
          Problem.warning(
              INSTANCE_TYPE,
              "is missing, and v1alpha1 fills in "
                  + KaitoApi.V1ALPHA1_DEFAULT_INSTANCE_TYPE
                  + " (one A100 of 80 GB), which may cost more than the model needs",
              "name the instance type"));
    }
    if (wanted.isEmpty()) {
      problems.add(
          Problem.of(
              "V-13",
              INSTANCE_TYPE,
              "",
              "is required, because nodes are bought",
              known(),
              List.of(),
              "docs/reference/catalog.md lists all"));
      return new Nodes(Optional.empty(), Optional.empty(), Optional.empty(), "nvidia.com/gpu");
    }
    return ofName(wanted.get());
  }

  private Nodes ofName(String name) {
    Optional<InstanceType> row =
        settings.gpus.find(name).filter(type -> type.cloud() == settings.cloud);
    if (row.isEmpty()) {
      if (userTemplate() && azureName(name)) {
        warnings.add(
            Problem.warning(
                INSTANCE_TYPE,
                name + " is not in the catalogue, so nothing is known about its GPUs",
                "check the spelling; Azure will refuse a size that does not exist"));
        return new Nodes(Optional.of(name), row, Optional.empty(), "nvidia.com/gpu");
      }
      String elsewhere =
          settings
              .gpus
              .find(name)
              .map(
                  type ->
                      "is sold by "
                          + type.cloud().wireName()
                          + ", and nodes are bought from "
                          + settings.cloud.wireName())
              .orElse("is not an instance type that the catalogue knows");
      problems.add(
          Problem.of(
              "V-23",
              INSTANCE_TYPE,
              name,
              elsewhere,
              known(),
              settings.gpus.nearest(name).stream()
                  .filter(near -> settings.gpus.find(near).isPresent())
                  .filter(near -> settings.gpus.find(near).get().cloud() == settings.cloud)
                  .toList(),
              "docs/reference/catalog.md lists all"
                  + (settings.gpus.nearest(name).isEmpty()
                      ? ", and a size that is missing can be added with GpuCatalog.with(...)"
                      : "")));
      return new Nodes(Optional.of(name), row, Optional.empty(), "nvidia.com/gpu");
    }
    InstanceType type = row.get();
    spelling(name, type);
    if (type.retired()) {
      warnings.add(
          Problem.warning(
              INSTANCE_TYPE,
              "Kaito 0.12.0 no longer lists "
                  + type.name()
                  + ", and "
                  + settings.cloud.wireName()
                  + " may no longer sell it",
              type.successor()
                  .map(next -> "consider " + next)
                  .orElse("check that it can still be bought")));
    }
    return new Nodes(Optional.of(type.name()), row, Optional.of(type.gpu()), "nvidia.com/gpu");
  }

  private void spelling(String name, InstanceType type) {
    if (!type.name().equals(name)) {
      warnings.add(
          Problem.warning(
              INSTANCE_TYPE,
              name
                  + " is spelt "
                  + type.name()
                  + " by the cloud; nodes are bought and looked up under that name",
              "write " + type.name()));
    }
  }

  private boolean userTemplate() {
    return workspace.inference().filter(inference -> inference.template().isPresent()).isPresent();
  }

  private static boolean azureName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.startsWith("standard_n") || lower.startsWith("standard_d");
  }

  private List<String> known() {
    return settings.gpus.instanceTypes(settings.cloud).stream()
        .filter(type -> type.gpu().nvidia())
        .map(InstanceType::name)
        .toList();
  }

  private Nodes partition(GpuPartition partition) {
    String mode = partition.mode().orElse("");
    if (mode.equals(GpuPartition.MODE_MIG)) {
      return mig(partition);
    }
    if (!mode.equals(GpuPartition.MODE_ACCELERATOR)) {
      problems.add(
          Problem.of(
              "V-35",
              PARTITION + ".mode",
              mode,
              "is not a way to divide GPUs",
              List.of(GpuPartition.MODE_MIG, GpuPartition.MODE_ACCELERATOR),
              List.of(),
              ""));
      return unknown();
    }
    partition
        .profile()
        .ifPresent(
            profile ->
                problems.add(
                    Problem.of(
                        "V-41",
                        PARTITION + ".profile",
                        profile,
                        "has no meaning with mode accelerator, which takes whole GPUs",
                        "remove it, or use mode mig")));
    if (partition.count().isEmpty()) {
      problems.add(
          Problem.of(
              "V-42",
              PARTITION + ".count",
              "",
              "is required with mode accelerator",
              "say how many whole GPUs of a node to use"));
      return unknown();
    }
    int count = partition.count().getAsInt();
    if (count < 1) {
      problems.add(
          Problem.of(
              "V-42",
              PARTITION + ".count",
              String.valueOf(count),
              "is no number of GPUs",
              "write 1 or more"));
      return unknown();
    }
    Optional<GpuShape> node = fleet();
    if (node.isPresent() && node.get().count() < count) {
      problems.add(
          Problem.of(
              "V-42",
              PARTITION + ".count",
              String.valueOf(count),
              "is more than the " + node.get().count() + " GPUs of a node",
              "write " + node.get().count() + " or less"));
      return unknown();
    }
    return new Nodes(
        Optional.empty(),
        Optional.empty(),
        node.map(shape -> GpuShape.builder().from(shape).count(count).build()),
        "nvidia.com/gpu");
  }

  private Nodes mig(GpuPartition partition) {
    partition
        .count()
        .ifPresent(
            count ->
                problems.add(
                    Problem.of(
                        "V-37",
                        PARTITION + ".count",
                        String.valueOf(count),
                        "has no meaning with mode mig, which takes one slice",
                        "remove it, or use mode accelerator")));
    String profile = partition.profile().orElse("");
    if (!settings.gpus.migProfiles().contains(profile)) {
      problems.add(
          Problem.of(
              "V-38",
              PARTITION + ".profile",
              profile,
              "is not a MIG profile of any NVIDIA GPU",
              List.copyOf(settings.gpus.migProfiles()),
              settings.gpus.nearestMigProfiles(profile),
              ""));
      return unknown();
    }
    return new Nodes(
        Optional.empty(),
        Optional.empty(),
        Optional.of(GpuCatalog.migSlice(profile)),
        "nvidia.com/mig-" + profile);
  }

  private Nodes whole() {
    return new Nodes(Optional.empty(), Optional.empty(), fleet(), "nvidia.com/gpu");
  }

  private static Nodes unknown() {
    return new Nodes(Optional.empty(), Optional.empty(), Optional.empty(), "nvidia.com/gpu");
  }

  /** The GPUs that every node of the fleet has; a fleet must be uniform. */
  private Optional<GpuShape> fleet() {
    if (inputs.nodeLabels().orElse(List.of()).isEmpty()) {
      boolean asked = inputs.nodeLabels().isPresent();
      problems.add(
          Problem.of(
              asked ? "V-31" : UNKNOWN_NODES,
              SELECTOR,
              selector(),
              asked
                  ? "selects no node, and nodes are not bought here"
                  : "cannot be planned without the labels of the nodes it selects",
              asked
                  ? "add GPU nodes with these labels, or correct the selector"
                  : "give the nodes' labels in PlanInputs"));
      return Optional.empty();
    }
    GpuShape first = null;
    for (Map<String, String> labels : inputs.nodeLabels().get()) {
      Optional<GpuShape> shape = ofLabels(labels);
      if (shape.isEmpty()) {
        return Optional.empty();
      }
      if (first == null) {
        first = shape.get();
      } else if (!same(first, shape.get())) {
        problems.add(
            Problem.of(
                "V-33",
                SELECTOR,
                selector(),
                "selects nodes that differ: "
                    + Sizer.describe(first)
                    + " and "
                    + Sizer.describe(shape.get())
                    + "; one model can only be spread over nodes that are alike",
                "select nodes of one kind"));
        return Optional.empty();
      }
    }
    return Optional.ofNullable(first);
  }

  private static boolean same(GpuShape one, GpuShape other) {
    return one.product().equals(other.product())
        && one.count() == other.count()
        && one.memoryGiB() == other.memoryGiB();
  }

  private Optional<GpuShape> ofLabels(Map<String, String> labels) {
    String node = labels.getOrDefault("kubernetes.io/hostname", "a node without name");
    List<String> missing = new ArrayList<>();
    String product = labels.getOrDefault("nvidia.com/gpu.product", "");
    if (product.isEmpty()) {
      missing.add("nvidia.com/gpu.product");
    }
    int count = number(labels, "nvidia.com/gpu.count", missing);
    int mebibytes = number(labels, "nvidia.com/gpu.memory", missing);
    if (missing.size() == LABELS_OF_GPUS) {
      Optional<InstanceType> row =
          settings.gpus.find(labels.getOrDefault("node.kubernetes.io/instance-type", ""));
      if (row.isPresent()) {
        // Without GPU feature discovery the cloud's own label says the same.
        return Optional.of(row.get().gpu());
      }
    }
    if (!missing.isEmpty()) {
      problems.add(
          Problem.of(
              "V-32",
              SELECTOR,
              selector(),
              "selects "
                  + node
                  + ", which lacks labels of GPU feature discovery: "
                  + String.join(", ", missing),
              "install NVIDIA's GPU feature discovery, or set the labels; a node with a known"
                  + " node.kubernetes.io/instance-type needs none of them"));
      return Optional.empty();
    }
    GpuShape.Builder shape =
        GpuShape.builder()
            .product(product.startsWith("NVIDIA") ? product.replace('-', ' ') : "NVIDIA " + product)
            .count(count)
            .memoryGiB(Math.round(mebibytes / 1024.0));
    settings.gpus.computeCapability(product).ifPresent(shape::computeCapability);
    String major = labels.getOrDefault("nvidia.com/cuda.compute.major", "");
    String minor = labels.getOrDefault("nvidia.com/cuda.compute.minor", "0");
    if (!major.isEmpty()) {
      try {
        shape.computeCapability(ComputeCapability.parse(major + "." + minor));
      } catch (IllegalArgumentException e) {
        warnings.add(
            Problem.warning(
                SELECTOR, node + " has labels for the compute capability that are no numbers", ""));
      }
    }
    return Optional.of(shape.build());
  }

  private static int number(Map<String, String> labels, String key, List<String> missing) {
    try {
      int number = Integer.parseInt(labels.getOrDefault(key, ""));
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      missing.add(key + " (a whole number)");
      return 0;
    }
    missing.add(key + " (more than 0)");
    return 0;
  }

  private String selector() {
    List<String> pairs = new ArrayList<>();
    labels().forEach((key, value) -> pairs.add(key + "=" + value));
    return String.join(", ", pairs);
  }

  /** Labels of the selector that nodes can carry: without the keys that Kaito stamps itself. */
  Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    Optional<V1LabelSelector> selector = workspace.resource().labelSelector();
    if (selector.isEmpty()) {
      return labels;
    }
    Map<String, String> matchLabels = selector.get().getMatchLabels();
    if (matchLabels != null) {
      labels.putAll(matchLabels);
    }
    List<V1LabelSelectorRequirement> expressions = selector.get().getMatchExpressions();
    if (expressions != null) {
      for (V1LabelSelectorRequirement expression : expressions) {
        List<String> values = expression.getValues();
        if ("In".equals(expression.getOperator()) && values != null && values.size() == 1) {
          labels.put(expression.getKey(), values.get(0));
        }
      }
    }
    labels.keySet().removeAll(KaitoLabels.RESERVED_IN_SELECTORS);
    return labels;
  }
}

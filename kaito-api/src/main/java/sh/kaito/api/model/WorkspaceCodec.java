package sh.kaito.api.model;

import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1ListMeta;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Volume;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Workspaces to and from plain JSON trees, leniently. */
final class WorkspaceCodec {

  private WorkspaceCodec() {}

  // Reading

  /**
   * @throws IllegalArgumentException if the tree is no Workspace of a known version
   */
  static Workspace readWorkspace(@Nullable Object tree) {
    return readWorkspace(tree, Optional.empty());
  }

  private static Workspace readWorkspace(@Nullable Object tree, Optional<ApiVersion> fallback) {
    TreeReader in = new TreeReader(object(tree, KaitoApi.WORKSPACE_KIND));
    Workspace.Builder workspace =
        Workspace.builder()
            .apiVersion(apiVersion(in, KaitoApi.WORKSPACE_KIND, fallback))
            .metadata(in.kubernetes("metadata", V1ObjectMeta.class).orElseGet(V1ObjectMeta::new))
            .inference(in.object("inference", WorkspaceCodec::readInference))
            .tuning(in.object("tuning", WorkspaceCodec::readTuning));
    in.object("resource", WorkspaceCodec::readResource).ifPresent(workspace::resource);
    in.object("status", WorkspaceCodec::readStatus).ifPresent(workspace::status);
    return workspace.unknownFields(in.rest()).build();
  }

  /**
   * @throws IllegalArgumentException if the tree is no list of Workspaces of a known version
   */
  static WorkspaceList readList(@Nullable Object tree) {
    TreeReader in = new TreeReader(object(tree, KaitoApi.WORKSPACE_LIST_KIND));
    ApiVersion version = apiVersion(in, KaitoApi.WORKSPACE_LIST_KIND, Optional.empty());
    WorkspaceList.Builder list =
        WorkspaceList.builder()
            .apiVersion(version)
            .metadata(in.kubernetes("metadata", V1ListMeta.class).orElseGet(V1ListMeta::new));
    if (in.raw("items") instanceof Iterable<?> items) {
      items.forEach(item -> list.addItem(readWorkspace(item, Optional.of(version))));
    }
    return list.unknownFields(in.rest()).build();
  }

  private static Map<?, ?> object(@Nullable Object tree, String kind) {
    if (tree instanceof Map<?, ?> map) {
      return map;
    }
    throw new IllegalArgumentException("A " + kind + " is a JSON object; found " + describe(tree));
  }

  private static String describe(@Nullable Object tree) {
    return tree == null ? "nothing" : "a " + tree.getClass().getSimpleName();
  }

  private static ApiVersion apiVersion(TreeReader in, String kind, Optional<ApiVersion> fallback) {
    Object found = in.raw("kind");
    if (found != null && !kind.equals(found)) {
      throw new IllegalArgumentException("Expected kind " + kind + "; found kind " + found);
    }
    Object version = in.raw("apiVersion");
    if (version == null) {
      return fallback.orElse(ApiVersion.V1BETA1);
    }
    return ApiVersion.of(String.valueOf(version))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Expected apiVersion "
                        + ApiVersion.V1ALPHA1
                        + " or "
                        + ApiVersion.V1BETA1
                        + "; found "
                        + version));
  }

  private static ResourceSpec readResource(TreeReader in) {
    return ResourceSpec.builder()
        .count(in.integer("count"))
        .instanceType(in.string("instanceType"))
        .labelSelector(in.kubernetes("labelSelector", V1LabelSelector.class))
        .preferredNodes(in.strings("preferredNodes"))
        .partition(in.object("partition", WorkspaceCodec::readPartition))
        .unknownFields(in.rest())
        .build();
  }

  private static GpuPartition readPartition(TreeReader in) {
    return GpuPartition.builder()
        .mode(in.string("mode"))
        .profile(in.string("profile"))
        .count(in.integer("count"))
        .unknownFields(in.rest())
        .build();
  }

  private static InferenceSpec readInference(TreeReader in) {
    return InferenceSpec.builder()
        .preset(in.object("preset", WorkspaceCodec::readPreset))
        .template(in.kubernetes("template", V1PodTemplateSpec.class))
        .config(in.string("config"))
        .adapters(in.objects("adapters", WorkspaceCodec::readAdapter))
        .unknownFields(in.rest())
        .build();
  }

  private static PresetSpec readPreset(TreeReader in) {
    return PresetSpec.builder()
        .name(in.string("name"))
        .accessMode(in.string("accessMode"))
        .presetOptions(
            in.object("presetOptions", WorkspaceCodec::readPresetOptions)
                .orElse(PresetOptions.EMPTY))
        .unknownFields(in.rest())
        .build();
  }

  private static PresetOptions readPresetOptions(TreeReader in) {
    return PresetOptions.builder()
        .image(in.string("image"))
        .imagePullSecrets(in.strings("imagePullSecrets"))
        .modelAccessSecret(in.string("modelAccessSecret"))
        .unknownFields(in.rest())
        .build();
  }

  private static AdapterSpec readAdapter(TreeReader in) {
    return AdapterSpec.builder()
        .source(in.object("source", WorkspaceCodec::readSource))
        .strength(in.string("strength"))
        .unknownFields(in.rest())
        .build();
  }

  private static DataSource readSource(TreeReader in) {
    return DataSource.builder()
        .name(in.string("name"))
        .urls(in.strings("urls"))
        .volumeSource(in.kubernetes("volumeSource", V1Volume.class))
        .image(in.string("image"))
        .imagePullSecrets(in.strings("imagePullSecrets"))
        .unknownFields(in.rest())
        .build();
  }

  private static TuningSpec readTuning(TreeReader in) {
    return TuningSpec.builder()
        .preset(in.object("preset", WorkspaceCodec::readPreset))
        .method(in.string("method"))
        .config(in.string("config"))
        .input(in.object("input", WorkspaceCodec::readSource))
        .output(in.object("output", WorkspaceCodec::readDestination))
        .unknownFields(in.rest())
        .build();
  }

  private static DataDestination readDestination(TreeReader in) {
    return DataDestination.builder()
        .volumeSource(in.kubernetes("volumeSource", V1Volume.class))
        .image(in.string("image"))
        .imagePushSecret(in.string("imagePushSecret"))
        .unknownFields(in.rest())
        .build();
  }

  private static WorkspaceStatus readStatus(TreeReader in) {
    return WorkspaceStatus.builder()
        .workerNodes(in.strings("workerNodes"))
        .conditions(in.objects("conditions", WorkspaceCodec::readCondition))
        .state(in.string("state"))
        .targetNodeCount(in.integer("targetNodeCount"))
        .performance(in.object("performance", WorkspaceCodec::readPerformance))
        .unknownFields(in.rest())
        .build();
  }

  private static WorkspaceCondition readCondition(TreeReader in) {
    return WorkspaceCondition.builder()
        .type(in.string("type").orElse(""))
        .status(ConditionStatus.of(in.string("status").orElse("")))
        .reason(in.string("reason").orElse(""))
        .message(in.string("message").orElse(""))
        .lastTransitionTime(in.instant("lastTransitionTime"))
        .observedGeneration(in.longInteger("observedGeneration"))
        .unknownFields(in.rest())
        .build();
  }

  private static WorkspacePerformance readPerformance(TreeReader in) {
    return WorkspacePerformance.builder()
        .metrics(in.objectMap("metrics", WorkspaceCodec::readMetric))
        .unknownFields(in.rest())
        .build();
  }

  private static PerformanceMetric readMetric(TreeReader in) {
    return PerformanceMetric.builder()
        .description(in.string("description"))
        .value(in.string("value"))
        .unit(in.string("unit"))
        .config(in.stringMap("config"))
        .unknownFields(in.rest())
        .build();
  }

  // Writing

  static Map<String, @Nullable Object> write(Workspace workspace) {
    return new TreeWriter()
        .value("apiVersion", workspace.getApiVersion())
        .value("kind", workspace.getKind())
        .kubernetes("metadata", Optional.of(workspace.metadata()))
        .objectUnlessEmpty("resource", write(workspace.resource()))
        .object("inference", workspace.inference(), WorkspaceCodec::write)
        .object("tuning", workspace.tuning(), WorkspaceCodec::write)
        .objectUnlessEmpty("status", write(workspace.status()))
        .with(workspace.unknownFields());
  }

  static Map<String, @Nullable Object> write(WorkspaceList list) {
    Map<String, @Nullable Object> tree =
        new TreeWriter()
            .value("apiVersion", list.getApiVersion())
            .value("kind", list.getKind())
            .kubernetes("metadata", Optional.of(list.metadata()))
            .objects("items", list.items(), WorkspaceCodec::write)
            .with(list.unknownFields());
    tree.putIfAbsent("items", new java.util.ArrayList<>());
    return tree;
  }

  private static Map<String, @Nullable Object> write(ResourceSpec resource) {
    return new TreeWriter()
        .integer("count", resource.count())
        .string("instanceType", resource.instanceType())
        .kubernetes("labelSelector", resource.labelSelector())
        .strings("preferredNodes", resource.preferredNodes())
        .object("partition", resource.partition(), WorkspaceCodec::write)
        .with(resource.unknownFields());
  }

  private static Map<String, @Nullable Object> write(GpuPartition partition) {
    return new TreeWriter()
        .string("mode", partition.mode())
        .string("profile", partition.profile())
        .integer("count", partition.count())
        .with(partition.unknownFields());
  }

  private static Map<String, @Nullable Object> write(InferenceSpec inference) {
    return new TreeWriter()
        .object("preset", inference.preset(), WorkspaceCodec::write)
        .kubernetes("template", inference.template())
        .string("config", inference.config())
        .objects("adapters", inference.adapters(), WorkspaceCodec::write)
        .with(inference.unknownFields());
  }

  private static Map<String, @Nullable Object> write(PresetSpec preset) {
    return new TreeWriter()
        .string("name", preset.name())
        .string("accessMode", preset.accessMode())
        .objectUnlessEmpty("presetOptions", write(preset.presetOptions()))
        .with(preset.unknownFields());
  }

  private static Map<String, @Nullable Object> write(PresetOptions options) {
    return new TreeWriter()
        .string("image", options.image())
        .strings("imagePullSecrets", options.imagePullSecrets())
        .string("modelAccessSecret", options.modelAccessSecret())
        .with(options.unknownFields());
  }

  private static Map<String, @Nullable Object> write(AdapterSpec adapter) {
    return new TreeWriter()
        .object("source", adapter.source(), WorkspaceCodec::write)
        .string("strength", adapter.strength())
        .with(adapter.unknownFields());
  }

  private static Map<String, @Nullable Object> write(DataSource source) {
    return new TreeWriter()
        .string("name", source.name())
        .strings("urls", source.urls())
        .kubernetes("volumeSource", source.volumeSource())
        .string("image", source.image())
        .strings("imagePullSecrets", source.imagePullSecrets())
        .with(source.unknownFields());
  }

  private static Map<String, @Nullable Object> write(TuningSpec tuning) {
    return new TreeWriter()
        .object("preset", tuning.preset(), WorkspaceCodec::write)
        .string("method", tuning.method())
        .string("config", tuning.config())
        .object("input", tuning.input(), WorkspaceCodec::write)
        .object("output", tuning.output(), WorkspaceCodec::write)
        .with(tuning.unknownFields());
  }

  private static Map<String, @Nullable Object> write(DataDestination destination) {
    return new TreeWriter()
        .kubernetes("volumeSource", destination.volumeSource())
        .string("image", destination.image())
        .string("imagePushSecret", destination.imagePushSecret())
        .with(destination.unknownFields());
  }

  private static Map<String, @Nullable Object> write(WorkspaceStatus status) {
    return new TreeWriter()
        .strings("workerNodes", status.workerNodes())
        .objects("conditions", status.conditions(), WorkspaceCodec::write)
        .string("state", status.state())
        .integer("targetNodeCount", status.targetNodeCount())
        .object("performance", status.performance(), WorkspaceCodec::write)
        .with(status.unknownFields());
  }

  private static Map<String, @Nullable Object> write(WorkspaceCondition condition) {
    return new TreeWriter()
        .value("type", condition.type())
        .value("status", condition.status().wireName())
        .value("reason", condition.reason())
        .value("message", condition.message())
        .instant("lastTransitionTime", condition.lastTransitionTime())
        .longInteger("observedGeneration", condition.observedGeneration())
        .with(condition.unknownFields());
  }

  private static Map<String, @Nullable Object> write(WorkspacePerformance performance) {
    return new TreeWriter()
        .objectMap("metrics", performance.metrics(), WorkspaceCodec::write)
        .with(performance.unknownFields());
  }

  private static Map<String, @Nullable Object> write(PerformanceMetric metric) {
    return new TreeWriter()
        .string("description", metric.description())
        .string("value", metric.value())
        .string("unit", metric.unit())
        .stringMap("config", metric.config())
        .with(metric.unknownFields());
  }
}

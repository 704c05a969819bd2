package sh.kaito.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sh.kaito.api.internal.schema.Shape;
import sh.kaito.api.internal.schema.Shape.Entries;
import sh.kaito.api.internal.schema.Shape.Fields;
import sh.kaito.api.internal.schema.Shape.Items;
import sh.kaito.api.internal.schema.Shape.Scalar;
import sh.kaito.api.internal.schema.WorkspaceSchema;

/** The schema and the Java model have the same fields: a document with every field proves it. */
class SchemaAgreementTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Kubernetes types are not the schema's business: one valid value of each will do. */
  private static final Map<String, Object> KUBERNETES =
      Map.of(
          "V1ObjectMeta", Map.of("name", "w"),
          "V1PodTemplateSpec",
              Map.of("spec", Map.of("containers", List.of(Map.of("name", "c", "image", "i")))),
          "VolumeSource", Map.of("emptyDir", Map.of()));

  @ParameterizedTest
  @EnumSource
  void everyFieldOfTheSchemaIsAFieldOfTheModel(ApiVersion version) throws Exception {
    @SuppressWarnings("unchecked")
    Map<String, Object> tree = (Map<String, Object>) sample(WorkspaceSchema.shape(), version);
    tree.put("apiVersion", version.groupVersion());
    tree.put("kind", "Workspace");
    String json = JSON.writeValueAsString(tree);

    Workspace workspace = Workspaces.read(json);

    assertThat(JSON.readTree(Workspaces.toJson(workspace))).isEqualTo(JSON.readTree(json));
    assertThat(json).contains("\"strength\"", "\"observedGeneration\"", "\"matchExpressions\"");
    // A field that the model lacks would be kept as unknown, and so survive the round trip.
    assertThat(unknown(workspace)).isEmpty();
  }

  private static String unknown(Workspace workspace) {
    StringBuilder paths = new StringBuilder();
    InferenceSpec inference = workspace.inference().orElseThrow();
    TuningSpec tuning = workspace.tuning().orElseThrow();
    PresetSpec preset = inference.preset().orElseThrow();
    AdapterSpec adapter = inference.adapters().get(0);
    List<UnknownFields> parts =
        List.of(
            workspace.unknownFields(),
            workspace.resource().unknownFields(),
            workspace
                .resource()
                .partition()
                .map(GpuPartition::unknownFields)
                .orElse(UnknownFields.none()),
            inference.unknownFields(),
            preset.unknownFields(),
            preset.presetOptions().unknownFields(),
            adapter.unknownFields(),
            adapter.source().orElseThrow().unknownFields(),
            tuning.unknownFields(),
            tuning.input().orElseThrow().unknownFields(),
            tuning.output().orElseThrow().unknownFields(),
            workspace.status().unknownFields(),
            workspace.status().conditions().get(0).unknownFields(),
            workspace
                .status()
                .performance()
                .map(WorkspacePerformance::unknownFields)
                .orElse(UnknownFields.none()));
    parts.forEach(part -> part.paths().forEach(path -> paths.append(path).append(' ')));
    workspace.status().performance().stream()
        .flatMap(performance -> performance.metrics().values().stream())
        .forEach(metric -> metric.unknownFields().paths().forEach(paths::append));
    return paths.toString();
  }

  private static Object sample(Shape shape, ApiVersion version) {
    if (shape instanceof Scalar scalar) {
      if (!scalar.allowed().isEmpty()) {
        return scalar.allowed().get(0);
      }
      return switch (scalar.kind()) {
        case INTEGER -> 1;
        case DATE_TIME -> "2026-01-31T10:00:00Z";
        default -> "x";
      };
    }
    if (shape instanceof Items items) {
      return List.of(sample(items.element(), version));
    }
    if (shape instanceof Entries entries) {
      return Map.of("k", sample(entries.value(), version));
    }
    Fields fields = (Fields) shape;
    Object kubernetes = KUBERNETES.get(fields.name());
    if (kubernetes != null) {
      return kubernetes;
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    fields
        .members()
        .forEach(
            (name, member) -> {
              if (member.versions().contains(version)) {
                tree.put(name, sample(member.shape(), version));
              }
            });
    return tree;
  }
}

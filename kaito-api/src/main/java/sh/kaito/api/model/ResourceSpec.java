package sh.kaito.api.model;

import io.kubernetes.client.openapi.models.V1LabelSelector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.immutables.value.Value;

/** The GPU nodes of a Workspace ({@code resource}). Immutable. */
@Value.Immutable
@ModelStyle
public abstract class ResourceSpec {
  static final ResourceSpec EMPTY = builder().build();

  ResourceSpec() {}

  /**
   * Number of GPU nodes ({@code resource.count}); the API server writes 1 where it is missing. In
   * v1beta1 deprecated: with a preset under vLLM the node count is computed, see {@link
   * WorkspaceStatus#targetNodeCount()}. Fixed at creation.
   */
  public abstract OptionalInt count();

  /**
   * Instance type (VM size) of the GPU nodes ({@code resource.instanceType}), for example {@code
   * Standard_NC24ads_A100_v4}. Absent with nodes that the user brings. In v1alpha1 the API server
   * writes {@value KaitoApi#V1ALPHA1_DEFAULT_INSTANCE_TYPE} where it is missing. Fixed at creation.
   */
  public abstract Optional<String> instanceType();

  /**
   * Labels that the nodes carry or get ({@code resource.labelSelector}); required on the wire.
   * {@code matchLabels}, or {@code matchExpressions} with operator {@code In} and exactly one
   * value. Fixed at creation.
   */
  public abstract Optional<V1LabelSelector> labelSelector();

  /**
   * Nodes to take first, by name ({@code resource.preferredNodes}). Deprecated in v1beta1. May
   * change at any time.
   */
  public abstract List<String> preferredNodes();

  /**
   * A part of a node's GPUs ({@code resource.partition}); v1beta1 only, bring-your-own nodes only.
   */
  public abstract Optional<GpuPartition> partition();

  /** Fields of {@code resource} that this library does not know. */
  @Value.Default
  public UnknownFields unknownFields() {
    return UnknownFields.none();
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this value. */
  public final Builder toBuilder() {
    return builder().from(this);
  }

  /** Builds a {@link ResourceSpec}. Not thread-safe. */
  public static final class Builder extends ImmutableResourceSpec.Builder {
    Builder() {}

    /** A label selector of these {@code matchLabels} alone. */
    public Builder matchLabels(Map<String, String> labels) {
      return labelSelector(new V1LabelSelector().matchLabels(new java.util.TreeMap<>(labels)));
    }
  }
}

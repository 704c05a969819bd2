package sh.kaito.api.model;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.google.gson.annotations.JsonAdapter;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.util.Optional;
import java.util.function.Consumer;
import org.immutables.value.Value;
import sh.kaito.api.validation.SourceDocument;

/**
 * A {@code kaito.sh} Workspace: which model to serve or to tune, and on which GPU nodes. One Java
 * type for both API versions; {@link #apiVersion()} says which one a value was written in.
 *
 * <p>There is no {@code spec}: {@code resource}, {@code inference}, {@code tuning} and {@code
 * status} stand beside {@code metadata}. For {@code resource} and {@code status}, absent, {@code
 * null} and {@code {}} read alike. Fields that this library does not know survive reading and
 * writing at every level, see {@link #unknownFields()}.
 *
 * <p>Immutable and thread-safe, with one caveat: the Kubernetes types inside ({@link V1ObjectMeta},
 * pod template, volumes, label selector) are the mutable beans of the Kubernetes client. Treat them
 * as read-only and set changed copies through {@link #toBuilder()}.
 *
 * <p>Gson and Jackson both read and write a Workspace as it is, without any registration, so that
 * {@code GenericKubernetesApi<Workspace, WorkspaceList>} works. {@link Workspaces} reads and writes
 * files and strings.
 */
@Value.Immutable
@ModelStyle
@JsonAdapter(WorkspaceGsonAdapter.class)
@JsonSerialize(using = WorkspaceJackson.Serializer.class)
@JsonDeserialize(using = WorkspaceJackson.Deserializer.class)
public abstract class Workspace implements KubernetesObject {

  Workspace() {}

  /** The API version in which this value is written. Default {@link ApiVersion#V1BETA1}. */
  @Value.Default
  public ApiVersion apiVersion() {
    return ApiVersion.V1BETA1;
  }

  /** Name, namespace, labels, annotations and the server's bookkeeping. */
  public abstract V1ObjectMeta metadata();

  /** The GPU nodes ({@code resource}). Never null; empty where the document has none. */
  @Value.Default
  public ResourceSpec resource() {
    return ResourceSpec.EMPTY;
  }

  /** Serve a model ({@code inference}); excludes {@link #tuning()}. */
  public abstract Optional<InferenceSpec> inference();

  /** Fine-tune a model ({@code tuning}); excludes {@link #inference()}. */
  public abstract Optional<TuningSpec> tuning();

  /** What the controller observed ({@code status}). Never null; empty before the first write. */
  @Value.Default
  public WorkspaceStatus status() {
    return WorkspaceStatus.EMPTY;
  }

  /** Top-level fields that this library does not know; they are written back as they were read. */
  @Value.Default
  public UnknownFields unknownFields() {
    return UnknownFields.none();
  }

  /**
   * Where this value was read from by {@link Workspaces#read}; lets a rule that knows only a path
   * report line and column. Kept by {@link #toBuilder()}, no part of equality, never written.
   */
  @Value.Auxiliary
  public abstract Optional<SourceDocument> source();

  /**
   * Namespace and name. Where {@code metadata.namespace} is absent the namespace is {@code
   * default}.
   *
   * @throws IllegalStateException if the metadata holds no name
   */
  public final WorkspaceKey key() {
    String name = metadata().getName();
    if (name == null) {
      throw new IllegalStateException(
          "Workspace without metadata.name has no key; set the name first");
    }
    String namespace = metadata().getNamespace();
    return new WorkspaceKey(
        namespace == null || namespace.isEmpty() ? WorkspaceKey.DEFAULT_NAMESPACE : namespace,
        name);
  }

  /** The value of a label of this Workspace. */
  public final Optional<String> label(String key) {
    var labels = metadata().getLabels();
    return labels == null ? Optional.empty() : Optional.ofNullable(labels.get(key));
  }

  /** The value of an annotation of this Workspace. */
  public final Optional<String> annotation(String key) {
    var annotations = metadata().getAnnotations();
    return annotations == null ? Optional.empty() : Optional.ofNullable(annotations.get(key));
  }

  /** The condition of that type in {@code status.conditions}. */
  public final Optional<WorkspaceCondition> condition(String type) {
    return status().condition(type);
  }

  /** The condition of that type in {@code status.conditions}. */
  public final Optional<WorkspaceCondition> condition(ConditionType type) {
    return status().condition(type.wireName());
  }

  /** Whether deletion was asked for ({@code metadata.deletionTimestamp}). */
  public final boolean isDeleting() {
    return metadata().getDeletionTimestamp() != null;
  }

  /** The same Workspace with another status. */
  public final Workspace withStatus(WorkspaceStatus status) {
    return toBuilder().status(status).build();
  }

  /** The same Workspace with other metadata. */
  public final Workspace withMetadata(V1ObjectMeta metadata) {
    return toBuilder().metadata(metadata).build();
  }

  /** {@link #apiVersion()} as text; for the Kubernetes client. */
  @Override
  public final String getApiVersion() {
    return apiVersion().groupVersion();
  }

  /** Always {@code Workspace}; for the Kubernetes client. */
  @Override
  public final String getKind() {
    return KaitoApi.WORKSPACE_KIND;
  }

  /** {@link #metadata()}; for the Kubernetes client. */
  @Override
  public final V1ObjectMeta getMetadata() {
    return metadata();
  }

  /** Version and name only: templates, annotations and URLs may hold secrets. */
  @Override
  public final String toString() {
    return "Workspace("
        + apiVersion().groupVersion()
        + " "
        + metadata().getNamespace()
        + "/"
        + metadata().getName()
        + ")";
  }

  /** An empty builder. {@link Builder#metadata} or {@link Builder#name} is required. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this value. */
  public final Builder toBuilder() {
    return builder().from(this);
  }

  /** Builds a {@link Workspace}. Not thread-safe. */
  public static final class Builder extends ImmutableWorkspace.Builder {
    Builder() {}

    /** Metadata with this name and nothing else. */
    public Builder name(String name) {
      return metadata(new V1ObjectMeta().name(name));
    }

    /** Metadata with this namespace and name and nothing else. */
    public Builder key(WorkspaceKey key) {
      return metadata(new V1ObjectMeta().namespace(key.namespace()).name(key.name()));
    }

    /** Sets {@code resource} in place: {@code .resource(r -> r.instanceType("...").count(2))}. */
    public Builder resource(Consumer<ResourceSpec.Builder> content) {
      ResourceSpec.Builder part = ResourceSpec.builder();
      content.accept(part);
      return resource(part.build());
    }

    /** Sets {@code inference} in place. */
    public Builder inference(Consumer<InferenceSpec.Builder> content) {
      InferenceSpec.Builder part = InferenceSpec.builder();
      content.accept(part);
      return inference(part.build());
    }

    /** Sets {@code tuning} in place. */
    public Builder tuning(Consumer<TuningSpec.Builder> content) {
      TuningSpec.Builder part = TuningSpec.builder();
      content.accept(part);
      return tuning(part.build());
    }
  }
}

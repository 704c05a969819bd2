package sh.kaito.api.model;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.google.gson.annotations.JsonAdapter;
import io.kubernetes.client.common.KubernetesListObject;
import io.kubernetes.client.openapi.models.V1ListMeta;
import java.util.List;
import org.immutables.value.Value;

/** What an API server answers to a list request for {@link Workspace}s. Immutable. */
@Value.Immutable
@ModelStyle
@JsonAdapter(WorkspaceListGsonAdapter.class)
@JsonSerialize(using = WorkspaceJackson.ListSerializer.class)
@JsonDeserialize(using = WorkspaceJackson.ListDeserializer.class)
public abstract class WorkspaceList implements KubernetesListObject {

  WorkspaceList() {}

  /** The API version of list and items. Default {@link ApiVersion#V1BETA1}. */
  @Value.Default
  public ApiVersion apiVersion() {
    return ApiVersion.V1BETA1;
  }

  /** Resource version and continue token. */
  @Value.Default
  public V1ListMeta metadata() {
    return new V1ListMeta();
  }

  /** The Workspaces, in the server's order. */
  public abstract List<Workspace> items();

  /** Top-level fields that this library does not know. */
  @Value.Default
  public UnknownFields unknownFields() {
    return UnknownFields.none();
  }

  @Override
  public final String getApiVersion() {
    return apiVersion().groupVersion();
  }

  /** Always {@code WorkspaceList}. */
  @Override
  public final String getKind() {
    return KaitoApi.WORKSPACE_LIST_KIND;
  }

  @Override
  public final V1ListMeta getMetadata() {
    return metadata();
  }

  @Override
  public final List<Workspace> getItems() {
    return items();
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this value. */
  public final Builder toBuilder() {
    return builder().from(this);
  }

  /** Builds a {@link WorkspaceList}. Not thread-safe. */
  public static final class Builder extends ImmutableWorkspaceList.Builder {
    Builder() {}
  }
}

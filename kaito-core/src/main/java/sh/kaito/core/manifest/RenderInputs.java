package sh.kaito.core.manifest;

import java.util.Map;
import java.util.Optional;
import org.immutables.value.Value;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.provision.NodeConstraints;
import sh.kaito.core.plan.Plan;

/** Everything that objects are made from. Immutable. */
@Value.Immutable
@ManifestStyle
public interface RenderInputs {
  /** What is to run. */
  Plan plan();

  /** The Workspace that the plan was made from. */
  Workspace workspace();

  /** Referred to by every object, so that they go when it goes. */
  Owner owner();

  /** What ties the pods to the Workspace's nodes. */
  NodeConstraints constraints();

  /**
   * {@code data} of the ConfigMaps of the Workspace's namespace, by name; at least of those that
   * {@link Manifests#configMaps} names and that exist. One that exists without {@code data} has an
   * empty map.
   */
  Map<String, Map<String, String>> configMaps();

  /**
   * StorageClass of volumes on the node's own NVMe disks, such as {@code kaito-local-nvme-disk},
   * where the cluster has one. Downloaded weights then lie there if the instance type has such a
   * disk, else on the node's system disk.
   */
  Optional<String> localDiskStorageClass();

  /** DNS domain of the cluster. Default: {@code cluster.local}. */
  @Value.Default
  default String clusterDomain() {
    return "cluster.local";
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds {@link RenderInputs}. Not thread-safe. */
  final class Builder extends ImmutableRenderInputs.Builder {
    Builder() {}
  }
}

package sh.kaito.core.provision;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import sh.kaito.api.model.KaitoLabels;
import sh.kaito.api.provision.ProvisionerContext;
import sh.kaito.core.internal.kube.Change;
import sh.kaito.core.internal.kube.Index;
import sh.kaito.core.internal.kube.ListOptions;
import sh.kaito.core.internal.kube.ObjectKey;
import sh.kaito.core.internal.kube.Reflector;
import sh.kaito.core.internal.kube.ResourceType;
import sh.kaito.core.internal.kube.Stored;

/** The claims that carry our labels, as the API server shows them. */
final class ClaimCache implements AutoCloseable {
  private static final Index<ClaimInfo> BY_OWNER =
      Index.of("owner-uid", claim -> List.of(claim.key().ownerUid()));

  private final Reflector<ClaimInfo> reflector;

  private ClaimCache(Reflector<ClaimInfo> reflector) {
    this.reflector = reflector;
  }

  static ClaimCache start(
      ProvisionerContext context, ResourceType type, Consumer<Change<ClaimInfo>> changed) {
    Reflector<ClaimInfo> reflector =
        Reflector.builder(context.transport(), context.scheduler(), type, ClaimInfo::decode)
            .select(ListOptions.all().labelSelector(KaitoLabels.OWNER_UID))
            .index(BY_OWNER)
            .onChange(changed)
            .build();
    reflector.start();
    return new ClaimCache(reflector);
  }

  /** Whether absence here means absence; where the API is not installed there are no claims. */
  boolean isSynced() {
    return reflector.snapshot().isSynced() || isMissing();
  }

  /** Whether the API server knows no such kind. */
  boolean isMissing() {
    return reflector.health().isResourceMissing();
  }

  boolean isBehind(String resourceVersion) {
    return !reflector.snapshot().includes(resourceVersion);
  }

  Optional<ClaimInfo> byName(String name) {
    return reflector.snapshot().get(ObjectKey.clusterScoped(name));
  }

  Collection<ClaimInfo> all() {
    return reflector.snapshot().entries().stream().map(Stored::value).toList();
  }

  Collection<ClaimInfo> byOwner(String uid) {
    return reflector.snapshot().find(BY_OWNER, uid).stream().map(Stored::value).toList();
  }

  @Override
  public void close() {
    reflector.stop();
  }
}

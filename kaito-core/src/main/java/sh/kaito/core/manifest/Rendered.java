package sh.kaito.core.manifest;

import java.util.List;
import org.immutables.value.Value;

/** The objects of a Workspace. Immutable; the same inputs give the same bytes. */
@Value.Immutable
@ManifestStyle
public non-sealed interface Rendered extends RenderOutcome {
  /**
   * The objects in the order in which they are applied: what pods mount, then Services, then the
   * workload.
   */
  List<Manifest> manifests();

  /** Which of them runs the pods. */
  Workload workload();

  /** The workload as it is applied. */
  default Manifest workloadManifest() {
    return manifests().stream()
        .filter(manifest -> manifest.kind().equals(workload().type().kind()))
        .findFirst()
        .orElseThrow();
  }

  /** The resolved choices, for the workload's annotation {@code java.kaito.sh/pinned}. */
  PinnedChoices pinned();

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds {@link Rendered}. Not thread-safe. */
  final class Builder extends ImmutableRendered.Builder {
    Builder() {}
  }
}

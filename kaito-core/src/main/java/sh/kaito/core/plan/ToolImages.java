package sh.kaito.core.plan;

import org.immutables.value.Value;

/**
 * Images of the small programs that load and store data around a model. The defaults are fixed by
 * tag, not by digest: what a tag names is its registry's word. Name digests, or mirrors, here, and
 * hand them to {@link Planner.Builder#tools}. Immutable.
 *
 * <pre>{@code
 * ToolImages.builder().pusher("registry.example.com/oras@sha256:4a5b...").build()
 * }</pre>
 */
@Value.Immutable
@PlanStyle
public interface ToolImages {
  /** {@code sh} and {@code curl}; downloads training data. */
  @Value.Default
  default String downloader() {
    return "docker.io/curlimages/curl:8.12.1";
  }

  /** {@code sh}, {@code tar} and {@code skopeo}; unpacks images that need a pull secret. */
  @Value.Default
  default String puller() {
    return "mcr.microsoft.com/aks/skopeo:1.14.4-6";
  }

  /** {@code oras} alone; downloads the weights that the base image tunes. */
  @Value.Default
  default String weights() {
    return "mcr.microsoft.com/oss/v2/oras-project/oras:v1.2.3";
  }

  /** {@code sh}, {@code tar}, {@code gzip} and {@code oras}; pushes what was trained. */
  @Value.Default
  default String pusher() {
    return "ghcr.io/oras-project/oras:v1.2.2";
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds {@link ToolImages}. Not thread-safe. */
  final class Builder extends ImmutableToolImages.Builder {
    Builder() {}
  }
}

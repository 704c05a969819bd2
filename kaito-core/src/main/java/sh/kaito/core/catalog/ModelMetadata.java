package sh.kaito.core.catalog;

import java.util.List;
import java.util.Optional;
import org.immutables.value.Value;

/**
 * What a model hub says about one commit of a model: the text of its {@code config.json} and the
 * sizes of its files. Immutable. {@link #preset()} makes a preset of it, without network.
 */
@Value.Immutable
@CatalogStyle
public interface ModelMetadata {
  /**
   * A file of the repository.
   *
   * @param path path inside the repository, such as {@code model-00001-of-00002.safetensors}
   * @param bytes its size
   */
  record RepositoryFile(String path, long bytes) {}

  /** Repository in its original case, such as {@code microsoft/phi-4}. */
  String huggingFaceId();

  /** The commit that everything here speaks of; the preset is pinned to it. */
  String revision();

  /** Text of {@code config.json}. */
  String configJson();

  /** Every file of the repository. */
  List<RepositoryFile> files();

  /** Whether the hub gives the weights only to a holder of an access token. */
  @Value.Default
  default boolean gated() {
    return false;
  }

  /** Licence name as the hub spells it. */
  Optional<String> license();

  /**
   * A preset for the shared base image under vLLM, pinned to {@link #revision()}. Flags follow from
   * name and architecture by the tables in {@code sh/kaito/core/catalog/derivation.yaml} of this
   * jar; sizes come from the weight files of the repository's top folder (all folders where the top
   * has none), {@code *.safetensors} before {@code *.bin}.
   *
   * @throws CatalogException when the model cannot be served: no weights, an architecture that vLLM
   *     does not load, figures that are missing or impossible
   */
  default ModelPreset preset() {
    return HubPresets.of(this);
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds {@link ModelMetadata}. Not thread-safe. */
  final class Builder extends ImmutableModelMetadata.Builder {
    Builder() {}
  }
}

package sh.kaito.core.catalog;

/**
 * Metadata of models that stand in no catalogue, given to {@link PresetRegistry.Builder#metadata}.
 * Asked while plans are made, so it answers from memory and never waits for a network: {@code
 * sh.kaito.core.hub.HuggingFaceHub} is asked beforehand. Implementations are safe for any thread.
 */
@FunctionalInterface
public interface ModelMetadataSource {
  /**
   * What is known about a model.
   *
   * @param huggingFaceId such as {@code microsoft/phi-4}, in any case
   */
  MetadataLookup lookup(String huggingFaceId);
}

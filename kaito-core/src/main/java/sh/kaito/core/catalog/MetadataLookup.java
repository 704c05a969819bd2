package sh.kaito.core.catalog;

/** What a {@link ModelMetadataSource} knows about a model. */
public sealed interface MetadataLookup {
  /** The model is known. */
  record Found(ModelMetadata metadata) implements MetadataLookup {}

  /**
   * The model was asked for, and there is no metadata.
   *
   * @param problem what is wrong, as the end of a sentence that begins with the model's name
   * @param advice what to do
   */
  record Failed(String problem, String advice) implements MetadataLookup {}

  /** Nobody has asked for the model yet. */
  record NotAsked() implements MetadataLookup {}
}

package sh.kaito.api.model;

import java.util.Optional;
import org.immutables.value.Value;

/** A LoRA adapter ({@code inference.adapters[]}). Immutable. */
@Value.Immutable
@ModelStyle
public abstract class AdapterSpec {

  /** Adapters that one Workspace may name. */
  public static final int MAX_ADAPTERS = 10;

  AdapterSpec() {}

  /** Where the adapter comes from; image or volume, with a name. Required by logic. */
  public abstract Optional<DataSource> source();

  /**
   * Weight of the adapter, a decimal number from 0 to 1 <em>as a string</em>; none means 1.0. vLLM
   * takes no strength.
   */
  public abstract Optional<String> strength();

  /** Fields of the adapter that this library does not know. */
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

  /** Builds an {@link AdapterSpec}. Not thread-safe. */
  public static final class Builder extends ImmutableAdapterSpec.Builder {
    Builder() {}
  }
}

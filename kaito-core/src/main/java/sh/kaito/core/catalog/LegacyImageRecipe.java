package sh.kaito.core.catalog;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import org.immutables.value.Value;

/**
 * How an image that holds both server and weights is run. Commands are argument vectors, for a
 * container without a shell: launcher, launcher flags, rendezvous flags, main file, model flags.
 * Flags are given without leading dashes; an empty value is a bare switch. Immutable.
 */
@Value.Immutable
@CatalogStyle
public interface LegacyImageRecipe {
  /** Image repository below the preset registry; absent where the user supplies the image. */
  Optional<String> repository();

  /** Image tag; absent where the user supplies the image. */
  Optional<String> tag();

  /** Hugging Face repository of the weights inside the image. */
  Optional<String> huggingFaceId();

  /** Commit of the weights inside the image. */
  Optional<String> revision();

  /** The program and its sub-command: {@code accelerate launch} or {@code torchrun}. */
  List<String> launcher();

  /** Flags between launcher and main file. */
  @Value.NaturalOrder
  SortedMap<String, String> launcherArgs();

  /** Elastic rendezvous flags of {@code torchrun}; empty with {@code accelerate}. */
  @Value.NaturalOrder
  SortedMap<String, String> rendezvousArgs();

  /** Python file that serves the model, relative to the working directory. */
  @Value.Default
  default String mainFile() {
    return "inference_api.py";
  }

  /** Flags after the main file. */
  @Value.NaturalOrder
  SortedMap<String, String> modelArgs();

  /** Working directory inside the image. */
  String workingDirectory();

  /** How to talk to the server. */
  HttpDialect httpDialect();

  /** Minimum GPUs, GPU memory and disk. */
  ResourceNeeds needs();

  /** Number of ranks of a model that is split over processes; absent where it is not. */
  OptionalInt worldSize();

  /** How long the server may take to become ready. */
  Duration readinessBudget();

  /** LoRA and QLoRA with this image; absent where the image cannot tune. */
  Optional<Tuning> tuning();

  /** Where the figures come from. */
  Provenance provenance();

  /** What was corrected, and why. */
  Optional<String> note();

  /** Whether the image is public: its reference is known without the user. */
  @Value.Derived
  default boolean publicImage() {
    return repository().isPresent();
  }

  /** Whether the model runs as one process group over several pods. */
  @Value.Derived
  default boolean distributed() {
    return worldSize().isPresent();
  }

  /** The image reference below a registry; empty for a private image. */
  default Optional<String> image(String registry) {
    return repository().map(name -> registry + "/" + name + ":" + tag().orElse("latest"));
  }

  /**
   * Tuning with the image.
   *
   * @param tag image tag
   * @param launcherArgs flags of the launcher; {@code num_processes} is added from the GPU count
   * @param mainFile Python file of the trainer
   * @param needs minimum GPUs, GPU memory and disk; the source declares them and never enforces
   *     them
   */
  record Tuning(
      String tag, SortedMap<String, String> launcherArgs, String mainFile, ResourceNeeds needs) {}

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link LegacyImageRecipe}. Not thread-safe. */
  final class Builder extends ImmutableLegacyImageRecipe.Builder {
    Builder() {}
  }
}

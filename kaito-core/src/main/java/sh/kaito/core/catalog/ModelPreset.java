package sh.kaito.core.catalog;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.immutables.value.Value;

/**
 * A model that a workspace may name, with the recipes that run it. A preset has facts and a base
 * image recipe, or a legacy image recipe, or both. Immutable.
 */
@Value.Immutable
@CatalogStyle
public interface ModelPreset {
  /** Canonical name, such as {@code phi-3-mini-4k-instruct} or {@code Qwen/Qwen3.5-9B}. */
  String name();

  /** Other names that lead to this preset, such as its Hugging Face repository. */
  List<String> aliases();

  /** Facts for sizing; absent for presets that only ship as an image. */
  Optional<ModelFacts> facts();

  /** How the shared base image runs the model. */
  Optional<BaseImageRecipe> baseImage();

  /** How the model's own image is run. */
  Optional<LegacyImageRecipe> legacyImage();

  /** Why the model should not be chosen any more. */
  Optional<String> deprecated();

  /** Runtimes that can serve the model, whatever the hardware. */
  @Value.Derived
  default Set<ServingRuntime> runtimes() {
    EnumSet<ServingRuntime> runtimes = EnumSet.noneOf(ServingRuntime.class);
    if (legacyImage().isPresent()) {
      runtimes.add(ServingRuntime.LEGACY_IMAGE);
    }
    baseImage()
        .ifPresent(
            base -> {
              runtimes.add(ServingRuntime.VLLM);
              if (base.transformersArgs().isPresent()) {
                runtimes.add(ServingRuntime.TRANSFORMERS);
              }
            });
    return Collections.unmodifiableSet(runtimes);
  }

  /** Whether LoRA or QLoRA adapters can be trained for the model. */
  @Value.Derived
  default boolean tunable() {
    return legacyImage().flatMap(LegacyImageRecipe::tuning).isPresent()
        || baseImage().flatMap(BaseImageRecipe::tuning).isPresent();
  }

  /** A base image needs the facts, and a preset without any recipe could run nothing. */
  @Value.Check
  default void check() {
    if (baseImage().isPresent() && facts().isEmpty()) {
      throw new IllegalArgumentException(
          "preset " + name() + ": a base image recipe needs the facts of the model");
    }
    if (baseImage().isEmpty() && legacyImage().isEmpty()) {
      throw new IllegalArgumentException(
          "preset " + name() + ": give a baseImage or a legacyImage recipe");
    }
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link ModelPreset}. Not thread-safe. */
  final class Builder extends ImmutableModelPreset.Builder {
    Builder() {}
  }
}

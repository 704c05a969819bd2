package sh.kaito.core.plan;

import java.time.Duration;
import org.immutables.value.Value;

/**
 * How long each phase usually takes, as far as anybody has measured; {@link Deadlines} say when it
 * counts as failed. Estimates for people, no decision rests on them. Immutable.
 *
 * <p>Sources: 3 to 8 minutes for a GPU node and 1 to 2 for the base image are the Go operator's own
 * planning figures (model mirror proposal, 2026). Images with weights: 27 GiB pulled and unpacked
 * in 6 minutes (its proposal for models as OCI artefacts, 2025), 4 GB in 2 min 48 s from a slow
 * registry (Azure/acr issue 873), hence 12 to 44 seconds for each GiB. Weights from the hub: 62 GiB
 * in 8 minutes, 131 GiB in 5 to 10 (its proposals of 2026), hence 2.3 to 7.7 seconds for each GiB,
 * and 2 to 5 minutes until the server answers.
 */
@Value.Immutable
@PlanStyle
public interface ExpectedTimes {
  /**
   * From one time to another.
   *
   * @param shortest when all goes well
   * @param longest what is still usual
   */
  record Range(Duration shortest, Duration longest) {
    /** Between these minutes. */
    static Range minutes(double shortest, double longest) {
      return new Range(
          Duration.ofSeconds(Math.round(shortest * 60)),
          Duration.ofSeconds(Math.round(longest * 60)));
    }

    Range plus(Range other) {
      return new Range(shortest.plus(other.shortest), longest.plus(other.longest));
    }
  }

  /** Until the machines have joined with their GPUs; zero where nodes are there already. */
  Range nodes();

  /** Until the image is pulled. */
  Range image();

  /** Until weights are loaded and the server answers, or the trainer trains. */
  Range model();

  /** All phases together. */
  @Value.Derived
  default Range total() {
    return nodes().plus(image()).plus(model());
  }

  /**
   * The times of a workspace.
   *
   * @param bought whether nodes are bought
   * @param weightsBytes size of the weights, bytes; 0 when unknown
   * @param inImage whether the weights are part of the image
   */
  static ExpectedTimes of(boolean bought, long weightsBytes, boolean inImage) {
    double gib = weightsBytes / Sizing.GIB;
    Range none = Range.minutes(0, 0);
    return builder()
        .nodes(bought ? Range.minutes(3, 8) : none)
        .image(Range.minutes(1 + (inImage ? gib * 12 / 60 : 0), 2 + (inImage ? gib * 44 / 60 : 0)))
        .model(
            Range.minutes(
                inImage || weightsBytes == 0 ? 1 : 2 + gib * 2.3 / 60,
                inImage || weightsBytes == 0 ? 5 : 5 + gib * 7.7 / 60))
        .build();
  }

  /** A new builder. */
  static Builder builder() {
    return new Builder();
  }

  /** Builds {@link ExpectedTimes}. Not thread-safe. */
  final class Builder extends ImmutableExpectedTimes.Builder {
    Builder() {}
  }
}

package sh.kaito.api.model;

import java.util.Optional;

/** Parameter-efficient fine-tuning methods ({@code tuning.method}). */
public enum TuningMethod {
  /** Low-rank adaptation of the unquantised model. */
  LORA("lora"),
  /** Low-rank adaptation of a model quantised to 4 or 8 bits. */
  QLORA("qlora");

  private final String wireName;

  TuningMethod(String wireName) {
    this.wireName = wireName;
  }

  /** As it stands in {@code tuning.method}. */
  public String wireName() {
    return wireName;
  }

  /** The method that a text names, without regard to case. */
  public static Optional<TuningMethod> of(String text) {
    for (TuningMethod candidate : values()) {
      if (candidate.wireName.equalsIgnoreCase(text)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }
}

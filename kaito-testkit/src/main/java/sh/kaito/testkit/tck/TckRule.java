package sh.kaito.testkit.tck;

/** One rule of the kit, to be tried in a world of its own. Immutable. */
public final class TckRule {
  private final String name;
  private final ProvisionerFixture fixture;
  private final Body body;

  /** What became of a rule that was not broken. */
  public enum Outcome {
    /** The provisioner keeps it. */
    KEPT,
    /** The fixture's cloud has no such thing. */
    NOT_APPLICABLE
  }

  /** Tries the rule. */
  @FunctionalInterface
  interface Body {
    /** Whether it applies; throws an {@link AssertionError} where it is broken. */
    boolean isKept(TckWorld world);
  }

  TckRule(String name, ProvisionerFixture fixture, Body body) {
    this.name = name;
    this.fixture = fixture;
    this.body = body;
  }

  /** What is demanded, as a sentence. */
  public String name() {
    return name;
  }

  /**
   * Tries it.
   *
   * @throws AssertionError when the provisioner breaks it; the message says what was seen
   */
  public Outcome check() {
    try (TckWorld world = new TckWorld(fixture)) {
      return body.isKept(world) ? Outcome.KEPT : Outcome.NOT_APPLICABLE;
    }
  }

  @Override
  public String toString() {
    return name;
  }
}

package sh.kaito.core.plan;

/** A workspace has no plan, and the caller insisted on one. */
public final class PlanRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient PlanRefusal refusal;

  PlanRefusedException(PlanRefusal refusal) {
    super("there is no plan for this workspace:\n" + refusal);
    this.refusal = refusal;
  }

  /** The reasons. */
  public PlanRefusal refusal() {
    return refusal;
  }
}

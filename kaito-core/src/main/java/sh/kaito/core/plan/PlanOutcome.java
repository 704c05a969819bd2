package sh.kaito.core.plan;

/** What came out of planning: a {@link Plan}, or the reasons why there is none. */
public sealed interface PlanOutcome permits Plan, PlanRefusal {
  /**
   * The plan.
   *
   * @throws PlanRefusedException when there is none; its message names every reason
   */
  default Plan orElseThrow() {
    if (this instanceof PlanRefusal refusal) {
      throw new PlanRefusedException(refusal);
    }
    return (Plan) this;
  }
}

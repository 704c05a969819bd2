package sh.kaito.core.plan;

import java.util.List;

/**
 * There is no plan.
 *
 * @param messages every reason, one line each
 */
public record PlanRefusal(List<String> messages) implements PlanOutcome {
  public PlanRefusal {
    messages = List.copyOf(messages);
  }
}

package sh.kaito.core.validation;

import java.util.List;
import sh.kaito.api.model.Workspace;
import sh.kaito.api.validation.Violation;
import sh.kaito.core.internal.settings.TrainingSettings;
import sh.kaito.core.plan.PlanInputs;

/** The content of the training configuration that a workspace names, where it is known. */
final class TrainingConfigRules {
  private TrainingConfigRules() {}

  static List<Violation> check(Workspace workspace, PlanInputs inputs) {
    if (workspace.tuning().isEmpty() || inputs.trainingConfig().isEmpty()) {
      return List.of();
    }
    return TrainingSettings.read(
            inputs.trainingConfig().get(), workspace.tuning().get().tuningMethod())
        .violations();
  }
}

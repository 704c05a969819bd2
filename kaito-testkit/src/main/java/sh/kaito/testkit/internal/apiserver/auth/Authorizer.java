package sh.kaito.testkit.internal.apiserver.auth;

import java.util.List;
import sh.kaito.testkit.internal.apiserver.Caller;

/** Says whether somebody may do something. Thread-safe. */
public interface Authorizer {
  /**
   * The answer to one question.
   *
   * @param reason why; may be empty
   */
  record Decision(boolean allowed, String reason) {}

  /**
   * What somebody may do in a namespace.
   *
   * @param error what could not be looked up; empty when all could
   */
  record Rules(List<PolicyRule> rules, String error) {}

  /** Lets everybody do everything. */
  Authorizer ALLOW_ALL =
      new Authorizer() {
        @Override
        public Decision decide(Attributes attributes) {
          return new Decision(true, "");
        }

        @Override
        public Rules rules(Caller caller, String namespace) {
          return new Rules(PolicyRule.EVERYTHING, "");
        }
      };

  /** Whether it is allowed. */
  Decision decide(Attributes attributes);

  /** All that is allowed. */
  Rules rules(Caller caller, String namespace);
}

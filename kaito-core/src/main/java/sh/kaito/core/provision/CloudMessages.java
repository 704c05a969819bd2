package sh.kaito.core.provision;

import java.util.List;
import java.util.Locale;
import sh.kaito.api.provision.ProvisionFailure.Kind;

/**
 * The one place where the text of a cloud's error is matched: claims carry nothing else. The words
 * are those of AKS ({@code ErrCode_InsufficientVCPUQuota}, {@code SkuNotAvailable}, {@code
 * AllocationFailed} ...) and of Karpenter's providers.
 */
final class CloudMessages {
  private record Rule(Kind kind, List<String> words) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule(Kind.QUOTA, List.of("quota")),
          new Rule(
              Kind.SKU_UNAVAILABLE,
              List.of("skunotavailable", "not available in location", "not allowed in your sub")),
          new Rule(
              Kind.CAPACITY,
              List.of(
                  "allocationfailed",
                  "overconstrained",
                  "insufficient capacity",
                  "instance types were unavailable")),
          new Rule(Kind.THROTTLED, List.of("toomanyrequests", "throttl")),
          new Rule(Kind.CONFLICT, List.of("in progress", "operationnotallowed")),
          new Rule(Kind.AUTH, List.of("authorizationfailed", "unauthorized", "forbidden")),
          new Rule(
              Kind.INVALID, List.of("invalidparameter", "requestdisallowedbypolicy", "invalid ")));

  private CloudMessages() {}

  static Kind classify(String message) {
    String text = message.toLowerCase(Locale.ROOT);
    for (Rule rule : RULES) {
      if (rule.words().stream().anyMatch(text::contains)) {
        return rule.kind();
      }
    }
    return Kind.TRANSIENT;
  }
}

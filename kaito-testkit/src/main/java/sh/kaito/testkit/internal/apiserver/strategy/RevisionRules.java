package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.List;
import java.util.Map;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;

/** ControllerRevisions: data that is there and stays. */
final class RevisionRules extends Strategy {

  @Override
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    Check revision = Check.of(object, "", causes);
    if (!revision.has("data")) {
      revision.required("data", "data is mandatory");
    }
    revision.nonNegative("revision");
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    Check.of(object, "", causes).immutable(old, "data").nonNegative("revision");
  }

  /**
   * The real server compares data as bytes of JSON. A patch rewrites them without blanks, so data
   * that was sent with blanks changes by any patch; here all data counts as sent so.
   */
  @Override
  public void validatePatch(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    if (causes.stream().noneMatch(cause -> cause.field().equals("data"))) {
      causes.add(MetadataRules.immutable("data", object.get("data")));
    }
  }
}

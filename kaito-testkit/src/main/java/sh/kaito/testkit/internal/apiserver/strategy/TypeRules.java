package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.Cause;
import sh.kaito.testkit.internal.apiserver.Names;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;

/**
 * A strategy put together from rules, for types that need no ways of their own. Immutable once it
 * is in the table of strategies.
 */
final class TypeRules extends Strategy {
  /** What the server keeps or counts up when an object changes. */
  @FunctionalInterface
  interface Update {
    void prepare(Map<String, Object> next, Map<String, Object> old);
  }

  /** What a write that is accepted is warned of. */
  @FunctionalInterface
  interface Warnings {
    List<String> of(Check next, @Nullable Map<String, Object> old);
  }

  /** What may change from one object to the next. */
  @FunctionalInterface
  interface Change {
    void check(Check next, Map<String, Object> old);
  }

  private final List<Consumer<Map<String, Object>>> defaults = new ArrayList<>();
  private final List<Consumer<Check>> rules = new ArrayList<>();
  private final List<Change> changes = new ArrayList<>();
  private final List<Change> statusChanges = new ArrayList<>();
  private Function<String, List<String>> names = Names::subdomain;
  private @Nullable Consumer<Map<String, Object>> creation;
  private final List<Warnings> warnings = new ArrayList<>();
  private @Nullable Update update;
  private @Nullable String deletionWarning;
  private List<String> versioned = List.of();
  private boolean returnsDeleted;
  private boolean createsOnUpdate;
  private boolean needsVersion;
  private boolean orphans;
  private boolean statusKeepsLabels;
  private boolean createdWithStatus;

  /** Names have another form than a DNS subdomain. */
  TypeRules named(Function<String, List<String>> rule) {
    names = rule;
    return this;
  }

  /** What is put where a client leaves it out; the consumer changes the object. */
  TypeRules defaults(Consumer<Map<String, Object>> rule) {
    defaults.add(rule);
    return this;
  }

  /** What a new object must be like; also asked of every changed object. */
  TypeRules valid(Consumer<Check> rule) {
    rules.add(rule);
    return this;
  }

  /** What a change must be like. */
  TypeRules change(Change rule) {
    changes.add(rule);
    return this;
  }

  /** What a change of the status must be like. */
  TypeRules statusChange(Change rule) {
    statusChanges.add(rule);
    return this;
  }

  /** Fields that no change may touch. */
  TypeRules immutable(String... paths) {
    return change((next, old) -> next.immutable(old, paths));
  }

  /** {@code metadata.generation} counts changes of these fields; of the spec when none is given. */
  TypeRules generation(String... fields) {
    versioned = fields.length == 0 ? List.of("spec") : List.of(fields);
    return this;
  }

  /** What the server sets on creation besides; status is dropped before. */
  TypeRules creation(Consumer<Map<String, Object>> rule) {
    creation = rule;
    return this;
  }

  /** A new object keeps the status that its client gives it, as a kubelet does for its Node. */
  TypeRules createdWithStatus() {
    createdWithStatus = true;
    return this;
  }

  /** What the server sets when an object changes, besides keeping its status. */
  TypeRules update(Update rule) {
    update = rule;
    return this;
  }

  /** What a write that is accepted is warned of. */
  TypeRules warnings(Warnings rule) {
    warnings.add(rule);
    return this;
  }

  /** What a deletion that does not say what becomes of dependents is warned of. */
  TypeRules deletionWarning(String text) {
    deletionWarning = text;
    return this;
  }

  /** Labels are not changed by writes of the status. */
  TypeRules statusKeepsLabels() {
    statusKeepsLabels = true;
    return this;
  }

  /** The answer to a deletion is the object. */
  TypeRules returnsDeleted() {
    returnsDeleted = true;
    return this;
  }

  /** A PUT creates what is missing. */
  TypeRules putCreates() {
    createsOnUpdate = true;
    return this;
  }

  /** A PUT names the version that it replaces. */
  TypeRules putNeedsVersion() {
    needsVersion = true;
    return this;
  }

  /** Dependents stay by default when an object is deleted. */
  TypeRules orphans() {
    orphans = true;
    return this;
  }

  @Override
  public void prepareForCreate(ResourceType type, Map<String, Object> object) {
    if (!createdWithStatus) {
      super.prepareForCreate(type, object);
    }
    if (creation != null) {
      creation.accept(object);
    }
  }

  @Override
  public void prepareForUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    super.prepareForUpdate(type, object, old);
    if (update != null) {
      update.prepare(object, old);
    }
  }

  @Override
  public List<String> warnings(
      ResourceType type, Map<String, Object> object, @Nullable Map<String, Object> old) {
    Check check = Check.of(object, "", List.of());
    return warnings.stream().flatMap(rule -> rule.of(check, old).stream()).toList();
  }

  @Override
  public void prepareForStatusUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    super.prepareForStatusUpdate(type, object, old);
    if (statusKeepsLabels) {
      keep(MetadataRules.metadata(object), MetadataRules.metadata(old), "labels");
    }
  }

  @Override
  public String[] resetFields(ResourceType type, String subresource) {
    return statusKeepsLabels && subresource.equals("status")
        ? new String[] {"spec", "metadata.labels"}
        : super.resetFields(type, subresource);
  }

  @Override
  public @Nullable String deletionWarning() {
    return deletionWarning;
  }

  @Override
  public void applyDefaults(ResourceType type, Map<String, Object> object) {
    defaults.forEach(rule -> rule.accept(object));
  }

  @Override
  public List<String> nameProblem(ResourceType type, String name) {
    return names.apply(name);
  }

  @Override
  public void validate(ResourceType type, Map<String, Object> object, List<Cause> causes) {
    Check check = Check.of(object, "", causes);
    rules.forEach(rule -> rule.accept(check));
  }

  @Override
  public void validateUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    Check check = Check.of(object, "", causes);
    changes.forEach(rule -> rule.check(check, old));
    validate(type, object, causes);
  }

  @Override
  public void validateStatusUpdate(
      ResourceType type, Map<String, Object> object, Map<String, Object> old, List<Cause> causes) {
    Check check = Check.of(object, "", causes);
    statusChanges.forEach(rule -> rule.check(check, old));
  }

  @Override
  public boolean hasGeneration(ResourceType type) {
    return !versioned.isEmpty();
  }

  @Override
  public boolean bumpsGeneration(
      ResourceType type, Map<String, Object> object, Map<String, Object> old) {
    return versioned.stream().anyMatch(field -> !Objects.equals(object.get(field), old.get(field)));
  }

  @Override
  public boolean returnsDeletedObject() {
    return returnsDeleted;
  }

  @Override
  public boolean createsOnUpdate() {
    return createsOnUpdate;
  }

  @Override
  public boolean allowsUnconditionalUpdate(ResourceType type) {
    return !needsVersion;
  }

  @Override
  public boolean orphansByDefault() {
    return orphans;
  }
}

package sh.kaito.api.internal.schema;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import sh.kaito.api.model.ApiVersion;

/** One field of a Workspace: all that reader, CustomResourceDefinition and reference page need. */
public final class FieldSpec implements Shape.Member {

  /** Whether a user may change a field after creation. */
  public enum Change {
    /** At any time. */
    LIVE("yes"),
    /** Never after creation. */
    FIXED("no"),
    /** Written by the controller. */
    OBSERVED("by the controller");

    private final String description;

    Change(String description) {
      this.description = description;
    }

    /** For the reference page. */
    public String description() {
      return description;
    }
  }

  /**
   * A CEL rule of the CustomResourceDefinition. A rule that names {@code oldSelf} without {@code
   * creation} runs on updates only; one with {@code creation} runs on creation only, so that an
   * object that an older release let in can still be changed, observed and deleted.
   *
   * @param cel the expression; {@code self} and {@code oldSelf} are the field
   * @param message what the API server answers when it is false
   * @param creation whether the rule holds on creation only
   * @param versions the API versions that carry the rule
   */
  record Rule(String cel, String message, boolean creation, Set<ApiVersion> versions) {}

  private final String name;
  private final Shape shape;
  private final String description;
  private boolean required;
  private boolean opaque;
  private Change change = Change.LIVE;
  private Set<ApiVersion> versions = EnumSet.allOf(ApiVersion.class);
  private Set<ApiVersion> deprecated = EnumSet.noneOf(ApiVersion.class);
  private final Map<ApiVersion, Object> defaults = new EnumMap<>(ApiVersion.class);
  private final Map<String, Object> constraints = new LinkedHashMap<>();
  private final Map<String, Object> itemConstraints = new LinkedHashMap<>();
  private final List<Rule> rules = new ArrayList<>();

  private FieldSpec(String name, Shape shape, String description) {
    this.name = name;
    this.shape = shape;
    this.description = description;
  }

  static FieldSpec of(String name, Shape shape, String description) {
    return new FieldSpec(name, shape, description);
  }

  static Shape.Fields object(String name, FieldSpec... fields) {
    Map<String, Shape.Member> members = new LinkedHashMap<>();
    for (FieldSpec field : fields) {
      members.put(field.name(), field);
    }
    return new Shape.Fields(name, () -> members);
  }

  static FieldSpec string(String name, String description) {
    return of(name, Shape.Scalar.STRING, description);
  }

  static FieldSpec strings(String name, String description) {
    return of(name, new Shape.Items(Shape.Scalar.STRING), description);
  }

  static FieldSpec integer(String name, String description) {
    return of(name, Shape.Scalar.INTEGER, description);
  }

  FieldSpec require() {
    this.required = true;
    return this;
  }

  /** The CustomResourceDefinition lets anything through; the strict reader knows the shape. */
  FieldSpec opaque() {
    this.opaque = true;
    return this;
  }

  FieldSpec change(Change change) {
    this.change = change;
    return this;
  }

  FieldSpec onlyIn(ApiVersion version) {
    this.versions = EnumSet.of(version);
    return this;
  }

  FieldSpec deprecatedIn(ApiVersion version) {
    this.deprecated = EnumSet.of(version);
    return this;
  }

  FieldSpec defaultsTo(Object value) {
    for (ApiVersion version : ApiVersion.values()) {
      defaults.put(version, value);
    }
    return this;
  }

  FieldSpec defaultsTo(ApiVersion version, Object value) {
    defaults.put(version, value);
    return this;
  }

  /** A keyword of the OpenAPI schema of this field, such as {@code maxLength}. */
  FieldSpec constrain(String keyword, Object value) {
    constraints.put(keyword, value);
    return this;
  }

  /** A keyword of the OpenAPI schema of the elements of this list or map. */
  FieldSpec constrainItems(String keyword, Object value) {
    itemConstraints.put(keyword, value);
    return this;
  }

  /** A rule for updates. */
  FieldSpec onUpdate(String cel, String message) {
    rules.add(new Rule(cel, message, false, EnumSet.allOf(ApiVersion.class)));
    return this;
  }

  /** A rule for updates, in one version. */
  FieldSpec onUpdate(ApiVersion version, String cel, String message) {
    rules.add(new Rule(cel, message, false, EnumSet.of(version)));
    return this;
  }

  /** A rule for creation. */
  FieldSpec onCreation(String cel, String message) {
    rules.add(new Rule(cel, message, true, EnumSet.allOf(ApiVersion.class)));
    return this;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  /** What the field means; sentences. */
  public String description() {
    return description;
  }

  @Override
  public boolean required() {
    return required;
  }

  @Override
  public Set<ApiVersion> versions() {
    return Collections.unmodifiableSet(versions);
  }

  /** Versions in which the field is deprecated. */
  public Set<ApiVersion> deprecated() {
    return Collections.unmodifiableSet(deprecated);
  }

  /** What the API server fills in, by version. */
  public Map<ApiVersion, Object> defaults() {
    return Collections.unmodifiableMap(defaults);
  }

  /** Whether it may change. */
  public Change change() {
    return change;
  }

  boolean isOpaque() {
    return opaque;
  }

  Map<String, Object> constraints() {
    return constraints;
  }

  Map<String, Object> itemConstraints() {
    return itemConstraints;
  }

  List<Rule> rules() {
    return rules;
  }
}

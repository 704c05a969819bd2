package sh.kaito.api.internal.schema;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.model.ApiVersion;

/** What may stand at one place of a document. */
public sealed interface Shape {

  /** Kinds of single values. */
  enum Kind {
    STRING("a string"),
    INTEGER("an integer"),
    NUMBER("a number"),
    BOOLEAN("true or false"),
    /** A Kubernetes quantity such as {@code 16Gi}: string or number. */
    QUANTITY("a quantity such as \"16Gi\""),
    /** An integer, or a string. */
    INT_OR_STRING("an integer or a string"),
    /** RFC 3339 text. */
    DATE_TIME("a time such as \"2026-01-31T10:00:00Z\""),
    /** Base 64 text. */
    BYTES("base 64 text");

    private final String description;

    Kind(String description) {
      this.description = description;
    }

    /** For messages: "a string". */
    public String description() {
      return description;
    }
  }

  /**
   * A single value.
   *
   * @param kind its kind
   * @param allowed the values that it may have; empty for any
   */
  record Scalar(Kind kind, List<String> allowed) implements Shape {
    public static final Scalar STRING = new Scalar(Kind.STRING, List.of());
    public static final Scalar INTEGER = new Scalar(Kind.INTEGER, List.of());

    public static Scalar of(Kind kind) {
      return new Scalar(kind, List.of());
    }

    public static Scalar oneOf(String... allowed) {
      return new Scalar(Kind.STRING, List.of(allowed));
    }
  }

  /** A list. */
  record Items(Shape element) implements Shape {}

  /** A mapping with keys that the user chooses. */
  record Entries(Shape value) implements Shape {}

  /** Anything; not looked into. */
  record Free() implements Shape {
    public static final Free INSTANCE = new Free();
  }

  /** A mapping with fixed keys. */
  final class Fields implements Shape {
    private final String name;
    private final Supplier<Map<String, Member>> source;
    private volatile @Nullable Map<String, Member> members;

    /**
     * The members are asked for once, when first needed: Kubernetes types are many and some
     * recurse.
     */
    public Fields(String name, Supplier<Map<String, Member>> source) {
      this.name = name;
      this.source = source;
    }

    /** For messages: {@code V1PodSpec}. */
    public String name() {
      return name;
    }

    /** Members by JSON name. */
    public Map<String, Member> members() {
      Map<String, Member> known = members;
      if (known == null) {
        known = source.get();
        members = known;
      }
      return known;
    }

    public @Nullable Member member(String jsonName) {
      return members().get(jsonName);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** One fixed key of a mapping, as far as reading needs it. */
  interface Member {
    String name();

    Shape shape();

    boolean required();

    /** The API versions that have the field. */
    Set<ApiVersion> versions();
  }
}

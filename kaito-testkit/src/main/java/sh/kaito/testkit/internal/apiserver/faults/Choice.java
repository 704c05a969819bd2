package sh.kaito.testkit.internal.apiserver.faults;

/**
 * Which of the matching occurrences a rule acts on, counted from 1.
 *
 * @param from first
 * @param to last, inclusive
 */
public record Choice(int from, int to) {
  /** All of them. */
  public static final Choice EVERY = new Choice(1, Integer.MAX_VALUE);

  /** The first few. */
  public static Choice first(int count) {
    return new Choice(1, atLeastOne("first", count));
  }

  /** One. */
  public static Choice nth(int n) {
    return new Choice(atLeastOne("nth", n), n);
  }

  private static int atLeastOne(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + ": found " + value + ", counting begins with 1");
    }
    return value;
  }

  boolean includes(int number) {
    return number >= from && number <= to;
  }
}

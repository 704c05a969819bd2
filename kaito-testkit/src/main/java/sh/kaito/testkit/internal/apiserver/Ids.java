package sh.kaito.testkit.internal.apiserver;

import java.util.SplittableRandom;
import java.util.UUID;

/** Uids and generated names; the same seed gives the same ones. Thread-safe. */
public final class Ids {
  private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
  private final SplittableRandom random;

  public Ids(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** A version 4 UUID. */
  public synchronized String uid() {
    long high = (random.nextLong() & 0xffffffffffff0fffL) | 0x4000L;
    long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    return new UUID(high, low).toString();
  }

  /** The prefix, cut to 58 characters, and five characters that cannot spell a word. */
  public synchronized String generateName(String prefix) {
    StringBuilder name = new StringBuilder(prefix.length() > 58 ? prefix.substring(0, 58) : prefix);
    for (int i = 0; i < 5; i++) {
      name.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return name.toString();
  }

  /** A number below a bound. */
  public synchronized int below(int bound) {
    return random.nextInt(bound);
  }
}

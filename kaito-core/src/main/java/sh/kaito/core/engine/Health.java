package sh.kaito.core.engine;

/**
 * How a controller fares, for a probe.
 *
 * @param ok what the probe should answer
 * @param message for a person: what is wrong, or what it does
 */
public record Health(boolean ok, String message) {

  static Health good(String message) {
    return new Health(true, message);
  }

  static Health bad(String message) {
    return new Health(false, message);
  }
}

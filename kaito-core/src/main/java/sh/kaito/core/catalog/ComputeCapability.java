package sh.kaito.core.catalog;

/**
 * NVIDIA's compute capability of a GPU: 7.0 is Volta, 8.0 Ampere, 9.0 Hopper.
 *
 * @param major before the point
 * @param minor after the point
 */
public record ComputeCapability(int major, int minor) implements Comparable<ComputeCapability> {
  /** The least that vLLM's published images run on. */
  public static final ComputeCapability AMPERE = new ComputeCapability(8, 0);

  /**
   * Reads {@code 8.6}.
   *
   * @throws IllegalArgumentException when the text is not of that form
   */
  public static ComputeCapability parse(String text) {
    int point = text.indexOf('.');
    try {
      if (point > 0) {
        return new ComputeCapability(
            Integer.parseInt(text.substring(0, point)),
            Integer.parseInt(text.substring(point + 1)));
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "compute capability '" + text + "' is not of the form 8.6", e);
    }
    throw new IllegalArgumentException("compute capability '" + text + "' is not of the form 8.6");
  }

  /** Whether this is {@code other} or newer. */
  public boolean atLeast(ComputeCapability other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(ComputeCapability other) {
    int byMajor = Integer.compare(major, other.major);
    return byMajor != 0 ? byMajor : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}

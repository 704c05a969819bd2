package sh.kaito.core.plan;

/**
 * One term of the memory that a GPU needs.
 *
 * @param what what the memory holds
 * @param bytes how much of it, on the fullest GPU
 * @param how the calculation, for a person
 */
public record MemoryLine(String what, double bytes, String how) {
  /** The term in GiB. */
  public double gib() {
    return bytes / Sizing.GIB;
  }
}

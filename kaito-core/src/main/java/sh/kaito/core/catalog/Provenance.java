package sh.kaito.core.catalog;

/**
 * Where the figures of a catalogue row come from.
 *
 * @param source project or file, such as {@code Kaito}
 * @param version release of the source, such as {@code v0.12.0}
 */
public record Provenance(String source, String version) {
  @Override
  public String toString() {
    return version.isEmpty() ? source : source + " " + version;
  }
}

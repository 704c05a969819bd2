package sh.kaito.core.catalog;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Presets of one file or one program. Immutable and safe for any thread.
 *
 * <p>The format of a file is the one of the built-in catalogue, {@code
 * sh/kaito/core/catalog/presets.yaml} in this jar, whose head describes every field.
 */
public final class ModelCatalog implements PresetSource {
  private final String name;
  private final List<ModelPreset> presets;

  private ModelCatalog(String name, List<ModelPreset> presets) {
    this.name = name;
    this.presets = List.copyOf(presets);
  }

  /** The presets that ship with the library, read on first use. */
  public static ModelCatalog builtIn() {
    return BuiltIn.CATALOG;
  }

  /**
   * Reads a catalogue file.
   *
   * @throws CatalogException when the file is not of the format
   * @throws UncheckedIOException when it cannot be read
   */
  public static ModelCatalog read(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return new ModelCatalog(
          file.toString(), PresetReader.read(CatalogNode.of(file.toString(), in)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /**
   * Presets made by a program.
   *
   * @param name what errors call the source
   */
  public static ModelCatalog of(String name, List<ModelPreset> presets) {
    return new ModelCatalog(name, presets);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<ModelPreset> presets() {
    return presets;
  }

  @Override
  public String toString() {
    return "ModelCatalog{" + name + ", " + presets.size() + " presets}";
  }

  private static final class BuiltIn {
    static final ModelCatalog CATALOG =
        new ModelCatalog(
            "built-in catalogue", PresetReader.read(CatalogNode.ofResource("presets.yaml")));
  }
}

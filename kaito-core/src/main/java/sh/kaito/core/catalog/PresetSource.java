package sh.kaito.core.catalog;

import java.util.Collection;

/**
 * Something that contributes presets. Listed in {@code META-INF/services}, it is found by {@link
 * PresetRegistry.Builder#discover}.
 */
public interface PresetSource {
  /** What errors call this source, such as a file name. */
  String name();

  /** The presets, read once when a registry is built. */
  Collection<ModelPreset> presets();
}

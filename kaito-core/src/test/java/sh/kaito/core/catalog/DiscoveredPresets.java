package sh.kaito.core.catalog;

import java.util.Collection;
import java.util.List;

/** A source as a library of somebody else would bring it; found by a services file of the test. */
public final class DiscoveredPresets implements PresetSource {
  /** For {@link java.util.ServiceLoader}. */
  public DiscoveredPresets() {}

  static ModelPreset preset(String name, String license) {
    ModelPreset phi = ModelCatalog.builtIn().presets().get(0);
    return ModelPreset.builder()
        .from(phi)
        .name(name)
        .aliases(List.of())
        .facts(ModelFacts.builder().from(phi.facts().orElseThrow()).license(license).build())
        .build();
  }

  @Override
  public String name() {
    return "presets of the plugin";
  }

  @Override
  public Collection<ModelPreset> presets() {
    return List.of(preset("discovered", "plugin"), preset("phi-4", "plugin"));
  }
}

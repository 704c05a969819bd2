package sh.kaito.core.catalog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * All presets that workspaces may name. Names and aliases are matched without regard to case.
 * Immutable and safe for any thread.
 *
 * <p>Sources are asked in the order in which they were added, and the first that knows a name wins:
 * a preset added by the program stands before a file, and the built-in catalogue comes last. Within
 * one source a name may stand only once.
 *
 * <pre>{@code
 * PresetRegistry registry =
 *     PresetRegistry.builder().add(ModelCatalog.read(Path.of("our-models.yaml"))).addBuiltIn().build();
 * }</pre>
 */
public final class PresetRegistry {
  private final Map<String, ModelPreset> byName;
  private final List<ModelPreset> presets;
  private final Optional<ModelMetadataSource> metadata;

  private PresetRegistry(
      Map<String, ModelPreset> byName,
      List<ModelPreset> presets,
      Optional<ModelMetadataSource> metadata) {
    this.byName = Collections.unmodifiableMap(byName);
    this.presets = List.copyOf(presets);
    this.metadata = metadata;
  }

  /** The presets that ship with the library. */
  public static PresetRegistry builtIn() {
    return BuiltIn.REGISTRY;
  }

  /** A registry from sources of the caller's choice. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The preset of this name or alias; else, with a source of metadata, the one that is made of what
   * that source knows about the model of this name.
   */
  public Optional<ModelPreset> find(String name) {
    ModelPreset preset = byName.get(key(name));
    if (preset != null) {
      return Optional.of(preset);
    }
    try {
      return ofMetadata(name);
    } catch (CatalogException e) {
      return Optional.empty();
    }
  }

  /**
   * Why {@link #find} has no preset for a name of the form {@code org/model}: nobody has asked the
   * source of metadata, it could not answer, or the model cannot be served. Empty where there is a
   * preset, no such source, or another kind of name.
   */
  public Optional<MetadataLookup.Failed> problem(String name) {
    if (byName.containsKey(key(name)) || metadata.isEmpty() || !isHubName(name)) {
      return Optional.empty();
    }
    MetadataLookup lookup = metadata.get().lookup(name);
    if (lookup instanceof MetadataLookup.Failed failed) {
      return Optional.of(failed);
    }
    if (lookup instanceof MetadataLookup.NotAsked) {
      return Optional.of(
          new MetadataLookup.Failed(
              "is not in the catalogue, and its metadata has not been asked for yet",
              "resolve it with the source of metadata before planning"));
    }
    try {
      return ofMetadata(name).isPresent()
          ? Optional.empty()
          : Optional.of(new MetadataLookup.Failed("is not known", "resolve it again"));
    } catch (CatalogException e) {
      return Optional.of(
          new MetadataLookup.Failed(
              "cannot be served: " + e.getMessage(), "choose another model, or a catalogue file"));
    }
  }

  private Optional<ModelPreset> ofMetadata(String name) {
    return metadata.isPresent()
            && isHubName(name)
            && metadata.get().lookup(name) instanceof MetadataLookup.Found found
        ? Optional.of(found.metadata().preset())
        : Optional.empty();
  }

  /** Whether a name has the form of a repository: {@code org/model}. */
  private static boolean isHubName(String name) {
    int slash = name.indexOf('/');
    return slash > 0 && slash < name.length() - 1;
  }

  /** Every preset, in the order of the sources. */
  public List<ModelPreset> presets() {
    return presets;
  }

  /** Canonical names of every preset, in the order of the sources. */
  public List<String> names() {
    return presets.stream().map(ModelPreset::name).toList();
  }

  /** Up to three canonical names that the given one may have been meant to be, nearest first. */
  public List<String> nearest(String name) {
    return NearestNames.of(
        name, byName.values().stream().map(ModelPreset::name).distinct().toList(), 3);
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return "PresetRegistry{" + presets.size() + " presets}";
  }

  /** Builds a {@link PresetRegistry}. Not thread-safe. */
  public static final class Builder {
    private final List<PresetSource> sources = new ArrayList<>();
    private Optional<ModelMetadataSource> metadata = Optional.empty();

    private Builder() {}

    /** Adds a source after those added before; earlier ones win. */
    public Builder add(PresetSource source) {
      sources.add(source);
      return this;
    }

    /** Adds presets made by the program. */
    public Builder add(ModelPreset... presets) {
      return add(ModelCatalog.of("presets of the program", List.of(presets)));
    }

    /**
     * Adds every {@link PresetSource} that the class loader's service files name, in the order of
     * the class path.
     *
     * @throws CatalogException when a class that is named there cannot be loaded
     */
    public Builder discover(ClassLoader loader) {
      try {
        ServiceLoader.load(PresetSource.class, loader).forEach(this::add);
      } catch (ServiceConfigurationError e) {
        throw new CatalogException("presets of other jars cannot be loaded: " + e.getMessage(), e);
      }
      return this;
    }

    /** Adds the presets that ship with the library; call it last to let others override them. */
    public Builder addBuiltIn() {
      return add(ModelCatalog.builtIn());
    }

    /**
     * Lets workspaces name any model that this source knows, by its {@code org/model}. Presets of
     * the other sources come first. Default: none, so that no name of a user leads to a network.
     */
    public Builder metadata(ModelMetadataSource metadata) {
      this.metadata = Optional.of(metadata);
      return this;
    }

    /**
     * Builds the registry.
     *
     * @throws CatalogException when one source has the same name twice
     */
    public PresetRegistry build() {
      Map<String, ModelPreset> byName = new LinkedHashMap<>();
      List<ModelPreset> presets = new ArrayList<>();
      for (PresetSource source : sources) {
        addSource(source, byName, presets);
      }
      return new PresetRegistry(byName, presets, metadata);
    }

    private static void addSource(
        PresetSource source, Map<String, ModelPreset> byName, List<ModelPreset> presets) {
      Map<String, ModelPreset> own = new LinkedHashMap<>();
      Collection<ModelPreset> contributed = source.presets();
      for (ModelPreset preset : contributed) {
        List<String> names = new ArrayList<>(preset.aliases());
        names.add(0, preset.name());
        for (String name : names) {
          ModelPreset other = own.putIfAbsent(key(name), preset);
          if (other != null && other != preset) {
            throw new CatalogException(
                source.name()
                    + ": the name "
                    + name
                    + " stands for both "
                    + other.name()
                    + " and "
                    + preset.name()
                    + "; names and aliases are compared without regard to case and must be unique"
                    + " in a source");
          }
        }
      }
      for (ModelPreset preset : contributed) {
        if (!byName.containsKey(key(preset.name()))) {
          presets.add(preset);
        }
      }
      own.forEach(byName::putIfAbsent);
    }
  }

  private static final class BuiltIn {
    static final PresetRegistry REGISTRY = builder().addBuiltIn().build();
  }
}

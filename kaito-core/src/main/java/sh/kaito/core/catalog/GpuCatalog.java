package sh.kaito.core.catalog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * GPU instance types by name, matched without regard to case. Immutable and safe for any thread.
 *
 * <p>The built-in table is {@code sh/kaito/core/catalog/instance-types.yaml} in this jar; its head
 * names the source of every figure.
 */
public final class GpuCatalog {
  private static final Pattern MIG_PROFILE = Pattern.compile("[0-9]+g\\.([0-9]+(?:\\.[0-9]+)?)gb");

  private static final Pattern WORDS = Pattern.compile("[^A-Z0-9]+");

  private final Map<String, InstanceType> byName;
  private final List<InstanceType> instanceTypes;
  private final Set<String> migProfiles;

  private final Map<String, ComputeCapability> capabilities;

  private GpuCatalog(
      Collection<InstanceType> types,
      Set<String> migProfiles,
      Map<String, ComputeCapability> capabilities) {
    Map<String, InstanceType> names = new LinkedHashMap<>();
    for (InstanceType type : types) {
      names.put(key(type.name()), type);
    }
    for (InstanceType type : types) {
      type.alsoKnownAs().forEach(name -> names.putIfAbsent(key(name), type));
    }
    this.byName = Collections.unmodifiableMap(names);
    this.instanceTypes = List.copyOf(types);
    this.migProfiles = Collections.unmodifiableSet(migProfiles);
    this.capabilities = Map.copyOf(capabilities);
  }

  /** The instance types that ship with the library, read on first use. */
  public static GpuCatalog builtIn() {
    return BuiltIn.CATALOG;
  }

  /** This catalogue with more rows; a row replaces the one of the same name. */
  public GpuCatalog with(InstanceType... more) {
    Map<String, InstanceType> merged = new LinkedHashMap<>();
    instanceTypes.forEach(type -> merged.put(key(type.name()), type));
    for (InstanceType type : more) {
      merged.put(key(type.name()), type);
    }
    return new GpuCatalog(merged.values(), migProfiles, capabilities);
  }

  /** The instance type of this name. */
  public Optional<InstanceType> find(String name) {
    return Optional.ofNullable(byName.get(key(name)));
  }

  /** Every instance type, by cloud and GPU. */
  public List<InstanceType> instanceTypes() {
    return instanceTypes;
  }

  /** Every instance type of one cloud. */
  public List<InstanceType> instanceTypes(CloudProvider cloud) {
    return instanceTypes.stream().filter(type -> type.cloud() == cloud).toList();
  }

  /** Up to three names that the given one may have been meant to be, nearest first. */
  public List<String> nearest(String name) {
    List<String> names = new ArrayList<>();
    instanceTypes.forEach(type -> names.add(type.name()));
    return NearestNames.of(name, names, 3);
  }

  /**
   * Compute capability of a GPU by the product name that drivers and node labels give, such as
   * {@code NVIDIA-A100-SXM4-80GB}. Empty for products that the catalogue does not know.
   */
  public Optional<ComputeCapability> computeCapability(String product) {
    for (String word : WORDS.split(product.toUpperCase(Locale.ROOT))) {
      ComputeCapability capability = capabilities.get(word);
      if (capability != null) {
        return Optional.of(capability);
      }
    }
    return Optional.empty();
  }

  /** MIG profiles that some NVIDIA GPU offers, such as {@code 1g.10gb}. */
  public Set<String> migProfiles() {
    return migProfiles;
  }

  /**
   * One slice of a GPU, as sizing sees it. Its memory is the figure in the profile's name, cut to
   * whole GiB; every GPU that can be sliced has compute capability 8.0 or more.
   *
   * @throws IllegalArgumentException when the name is not of the form {@code 1g.10gb}
   */
  public static GpuShape migSlice(String profile) {
    Matcher name = MIG_PROFILE.matcher(profile);
    if (!name.matches()) {
      throw new IllegalArgumentException(
          "MIG profile '" + profile + "' is not of the form 1g.10gb");
    }
    return GpuShape.builder()
        .product("NVIDIA MIG " + profile)
        .count(1)
        .memoryGiB(Math.floor(Double.parseDouble(name.group(1))))
        .computeCapability(ComputeCapability.AMPERE)
        .migProfile(profile)
        .build();
  }

  /** Up to three MIG profiles that the given one may have been meant to be, nearest first. */
  public List<String> nearestMigProfiles(String profile) {
    return NearestNames.of(profile, migProfiles, 3);
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return "GpuCatalog{" + instanceTypes.size() + " instance types}";
  }

  private static final class BuiltIn {
    static final GpuCatalog CATALOG = load();

    private static GpuCatalog load() {
      CatalogNode root = CatalogNode.ofResource("instance-types.yaml");
      return new GpuCatalog(
          InstanceTypeReader.read(root),
          InstanceTypeReader.migProfiles(root),
          InstanceTypeReader.capabilities(root));
    }
  }
}

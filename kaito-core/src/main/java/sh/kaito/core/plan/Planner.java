package sh.kaito.core.plan;

import java.util.Optional;
import sh.kaito.api.model.Workspace;
import sh.kaito.core.catalog.CloudProvider;
import sh.kaito.core.catalog.GpuCatalog;
import sh.kaito.core.catalog.PresetRegistry;

/**
 * Turns workspaces into plans. A pure function of its settings and arguments: no cluster, no
 * network, no side effect. Immutable and safe for any thread.
 *
 * <p>The workspace is expected to be well-formed ({@code sh.kaito.api.validation}); what is refused
 * here needs the catalogues: unknown presets and instance types, runtimes that cannot work, models
 * that do not fit.
 */
public final class Planner {
  private final Builder settings;

  private Planner(Builder settings) {
    this.settings = settings;
  }

  /** Settings with which the Go operator is installed by default. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with the settings of this planner. */
  public Builder toBuilder() {
    return new Builder(settings);
  }

  /** The plan of a workspace about which nothing else is known. */
  public PlanOutcome plan(Workspace workspace) {
    return plan(workspace, PlanInputs.none());
  }

  /** The plan of a workspace. */
  public PlanOutcome plan(Workspace workspace, PlanInputs inputs) {
    return new Planning(settings, workspace, inputs).outcome();
  }

  /** Builds a {@link Planner}. Not thread-safe. */
  public static final class Builder {
    PresetRegistry presets = PresetRegistry.builtIn();
    GpuCatalog gpus = GpuCatalog.builtIn();
    CloudProvider cloud = CloudProvider.AZURE;
    String imageRegistry = "mcr.microsoft.com/aks/kaito";
    ToolImages tools = ToolImages.builder().build();
    boolean bringYourOwn;
    Optional<PriceSource> prices = Optional.empty();

    private Builder() {}

    private Builder(Builder other) {
      this.presets = other.presets;
      this.gpus = other.gpus;
      this.cloud = other.cloud;
      this.imageRegistry = other.imageRegistry;
      this.tools = other.tools;
      this.bringYourOwn = other.bringYourOwn;
      this.prices = other.prices;
    }

    /** Presets that workspaces may name. Default: those of the library. */
    public Builder presets(PresetRegistry presets) {
      this.presets = presets;
      return this;
    }

    /** Instance types that are known. Default: those of the library. */
    public Builder gpus(GpuCatalog gpus) {
      this.gpus = gpus;
      return this;
    }

    /** Whose instance types can be bought; others are refused. Default: Azure. */
    public Builder cloud(CloudProvider cloud) {
      this.cloud = cloud;
      return this;
    }

    /**
     * Registry and path below which preset images stand. Default: {@code
     * mcr.microsoft.com/aks/kaito}.
     */
    public Builder imageRegistry(String imageRegistry) {
      this.imageRegistry = imageRegistry;
      return this;
    }

    /** Images of downloader, puller and pusher. Default: those of {@link ToolImages}. */
    public Builder tools(ToolImages tools) {
      this.tools = tools;
      return this;
    }

    /** Whether nodes are the user's, so that none is ever bought. Default: false. */
    public Builder bringYourOwn(boolean bringYourOwn) {
      this.bringYourOwn = bringYourOwn;
      return this;
    }

    /** What instance types cost. Default: plans name no price. */
    public Builder prices(PriceSource prices) {
      this.prices = Optional.of(prices);
      return this;
    }

    /** Builds the planner. */
    public Planner build() {
      return new Planner(new Builder(this));
    }
  }
}

package sh.kaito.testkit.internal.apiserver.strategy;

import java.util.Map;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;

/** The strategy of each type. Immutable. */
public final class Strategies {
  private static final Strategy PLAIN = new Strategy();
  private static final Strategy CUSTOM = new CustomStrategy();

  private final Map<String, Strategy> builtIn;

  public Strategies() {
    this.builtIn = BuiltInStrategies.all();
  }

  /** The strategy of a type. */
  public Strategy of(ResourceType type) {
    return type.isCustom() ? CUSTOM : builtIn.getOrDefault(type.storage(), PLAIN);
  }
}

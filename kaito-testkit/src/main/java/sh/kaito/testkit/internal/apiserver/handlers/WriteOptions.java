package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.api.ResourceType;

/**
 * How a write is done.
 *
 * @param manager field manager
 * @param subresource what is written; empty for the object itself
 * @param dryRun whether to stop before the store
 * @param managed whether managed fields are set already
 * @param patch whether the object is the outcome of a patch
 * @param guard refuses what the writer may not write
 * @param warnings takes what the client is to be warned of
 */
record WriteOptions(
    String manager,
    String subresource,
    boolean dryRun,
    boolean managed,
    boolean patch,
    Guard guard,
    Consumer<String> warnings) {

  /** Looks at a write before it is validated. */
  @FunctionalInterface
  interface Guard {
    /** The server's own writes. */
    Guard NONE = (type, object, old) -> {};

    /** {@code old} is null on creation. */
    void check(ResourceType type, Map<String, Object> object, @Nullable Map<String, Object> old);
  }

  /** A write of a client. */
  static WriteOptions of(Call call, boolean dryRun) {
    return new WriteOptions(
        call.manager(),
        call.subresource(),
        dryRun,
        false,
        false,
        call::checkEscalation,
        call::warn);
  }

  /** The same by server-side apply, which sets managed fields itself. */
  WriteOptions applied() {
    return new WriteOptions(manager, subresource, dryRun, true, patch, guard, warnings);
  }

  /** The same by a patch. */
  WriteOptions patching() {
    return new WriteOptions(manager, subresource, dryRun, managed, true, guard, warnings);
  }

  static WriteOptions system(String manager) {
    return new WriteOptions(manager, "", false, false, false, Guard.NONE, warning -> {});
  }

  static WriteOptions systemStatus(String manager) {
    return new WriteOptions(manager, "status", false, false, false, Guard.NONE, warning -> {});
  }
}

package sh.kaito.testkit.internal.apiserver.handlers;

import java.util.function.Consumer;

/**
 * How a write is done.
 *
 * @param manager field manager
 * @param subresource what is written; empty for the object itself
 * @param dryRun whether to stop before the store
 * @param managed whether managed fields are set already
 * @param patch whether the object is the outcome of a patch
 * @param warnings takes what the client is to be warned of
 */
record WriteOptions(
    String manager,
    String subresource,
    boolean dryRun,
    boolean managed,
    boolean patch,
    Consumer<String> warnings) {

  /** A write of a client. */
  static WriteOptions of(Call call, boolean dryRun) {
    return new WriteOptions(call.manager(), call.subresource(), dryRun, false, false, call::warn);
  }

  /** The same by server-side apply, which sets managed fields itself. */
  WriteOptions applied() {
    return new WriteOptions(manager, subresource, dryRun, true, patch, warnings);
  }

  /** The same by a patch. */
  WriteOptions patching() {
    return new WriteOptions(manager, subresource, dryRun, managed, true, warnings);
  }

  static WriteOptions system(String manager) {
    return new WriteOptions(manager, "", false, false, false, warning -> {});
  }

  static WriteOptions systemStatus(String manager) {
    return new WriteOptions(manager, "status", false, false, false, warning -> {});
  }
}

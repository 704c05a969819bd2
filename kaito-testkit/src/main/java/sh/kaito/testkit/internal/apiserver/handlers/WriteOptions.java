package sh.kaito.testkit.internal.apiserver.handlers;

/**
 * How a write is done.
 *
 * @param manager field manager
 * @param subresource what is written; empty for the object itself
 * @param dryRun whether to stop before the store
 * @param apply whether managed fields are already set by server-side apply
 */
record WriteOptions(String manager, String subresource, boolean dryRun, boolean apply) {
  static WriteOptions system(String manager) {
    return new WriteOptions(manager, "", false, false);
  }

  static WriteOptions systemStatus(String manager) {
    return new WriteOptions(manager, "status", false, false);
  }
}

package sh.kaito.api.internal.yaml;

/**
 * What a text may cost. A Workspace has some dozens of values and a depth of about twelve; the
 * limits are far above that and keep hostile text from taking noticeable time or memory.
 */
public final class SourceLimits {

  /** Bytes of a whole input: no object above 1.5 MiB fits into etcd's default request size. */
  public static final int MAX_BYTES = 3 * 512 * 1024;

  /** Documents of one input. */
  public static final int MAX_DOCUMENTS = 1_000;

  /** Values, keys and collections of one input, aliases written out. */
  public static final int MAX_NODES = 20_000;

  /** Collections inside collections. */
  public static final int MAX_DEPTH = 64;

  /** Violations that are listed for one input. */
  public static final int MAX_VIOLATIONS = 100;

  private SourceLimits() {}
}

package sh.kaito.api.model;

/** Finalizers on a {@link Workspace}. */
public final class KaitoFinalizers {

  /**
   * The Go operator's (0.3.1, 0.12). It holds no slash, so newer API servers warn about it; the
   * name is fixed by the installed base.
   */
  public static final String WORKSPACE = "workspace.finalizer.kaito.sh";

  /**
   * This library's own, wherever it buys nodes directly: the Go operator removes its finalizer
   * without waiting for them. Shares its name with the annotation {@link KaitoAnnotations#NODES}.
   */
  public static final String NODES = "java.kaito.sh/nodes";

  private KaitoFinalizers() {}
}

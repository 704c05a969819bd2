package sh.kaito.core.internal.kube;

/**
 * Hears what a {@link Reflector} sees. Calls are serial, on the reflector's strand, and must not
 * block. One that throws is reported to the scheduler's executor and does not stop the reflector.
 */
public interface ReflectorListener<T> {

  /** An object came, changed or went; the reflector's snapshot already shows it. */
  default void onChange(Change<T> change) {}

  /** The first complete list is in, and all changes that it made have been told. */
  default void onSynced() {}

  /** Its health changed. */
  default void onHealth(ReflectorHealth health) {}
}

package sh.kaito.testkit.internal.apiserver.watch;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import sh.kaito.testkit.internal.apiserver.storage.StoredObject;

/** How events are written for one client: whole objects, tables or metadata only. */
public interface EventFormat {

  /**
   * One event, a line without its line break.
   *
   * @param type {@code ADDED}, {@code MODIFIED} or {@code DELETED}
   * @param resourceVersion version to show instead of the object's own; null keeps it
   */
  byte[] event(String type, StoredObject object, @Nullable Long resourceVersion);

  /** A bookmark; {@code initialEventsEnd} marks the end of the initial list. */
  byte[] bookmark(long resourceVersion, boolean initialEventsEnd);

  /** An ERROR event that carries a Status. */
  byte[] error(Map<String, Object> status);
}

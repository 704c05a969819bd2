package sh.kaito.testkit.internal.apiserver.watch;

/**
 * One event on its way to a client.
 *
 * @param type {@code ADDED}, {@code MODIFIED}, {@code DELETED}, {@code BOOKMARK} or {@code ERROR}
 * @param key {@code namespace/name} of the object; empty where there is none
 * @param revision the resource version that the client has reached with it
 * @param line the event as it is sent, without a line break
 */
public record WatchEvent(String type, String key, long revision, byte[] line) {

  /** Whether it tells of an object, and not of the stream itself. */
  public boolean isChange() {
    return !type.equals("BOOKMARK") && !type.equals("ERROR");
  }
}

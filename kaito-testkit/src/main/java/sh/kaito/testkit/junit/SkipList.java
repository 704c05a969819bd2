package sh.kaito.testkit.junit;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How many tests of one run ran on a real cluster, and which it cannot run; printed when the run
 * ends. A class that is skipped whole counts as one. {@code CloseableResource} is what JUnit 5
 * before 5.13 closes; later releases close it as well.
 */
@SuppressWarnings("deprecation")
final class SkipList implements ExtensionContext.Store.CloseableResource, AutoCloseable {
  private int ran;
  private final Map<String, String> skipped = new LinkedHashMap<>();
  private final PrintStream out;

  SkipList(PrintStream out) {
    this.out = out;
  }

  synchronized void ran() {
    ran++;
  }

  synchronized void add(String test, String reason) {
    skipped.put(test, reason);
  }

  @Override
  public synchronized void close() {
    StringBuilder text = new StringBuilder();
    text.append("On the real cluster ").append(ran).append(" tests ran, and ");
    text.append(skipped.size()).append(skipped.isEmpty() ? " were skipped\n" : " were skipped:\n");
    skipped.forEach(
        (test, reason) -> text.append("  ").append(test).append(": ").append(reason).append('\n'));
    out.print(text);
    out.flush();
  }
}

package sh.kaito.testkit.junit;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The tests of one run that a real cluster cannot run; printed when the run ends. {@code
 * CloseableResource} is what JUnit 5 before 5.13 closes; later releases close it as well.
 */
@SuppressWarnings("deprecation")
final class SkipList implements ExtensionContext.Store.CloseableResource, AutoCloseable {
  private final Map<String, String> skipped = new LinkedHashMap<>();
  private final PrintStream out;

  SkipList(PrintStream out) {
    this.out = out;
  }

  synchronized void add(String test, String reason) {
    skipped.put(test, reason);
  }

  @Override
  public synchronized void close() {
    if (skipped.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder();
    text.append("Skipped on the real cluster: ").append(skipped.size()).append(" tests\n");
    skipped.forEach(
        (test, reason) -> text.append("  ").append(test).append(": ").append(reason).append('\n'));
    out.print(text);
    out.flush();
  }
}

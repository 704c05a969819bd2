package sh.kaito.testkit.behaviour;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What the library logs from INFO on, while this is open. */
public final class LogLines implements AutoCloseable {
  private final Logger logger = (Logger) LoggerFactory.getLogger("sh.kaito.core");
  private final Level before = logger.getLevel();
  private final Capture capture = new Capture();

  /**
   * A line.
   *
   * @param workspace MDC entry; empty when there was none
   * @param text {@code LEVEL Logger: message}
   */
  public record Line(String workspace, String text) {}

  private static final class Capture extends AppenderBase<ILoggingEvent> {
    final List<Line> lines = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      String name = event.getLoggerName();
      lines.add(
          new Line(
              event.getMDCPropertyMap().getOrDefault("workspace", ""),
              event.getLevel()
                  + " "
                  + name.substring(name.lastIndexOf('.') + 1)
                  + ": "
                  + event.getFormattedMessage()));
    }
  }

  private LogLines() {
    logger.setLevel(Level.INFO);
    capture.start();
    logger.addAppender(capture);
  }

  /** Listens from now on. */
  public static LogLines listen() {
    return new LogLines();
  }

  /** Texts of the lines that contain this. */
  public List<String> with(String part) {
    return capture.lines.stream().map(Line::text).filter(text -> text.contains(part)).toList();
  }

  /** Texts of the lines that carry this Workspace in the MDC. */
  public List<String> about(String workspace) {
    return capture.lines.stream()
        .filter(line -> line.workspace().equals(workspace))
        .map(Line::text)
        .toList();
  }

  @Override
  public void close() {
    logger.detachAppender(capture);
    logger.setLevel(before);
    capture.stop();
  }
}

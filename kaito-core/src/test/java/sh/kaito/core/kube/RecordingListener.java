package sh.kaito.core.kube;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sh.kaito.api.kube.KubeResponse;
import sh.kaito.api.kube.KubeWatch;

/** Keeps what a watch brings, as text. */
class RecordingListener implements KubeWatch.Listener {
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

  /** Waits for the next call. */
  String next() throws InterruptedException {
    String next = heard.poll(60, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("A watch brought nothing within 60 s");
    }
    return next;
  }

  /** What was heard and not taken. */
  List<String> all() {
    return new ArrayList<>(heard);
  }

  @Override
  public void onEvent(byte[] event) {
    heard.add(new String(event, StandardCharsets.UTF_8));
  }

  @Override
  public void onRejected(KubeResponse response) {
    heard.add("rejected: " + response.status() + " " + response.bodyText());
  }

  @Override
  public void onEnd(@Nullable Throwable cause) {
    heard.add(cause == null ? "end" : "end: " + cause.getMessage());
  }
}

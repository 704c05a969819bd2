package sh.kaito.core.kube;

import java.io.IOException;
import java.util.function.Function;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;
import okio.BufferedSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sh.kaito.api.kube.KubeTransportException;
import sh.kaito.api.kube.KubeWatch;

/** One watch over HTTP: hands on a line at a time, on the thread of its call. */
final class WatchCall implements KubeWatch, Callback {
  private static final Logger LOG = LoggerFactory.getLogger(WatchCall.class);

  private final Call call;
  private final Listener listener;
  private final Function<IOException, KubeTransportException> failures;
  private volatile boolean closed;

  WatchCall(Call call, Listener listener, Function<IOException, KubeTransportException> failures) {
    this.call = call;
    this.listener = listener;
    this.failures = failures;
  }

  void open() {
    call.enqueue(this);
  }

  @Override
  public void close() {
    closed = true;
    call.cancel();
  }

  @Override
  public void onFailure(Call failed, IOException e) {
    if (!closed) {
      listener.onEnd(failures.apply(e));
    }
  }

  @Override
  public void onResponse(Call answered, Response response) {
    try (response) {
      if (response.code() == 200) {
        stream(response.body().source());
        if (!closed) {
          listener.onEnd(null);
        }
      } else {
        var rejection = HttpKubeTransport.read(response);
        if (!closed) {
          listener.onRejected(rejection);
        }
      }
    } catch (IOException e) {
      onFailure(answered, e);
    } catch (RuntimeException e) {
      LOG.error("A watch ends because its listener failed", e);
      close();
    }
  }

  /**
   * A line is handed on as soon as it is whole, whatever the pieces in which it arrives. Kubernetes
   * ends each event with a newline; one without at the end of the stream is taken too.
   */
  private void stream(BufferedSource source) throws IOException {
    while (!closed) {
      long end = source.indexOf((byte) '\n');
      byte[] line = end < 0 ? source.readByteArray() : source.readByteArray(end);
      if (!isBlank(line) && !closed) {
        listener.onEvent(line);
      }
      if (end < 0) {
        return;
      }
      source.skip(1);
    }
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }
}

package sh.kaito.core.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The shell programs of this library. They are constants: data reaches them as arguments or
 * environment variables and is never part of their text.
 */
enum Scripts {
  /** Downloads its arguments. */
  DOWNLOAD("download.sh"),
  /** Copies a directory out of the image it runs in. */
  COPY("copy.sh"),
  /** Pulls an image with credentials and unpacks its data. */
  PULL("pull.sh"),
  /** Pushes an adapter as an image. */
  PUSH("push.sh"),
  /** Ray leader or worker, by the index of the pod. */
  RAY("ray.sh"),
  /** Trainer, with the metrics server beside it. */
  TRAIN("train.sh");

  private final String text;

  Scripts(String file) {
    try (InputStream in = Scripts.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing from the library");
      }
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The program. */
  String text() {
    return text;
  }
}

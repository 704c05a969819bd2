package sh.kaito.testkit.internal.registry;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Layers as image tools write them: ustar (POSIX.1-1988), gzipped. Regular files and symbolic links
 * count; a link is kept as a file with its target.
 */
final class Tar {
  private static final int BLOCK = 512;

  /** Of one layer when it is unpacked; more is a mistake, or an attack. */
  private static final int LIMIT = 64 << 20;

  private Tar() {}

  /** Files by path, without a slash before it. */
  static byte[] write(Map<String, byte[]> files) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    files.forEach(
        (path, content) -> {
          out.writeBytes(header(path, content.length));
          out.writeBytes(content);
          out.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
        });
    out.writeBytes(new byte[2 * BLOCK]);
    return out.toByteArray();
  }

  private static byte[] header(String path, int size) {
    byte[] header = new byte[BLOCK];
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length > 100) {
      throw new IllegalArgumentException("a path in a layer has at most 100 bytes: " + path);
    }
    put(header, 0, name);
    put(header, 100, octal(0644, 7));
    put(header, 108, octal(0, 7));
    put(header, 116, octal(0, 7));
    put(header, 124, octal(size, 11));
    put(header, 136, octal(0, 11));
    put(header, 148, "        ".getBytes(StandardCharsets.US_ASCII));
    header[156] = '0';
    put(header, 257, "ustar\u000000".getBytes(StandardCharsets.US_ASCII));
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, octal(sum, 6));
    header[154] = 0;
    return header;
  }

  private static byte[] octal(int value, int digits) {
    String text = Integer.toOctalString(value);
    return ("0".repeat(digits - text.length()) + text).getBytes(StandardCharsets.US_ASCII);
  }

  private static void put(byte[] header, int at, byte[] text) {
    System.arraycopy(text, 0, header, at, text.length);
  }

  static byte[] gzip(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return out.toByteArray();
  }

  /**
   * The files of a layer, gzipped or not.
   *
   * @throws IOException when it is no such archive, or larger than 64 MiB
   */
  static Map<String, byte[]> read(byte[] layer) throws IOException {
    byte[] archive = layer;
    if (layer.length > 2 && (layer[0] & 0xff) == 0x1f && (layer[1] & 0xff) == 0x8b) {
      try (GZIPInputStream zip = new GZIPInputStream(new ByteArrayInputStream(layer))) {
        archive = zip.readNBytes(LIMIT + 1);
      }
    }
    if (archive.length > LIMIT) {
      throw new IOException("a layer is larger than " + LIMIT + " bytes");
    }
    Map<String, byte[]> files = new LinkedHashMap<>();
    int at = 0;
    while (at + BLOCK <= archive.length && archive[at] != 0) {
      String prefix = text(archive, at + 345, 155);
      String name = text(archive, at, 100);
      char type = (char) archive[at + 156];
      int size = size(archive, at + 124);
      int content = at + BLOCK;
      if (size < 0 || size > archive.length - content) {
        throw new IOException("the layer ends within " + name);
      }
      String path = clean(prefix.isEmpty() ? name : prefix + "/" + name);
      if (type == '0' || type == 0) {
        byte[] bytes = new byte[size];
        System.arraycopy(archive, content, bytes, 0, size);
        files.put(path, bytes);
      } else if (type == '2') {
        files.put(path, text(archive, at + 157, 100).getBytes(StandardCharsets.UTF_8));
      }
      at = content + (size + BLOCK - 1) / BLOCK * BLOCK;
    }
    return files;
  }

  private static String clean(String path) {
    String result = path;
    while (result.startsWith("./") || result.startsWith("/")) {
      result = result.substring(result.startsWith("/") ? 1 : 2);
    }
    return result;
  }

  private static String text(byte[] archive, int at, int length) {
    int end = at;
    while (end < at + length && archive[end] != 0) {
      end++;
    }
    return new String(archive, at, end - at, StandardCharsets.UTF_8);
  }

  private static int size(byte[] archive, int at) throws IOException {
    try {
      return Integer.parseInt(text(archive, at, 12).strip(), 8);
    } catch (NumberFormatException e) {
      throw new IOException("the layer is no tar archive", e);
    }
  }
}

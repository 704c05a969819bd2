package sh.kaito.testkit.internal.registry;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import sh.kaito.testkit.internal.sim.Objects;

/** What a simulated training leaves, and what an image of it holds besides. */
public final class AdapterImage {
  private AdapterImage() {}

  /** A LoRA adapter by file name: its configuration, and weights of one tensor that is zero. */
  public static Map<String, byte[]> adapter(String model) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(
        "adapter_config.json",
        Objects.bytes(
            Objects.object()
                .put("base_model_name_or_path", model)
                .put("peft_type", "LORA")
                .put("task_type", "CAUSAL_LM")
                .put("r", 8)
                .put("lora_alpha", 8)
                .put("simulated", true)));
    files.put("adapter_model.safetensors", safetensors());
    return files;
  }

  /** Length of the header (8 bytes, little-endian), header, data: the format of safetensors. */
  private static byte[] safetensors() {
    byte[] header =
        ("{\"__metadata__\":{\"simulated\":\"true\"},"
                + "\"simulated\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")
            .getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
    out.writeBytes(header);
    out.writeBytes(new byte[4]);
    return out.toByteArray();
  }

  /** The same, below {@code data/}. */
  public static Map<String, byte[]> data(String model) {
    return below("data/", adapter(model));
  }

  /** Files as they lie below a directory of an image. */
  public static Map<String, byte[]> below(String directory, Map<String, byte[]> files) {
    Map<String, byte[]> result = new LinkedHashMap<>();
    files.forEach((name, content) -> result.put(directory + name, content));
    return result;
  }

  /** Stand-ins for the programs with which a container of the image copies its own data. */
  public static Map<String, byte[]> tools() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String program : new String[] {"sh", "cp", "mkdir"}) {
      files.put("bin/" + program, "simulated".getBytes(StandardCharsets.UTF_8));
    }
    return files;
  }
}

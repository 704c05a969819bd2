package sh.kaito.testkit.internal.sim.model;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The JSON of {@code GET /metrics} of the images that do not run vLLM. */
final class GpuMetrics {
  private GpuMetrics() {}

  /** The branch of a host without CUDA: a simulation has no GPU to report. */
  static ObjectNode cpuOnly() {
    ObjectNode body = Answers.object();
    body.putNull("gpu_info");
    ObjectNode cpu = body.putObject("cpu_info");
    cpu.put("load_percentage", 20.0).put("physical_cores", 4).put("total_cores", 8);
    cpu.putObject("memory").put("used", "4.00 GB").put("total", "16.00 GB");
    return body;
  }

  /** The branch of the llama-2 servers, which know GPUs only. */
  static ObjectNode noGpu() {
    return Answers.object().put("error", "no GPU: this server is simulated");
  }
}

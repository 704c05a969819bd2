package sh.kaito.core.plan;

/**
 * How one model is spread over the GPUs of all nodes: {@code tensor * pipeline * data} of them work
 * together.
 *
 * @param tensor ranks that share every layer; never crosses a node
 * @param pipeline stages, each holding a part of the layers; over all nodes
 * @param data whole copies of the model that share the requests of one server
 */
public record ParallelLayout(int tensor, int pipeline, int data) {
  /** One GPU holds everything. */
  public static final ParallelLayout SINGLE = new ParallelLayout(1, 1, 1);

  /** GPUs that the layout uses, over all nodes. */
  public int gpus() {
    return tensor * pipeline * data;
  }

  @Override
  public String toString() {
    if (data > 1) {
      return data + " copies of the model, each on " + gpusText(tensor * pipeline);
    }
    if (gpus() == 1) {
      return "the whole model on 1 GPU";
    }
    if (pipeline == 1) {
      return "every layer shared by " + gpusText(tensor);
    }
    return pipeline
        + " stages of layers"
        + (tensor == 1 ? ", 1 GPU each" : ", each shared by " + gpusText(tensor));
  }

  private static String gpusText(int gpus) {
    return gpus == 1 ? "1 GPU" : gpus + " GPUs";
  }
}

package sh.kaito.core.plan;

/**
 * What the estimate of the Go operator (v0.12.0) arrives at.
 *
 * @param nodes number of nodes it buys
 * @param gpus number of GPUs it thinks the weights need
 * @param reserveBytes memory per GPU that it keeps free of weights
 * @param weightsPerGpuBytes memory per GPU that it has left for weights
 */
public record UpstreamEstimate(
    int nodes, long gpus, double reserveBytes, double weightsPerGpuBytes) {}

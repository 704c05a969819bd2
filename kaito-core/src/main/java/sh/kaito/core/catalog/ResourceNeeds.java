package sh.kaito.core.catalog;

/**
 * What a recipe declares to need at least. Memory is GPU memory.
 *
 * @param gpus number of GPUs over all nodes
 * @param totalGpuMemoryGiB GPU memory over all nodes, GiB
 * @param perGpuMemoryGiB memory of each GPU, GiB; 0 where the recipe sets no minimum
 * @param diskGiB node disk for image and weights, GiB
 */
public record ResourceNeeds(int gpus, int totalGpuMemoryGiB, int perGpuMemoryGiB, int diskGiB) {}

package sh.kaito.core.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * The container that serves a model, and what its pod and its Service need for it.
 *
 * @param command the argument vector
 * @param workingDirectory empty: the image's own
 * @param containerPorts entries of {@code ports}
 * @param servicePorts entries of the Service's {@code ports}
 * @param probes {@code startupProbe}, {@code livenessProbe}, {@code readinessProbe} by name
 */
record ModelServer(
    String image,
    List<String> command,
    Optional<String> workingDirectory,
    JsonNode containerPorts,
    JsonNode servicePorts,
    JsonNode env,
    JsonNode probes,
    JsonNode volumeMounts,
    JsonNode volumes) {}

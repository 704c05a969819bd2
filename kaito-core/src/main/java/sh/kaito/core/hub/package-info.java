/**
 * Facts of models that stand in no catalogue, read from Hugging Face. Off unless a program asks:
 *
 * <pre>{@code
 * HuggingFaceHub hub = HuggingFaceHub.builder().build();
 * hub.resolve("acme/Chat-7B").join(); // the one call that uses the network
 * PresetRegistry presets = PresetRegistry.builder().addBuiltIn().metadata(hub).build();
 * Planner planner = Planner.builder().presets(presets).build(); // plans acme/Chat-7B, offline
 * }</pre>
 */
@NullMarked
package sh.kaito.core.hub;

import org.jspecify.annotations.NullMarked;

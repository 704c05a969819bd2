/**
 * What the library knows before it looks at a cluster: model presets ({@link
 * sh.kaito.core.catalog.PresetRegistry}) and GPU instance types ({@link
 * sh.kaito.core.catalog.GpuCatalog}). Everything here is immutable and safe for any thread; the
 * built-in data is read from the jar once, on first use.
 *
 * <pre>{@code
 * ModelPreset phi3 = PresetRegistry.builtIn().find("phi-3-mini-4k-instruct").orElseThrow();
 * InstanceType v100 = GpuCatalog.builtIn().find("Standard_NC6s_v3").orElseThrow();
 * }</pre>
 */
@NullMarked
package sh.kaito.core.catalog;

import org.jspecify.annotations.NullMarked;

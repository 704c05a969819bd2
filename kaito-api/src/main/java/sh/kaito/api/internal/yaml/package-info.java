/** Reading YAML and JSON with positions, and writing YAML. No API: it changes without notice. */
@NullMarked
package sh.kaito.api.internal.yaml;

import org.jspecify.annotations.NullMarked;

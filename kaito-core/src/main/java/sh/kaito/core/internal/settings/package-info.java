/**
 * The texts of the ConfigMaps that a Workspace names: settings of the server and of the trainer.
 */
@NullMarked
package sh.kaito.core.internal.settings;

import org.jspecify.annotations.NullMarked;

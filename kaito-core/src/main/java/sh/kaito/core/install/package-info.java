/**
 * What a cluster needs before a controller can work in it: definitions ({@link
 * sh.kaito.core.install.CrdInstaller}), permissions ({@link sh.kaito.core.install.KaitoRbac}), and
 * a look at the rest ({@link sh.kaito.core.install.KaitoPrerequisites}). Nothing here is done by
 * the engine itself.
 */
@NullMarked
package sh.kaito.core.install;

import org.jspecify.annotations.NullMarked;

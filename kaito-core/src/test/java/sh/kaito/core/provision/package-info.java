@NullMarked
package sh.kaito.core.provision;

import org.jspecify.annotations.NullMarked;

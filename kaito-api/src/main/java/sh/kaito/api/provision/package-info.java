/**
 * The service provider interface for GPU nodes. {@link sh.kaito.api.provision.NodeProvisioner} is
 * what the engine sees: level-triggered, in memory, never blocking. JDK and JSpecify types only.
 */
@NullMarked
package sh.kaito.api.provision;

import org.jspecify.annotations.NullMarked;

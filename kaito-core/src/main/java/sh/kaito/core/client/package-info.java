/**
 * For programs that use Workspaces: {@link sh.kaito.core.client.WorkspaceClient} applies them,
 * waits until they are ready and talks to the model.
 */
@NullMarked
package sh.kaito.core.client;

import org.jspecify.annotations.NullMarked;

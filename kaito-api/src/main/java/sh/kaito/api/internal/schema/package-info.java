/**
 * One description of the fields of a Workspace. The strict reader, the CustomResourceDefinition and
 * the reference page are made from it. No API: it changes without notice.
 */
@NullMarked
package sh.kaito.api.internal.schema;

import org.jspecify.annotations.NullMarked;

/**
 * Where kernels differ in how they move pages: the rules of today, and those of other versions, each kept for the
 * scenario that convicts or acquits it.
 *
 * <p>Entry class: {@link kemu.mm.migrate.rules.MigrationRuleSets}. Lock order: as {@code kemu.mm.migrate}.
 */
package kemu.mm.migrate.rules;

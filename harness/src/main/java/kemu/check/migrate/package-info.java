/**
 * Scenarios of page migration, compaction and memory failure: what moves or poisons a page against faults, fork, exit
 * and mremap, KERNEL-FACTS sections A.3 and A.9. Entry class: {@link kemu.check.migrate.MigrateScenarios}.
 */
package kemu.check.migrate;

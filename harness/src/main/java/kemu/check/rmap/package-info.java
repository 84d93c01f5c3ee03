/**
 * Scenarios of reverse mapping whose variants are rules for the life of anon_vmas, page mappings and lookups, rather
 * than lookup strategies alone. Entry class: {@link kemu.check.rmap.RmapScenarios}. Source: KERNEL-FACTS A.9.
 */
package kemu.check.rmap;

/**
 * Scenarios of reverse mapping: lookups of a page's anon_vma against exit, fork and reuse. The variants are the lookup
 * strategies, or rules for the life of anon_vmas and page mappings; each names its source.
 *
 * <p>Entry class: {@link kemu.check.rmap.RmapScenarios}.
 */
package kemu.check.rmap;

/**
 * Scenarios of TLBs that are not flushed yet: what one thread changes in a page table, and another does through an
 * entry that is older. Entry class: {@link kemu.check.tlb.TlbScenarios}.
 */
package kemu.check.tlb;

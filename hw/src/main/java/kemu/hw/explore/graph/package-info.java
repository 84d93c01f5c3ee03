/**
 * Exhaustive search on models that reorder loads and stores: every consistent graph of who reads from whom, once. Entry
 * class: {@link kemu.hw.explore.graph.ReadsFrom}; see docs/adr/0015. An instrument, as all of {@code kemu.hw.explore}:
 * it allocates, and knows no locks.
 */
package kemu.hw.explore.graph;

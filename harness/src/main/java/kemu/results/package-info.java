/**
 * What runs have left in their directories, read back: of runs that are over, still going, or were killed.
 *
 * <p>Entry class: {@link kemu.results.RunResults}. The formats are in docs/FORMATS.md.
 */
package kemu.results;

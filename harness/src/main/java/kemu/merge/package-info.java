/**
 * Runs added up to one directory that is read as a run's.
 *
 * <p>Entry class: {@link kemu.merge.MergedRun}.
 */
package kemu.merge;

/**
 * Litmus tests executed as kernel code: every process is a task on an emulated CPU, and the locks and grace periods it
 * uses are those of kemu itself, which so are put to the test. Entry: {@link kemu.litmus.kernel.KernelEngine}.
 */
package kemu.litmus.kernel;

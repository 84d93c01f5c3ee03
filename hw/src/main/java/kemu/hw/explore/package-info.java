/**
 * Exploration of interleavings: who takes the next step, recorded so that it can be repeated.
 * {@code kemu.hw.explore.Explorer} runs executions of a scene, a machine built and ready to run, until one fails, all
 * are covered, or a budget is spent. Between executions memory is put back as the scene was built.
 *
 * <p>Not kernel code: the objects of this package are instruments. They allocate when an exploration begins, hardly
 * while it goes on.
 */
package kemu.hw.explore;

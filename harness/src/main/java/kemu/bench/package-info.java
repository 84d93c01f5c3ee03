/**
 * Benchmarks, one class per question; each measures an operation of the emulated kernel beside a peer outside it, in
 * the same session. Run by {@code kemu bench}, smoke-run by a test.
 *
 * <p>Entry class: {@link kemu.bench.Benchmarks}.
 */
package kemu.bench;

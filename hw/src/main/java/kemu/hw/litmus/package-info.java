/**
 * The classic small shapes of memory ordering (MP, SB, IRIW, ...), run on the emulated CPUs exhaustively: which outcome
 * can be seen under which model. They hold the models to their definition.
 *
 * <p>Entry class: {@link kemu.hw.litmus.LitmusTable}. Threads of a shape run without a kernel, one per CPU.
 */
package kemu.hw.litmus;

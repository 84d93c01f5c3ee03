/**
 * What a litmus test does, in typed operations with structured control flow: loads, stores, read-modify-writes, fences,
 * locks, RCU, {@code if} and loops, over registers that belong to a routine. Entry: {@link kemu.litmus.ir.Routine}.
 *
 * <p>An operation evaluates nothing but pure values ({@link kemu.litmus.ir.Value}): whatever touches memory, calls or
 * assigns has been made an operation of its own, in the order of C. So an engine needs one method per kind of operation
 * and knows no syntax. Two engines do: {@code kemu.litmus.path} follows the operations with symbolic values, and
 * {@code kemu.litmus.kernel} executes them on a {@code Cpu}.
 *
 * <p>The same form can carry a C function of a kernel patch. An address is a value like any other, so a member of a
 * struct is a base and a constant offset; a parameter that is not a shared variable is a register that the caller sets;
 * a call is the body of another routine between two assignments. See {@code docs/adr}. Knows nothing of syntax trees,
 * names of primitives or engines. All classes are immutable but {@link kemu.litmus.ir.Emitter}; no locks.
 */
package kemu.litmus.ir;

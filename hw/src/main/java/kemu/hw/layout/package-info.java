/**
 * C-like structs over emulated memory. A struct is a class of constants: one field constant per line, which is also the
 * group of accessors for that field.
 *
 * <p>Entry class: {@link kemu.hw.layout.StructLayout}. Fields are records, whose finals the JIT trusts, so offsets fold
 * to constants. No locks live here.
 */
package kemu.hw.layout;

/** What a litmus test says: processes, initial values, condition. Entry: {@link kemu.litmus.ast.LitmusTest}. */
package kemu.litmus.ast;

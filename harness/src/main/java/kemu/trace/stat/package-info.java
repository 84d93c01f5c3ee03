/** What a trace holds, in figures. Entry: {@link kemu.trace.stat.TraceStat}. */
package kemu.trace.stat;

/**
 * Turns recorded calls into programs with page faults. Entry: {@link kemu.trace.plan.Planner#plan}. It walks the
 * process tree with an offline model of every address space ({@link kemu.trace.plan.MmModel}) and adds TOUCH ops so
 * that each page touched is one fault, as many as the faults table gives the process. Rules: docs/TRACES.md.
 */
package kemu.trace.plan;

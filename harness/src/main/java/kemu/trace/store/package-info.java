/** The compact file of a planned trace. Entry: {@link kemu.trace.store.TraceFile}. Layout: docs/TRACES.md. */
package kemu.trace.store;

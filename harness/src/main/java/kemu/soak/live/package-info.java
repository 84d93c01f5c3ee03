/**
 * What is known of a run while it goes on: looks at the kernel, counters.jsonl with its events.
 *
 * <p>Entry class: {@link kemu.soak.live.Watch}. All of it runs on the reporter's thread and only reads the kernel.
 */
package kemu.soak.live;

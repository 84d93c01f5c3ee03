package kemu.check.story;

import kemu.hw.cpu.Event;

/**
 * What a lock has said of itself.
 *
 * @param step during which it was said; 0 before the first
 * @param cpu of the task
 * @param task its name
 * @param pid its number
 * @param event {@link Event#LOCK_WANTED}, {@link Event#LOCKED} or {@link Event#UNLOCKING}
 * @param lock address
 * @param mode as the event has it, without how it was asked for
 * @param handedOver true if the lock passes from one task to the next: the run queue's does
 * @param name class and owner, see {@link LockNames}
 */
record LockEvent(
        int step, int cpu, String task, int pid, int event, long lock, int mode, boolean handedOver, String name) {
    /** True if the two are about one lock, held in one way. */
    boolean same(LockEvent other) {
        return lock == other.lock && mode == other.mode;
    }
}

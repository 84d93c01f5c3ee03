package kemu.check.story;

import java.util.List;

/**
 * One transition of one CPU.
 *
 * @param number from 1
 * @param cpu the CPU
 * @param task name of its task
 * @param calls kernel functions on the stack, innermost first; empty if not known
 * @param what read, write, rmw, fence, wait, or what happened to a buffer
 * @param address of the word, 0 if there is none
 * @param width bytes of the word: 4, 8, or 0
 * @param object the word's name
 * @param before what this CPU saw in the word before
 * @param after what it sees there after
 * @param buffered its stores that the others do not see yet, after the step; oldest first
 */
public record Step(
        int number,
        int cpu,
        String task,
        List<String> calls,
        String what,
        long address,
        int width,
        String object,
        long before,
        long after,
        List<String> buffered) {

    /** The innermost function, or nothing. */
    public String function() {
        return calls.isEmpty() ? "" : calls.get(0);
    }

    /** True if the word changes, for this CPU at least. */
    public boolean writes() {
        return what.equals("write") || what.equals("rmw");
    }

    /** True if the CPU waits for the word. */
    public boolean waits() {
        return what.equals("wait");
    }

    /** The 64-bit word around the address. */
    long word() {
        return address & -8L;
    }

    /** The cache line. */
    long line() {
        return address & -64L;
    }

    /** The lock this step takes, tries or frees, as its object is named; null if it is none of that. */
    String lock() {
        if (address == 0 || !(locks() || unlocks())) {
            return null;
        }
        int dot = object.lastIndexOf('.');
        int arrow = object.indexOf("->");
        return dot > arrow ? object.substring(0, dot) : object;
    }

    /** The method of a lock that was called from outside, while the innermost function belongs to that lock. */
    private String lockCall() {
        String type = null;
        String method = "";
        for (String call : calls) {
            String of = call.substring(0, call.indexOf('.'));
            boolean spin = of.endsWith("SpinLocks") && !of.startsWith("Root");
            if (type == null ? !spin && !of.equals("RwSem") && !of.equals("Mutex") : !of.equals(type)) {
                break;
            }
            type = of;
            method = call.substring(call.indexOf('.') + 1);
        }
        return method;
    }

    /** True if the step belongs to the taking of a lock. */
    boolean locks() {
        String call = lockCall();
        return call.startsWith("lock") || call.startsWith("down") || call.startsWith("try");
    }

    /** True if the step belongs to the freeing of a lock. */
    boolean unlocks() {
        String call = lockCall();
        return call.startsWith("unlock") || call.startsWith("up");
    }
}

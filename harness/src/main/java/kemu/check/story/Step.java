package kemu.check.story;

import java.util.List;

/**
 * One transition of one CPU: a marked access and the plain ones that follow it, or something that happens to a buffer.
 *
 * @param number from 1
 * @param cpu the CPU
 * @param task name of its task
 * @param main what the step is about; never null
 * @param plain plain accesses up to the CPU's next step
 * @param waiting its stores that the others do not see yet, after the step; oldest first
 */
public record Step(int number, int cpu, String task, Access main, List<Access> plain, List<Waiting> waiting) {
    /** A buffered store: to which word, and name and value of it. */
    record Waiting(long address, String text) {}

    /** What it does: {@code read}, {@code write}, {@code wait}, or what happens to a buffer; in words. */
    public String what() {
        return main.what();
    }

    /** What it does. */
    public Act act() {
        return main.act();
    }

    /** Address of the word, 0 if there is none. */
    public long address() {
        return main.address();
    }

    /** Bytes of the word: 4, 8, or 0. */
    public int width() {
        return main.width();
    }

    /** The word's name; empty if there is none. */
    public String object() {
        return main.object();
    }

    /** What a load got, an atomic found, or the word was before. */
    public long before() {
        return main.before();
    }

    /** What a load got, or the word is afterwards. */
    public long after() {
        return main.after();
    }

    /** Kernel functions on the stack, innermost first; empty if not known. */
    public List<String> calls() {
        return main.calls();
    }

    /** Names and values of its stores that the others do not see yet, after the step; oldest first. */
    public List<String> buffered() {
        return waiting.stream().map(Waiting::text).toList();
    }

    /** The innermost function, or nothing. */
    public String function() {
        return main.calls().isEmpty() ? "" : main.calls().get(0);
    }

    /** True if the word changes, for this CPU at least. */
    public boolean writes() {
        return main.writes();
    }

    /** True if a store of this CPU becomes visible to the others. */
    boolean drains() {
        return act() == Act.DRAIN;
    }

    /** True if the word changes for the others: at once, or by a drain. */
    boolean publishes(boolean buffers) {
        return drains() || act() == Act.RMW || act() == Act.WRITE && !buffers;
    }

    /** True if it is a load. */
    boolean reads() {
        return act() == Act.READ || act() == Act.FAILED_CMPXCHG;
    }

    /** True if the CPU waits for the word. */
    public boolean waits() {
        return act() == Act.WAIT;
    }

    /** The 64-bit word around the address. */
    long word() {
        return address() & -8L;
    }

    /** The cache line. */
    long line() {
        return address() & -64L;
    }

    /** As text: by whom. */
    String who() {
        return task + " on CPU#" + cpu;
    }

    /** As text: where. */
    String where() {
        return calls().size() > 1 ? function() + " in " + calls().get(1) : function();
    }
}

package kemu.check;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.mm.Kernel;

/**
 * Something that watches explored executions and throws when it sees a fault. Its state is outside emulated memory; it
 * changes nothing there.
 */
public interface Oracle {
    /** Begins to watch. The kernel is booted, the scene is not yet built. */
    void attach(EmuMachine machine, Kernel kernel);

    /** The scene is built: what is true now is true whenever an execution begins. */
    default void sceneBuilt() {}

    /** An execution begins; forgets the one before. */
    void begin();

    /** All tasks have ended without a fault and the machine is at rest; before the scenario's own end. */
    default void ended(Cpu cpu) {}

    /**
     * Examines memory at the time of {@link #ended}, and once more at that of {@link #finished}. It is called only for
     * a state of memory that was not judged good before, so it may take long, and must depend on memory alone. Returns
     * false if it finds a fault, which is then in the notes and fails an execution that nothing else has failed.
     */
    default boolean judge(Cpu cpu) {
        return true;
    }

    /** The scenario's own end has been reached without a fault. */
    default void finished(Cpu cpu) {}

    /** Keeps the call stacks of what tasks did, or not. That is slow: for the one execution that a story tells. */
    default void keepStacks(boolean value) {}

    /** True if what was executed so far may come out otherwise with TLBs whose entries stay. */
    default boolean dependsOnTlb() {
        return false;
    }

    /** What was seen in this execution that is worth telling and is no fault by itself; one line each. */
    default List<String> notes() {
        return List.of();
    }
}

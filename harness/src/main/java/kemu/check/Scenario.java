package kemu.check;

import java.util.function.Consumer;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * A race of a few tasks, written as kernel calls. The scene is built once, on the CPU that the explorer then lets run;
 * the explorer must find the interleaving by itself.
 */
public interface Scenario {
    /** The name on the command line. */
    String name();

    /** One line: what races, and where it is described. */
    String description();

    /** CPUs that the machine needs. */
    int cpus();

    /**
     * Builds the scene and starts one task per CPU.
     *
     * @return what must hold when all tasks have ended; throws if it does not
     */
    Consumer<Cpu> build(Kernel kernel);
}

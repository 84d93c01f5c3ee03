package kemu.check;

import java.util.List;
import java.util.function.Consumer;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;

/**
 * A race of a few tasks, written as kernel calls. The scene is built once, on the CPU that the explorer then lets run;
 * the explorer must find the interleaving by itself. A scenario comes in variants, each with its expected verdict
 * ({@link Expected}): usually they are the anon_vma strategies, else the scenario says what varies.
 */
public interface Scenario {
    /** The name on the command line. */
    String name();

    /** One line: what races, and where it is described. */
    String description();

    /** CPUs that the machine needs. */
    int cpus();

    /** Bytes of emulated memory. */
    default long memory() {
        return 2L << 20;
    }

    /**
     * True if the kernel may preempt tasks. A scenario with several tasks on one CPU, such as those of RCU, is covered
     * exhaustively only on a kernel that does not.
     */
    default boolean preemptible() {
        return true;
    }

    /** True if the variants are anon_vma strategies, chosen by {@code --anon-vma}. */
    default boolean byAnonVma() {
        return true;
    }

    /** The variants, the default first. */
    default List<String> variants() {
        return AnonVmaLockings.all().stream().map(AnonVmaLockingProvider::name).toList();
    }

    /** The kernel of {@code variant}. */
    default KernelConfig configure(String variant) {
        return byAnonVma() ? new KernelConfig(variant, 0) : KernelConfig.of(0);
    }

    /**
     * Builds the scene and starts its tasks.
     *
     * @param variant one of {@link #variants}
     * @return what must hold when all tasks have ended; throws if it does not
     */
    Consumer<Cpu> build(Kernel kernel, String variant);
}

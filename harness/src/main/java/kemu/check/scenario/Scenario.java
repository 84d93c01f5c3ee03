package kemu.check.scenario;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Explorer;
import kemu.mm.Kernel;
import kemu.mm.KernelAudit;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategies;

/**
 * A race of a few tasks, written as kernel calls. The scene is built once, before anything races. A scenario forces no
 * order on its tasks: the explorer must find the interleaving by itself. A scenario comes in variants: usually they are
 * the anon_vma strategies, else the scenario says what varies. All that is known of it stands in its class: what it is
 * called, where it comes from, its variants, and what must be found of each ({@link #expected}).
 */
public interface Scenario {
    /** The name on the command line. */
    String name();

    /** One line: what races. */
    String description();

    /** Where it comes from, one line: the commit and the function of Linux, or the thread; empty if it is made up. */
    default String source() {
        return "";
    }

    /** Bugs that real kernels had and that its variants show: rows of {@code kemu list bugs}; none if it is made up. */
    default List<Bug> bugs() {
        return List.of();
    }

    /** CPUs that the machine needs; two unless the scenario says otherwise. */
    default int cpus() {
        return 2;
    }

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
        return Strategies.names(AnonVmaLockings.all());
    }

    /** The anon_vma strategy that {@code variant} is about or tries with something else; null if it is about none. */
    default String lookup(String variant) {
        return byAnonVma() ? variant : null;
    }

    /** The way to find a VMA that {@code variant} is about; null if it is about none. */
    default String vmaLookup(String variant) {
        return null;
    }

    /** The way to mlock pages that {@code variant} is about; null if it is about none. */
    default String mlock(String variant) {
        return null;
    }

    /**
     * What a check of {@code subject} must find, on the kernel as it is; {@link Expectation#HOLDS} unless the scenario
     * says that a variant fails, and how: perhaps by memory model ({@link Subject#model}) or by spinlock.
     *
     * <p>A failure names one kind unless several are the fault meant, and different searches or models come upon
     * different ones first; a comment then says which.
     */
    default Expectation expected(Subject subject) {
        return Expectation.HOLDS;
    }

    /**
     * What must be found of {@code subject} whose slabs keep freed objects back ({@code --slab-reuse}), where
     * {@code usual} is found if they are reused at once. Unless the scenario says otherwise a fault that needs an
     * object's next life is hidden.
     */
    default Expectation whenKeptBack(Subject subject, Expectation usual) {
        return usual.keptBack(subject);
    }

    /** True if {@code variant} tries a lookup with a rule that is known to be bad, so that good ones may fail. */
    default boolean knownBad(String variant) {
        return false;
    }

    /**
     * True if an exhaustive search can come to an end. It cannot if a task goes round a loop without saying which word
     * of memory it waits for, or if a wait is ended by an interrupt.
     */
    default boolean coverable() {
        return true;
    }

    /**
     * Deviations within which {@code kemu check all} covers the scenario on {@code model}, where all interleavings are
     * too many for it; -1 if it covers all.
     */
    default int deviations(MemoryModel model) {
        return -1;
    }

    /** The same for {@code subject}, where one variant is too many and others are not. */
    default int deviations(Subject subject) {
        return deviations(subject.model());
    }

    /** Marked accesses after which an execution counts as a livelock. */
    default int mostSteps() {
        return Explorer.MAX_STEPS;
    }

    /** The sections of the audit at rest that do not hold of the scene of {@code variant}, each with the reason. */
    default Map<KernelAudit.Section, String> notAudited(String variant) {
        return Map.of();
    }

    /** The kernel of {@code variant}. */
    default KernelConfig configure(String variant) {
        return byAnonVma() ? new KernelConfig(variant, 0) : KernelConfig.of(0);
    }

    /**
     * Builds the scene and starts its tasks.
     *
     * @param variant one of {@link #variants}
     * @return what must hold when all tasks have ended; throws a {@link Violation} if it does not
     * @throws SceneBroken here, in a task or at the end, if the scene is not what it should be
     */
    Consumer<Cpu> build(Kernel kernel, String variant);
}

package kemu.workload;

import java.util.List;
import java.util.function.BiConsumer;
import kemu.hw.cpu.Cpu;

/** A workload that is {@link PhasedRounds}: what the run asks of it, those answer. */
abstract class PhasedWorkload implements Workload {
    /** The rounds; made by the constructor. */
    abstract PhasedRounds rounds();

    @Override
    public final boolean round(Cpu cpu) {
        return rounds().round(cpu);
    }

    @Override
    public final void stop() {
        rounds().stop();
    }

    @Override
    public final double progress() {
        return rounds().progress();
    }

    @Override
    public String nothingDone() {
        return rounds().phases() == 0 ? "no phase has ended" : "";
    }

    @Override
    public final List<String> notes() {
        return rounds().notes();
    }

    /** Tells {@code out} who takes part, with how much memory, and how many phases there were. */
    final void describeRounds(BiConsumer<String, Object> out, PhasedRounds.Crew crew, StormLayout layout) {
        out.accept("processes_each", crew.processes());
        out.accept("threads_each", crew.threads());
        out.accept("file_pages", layout.filePages());
        out.accept("anon_pages", layout.anonPages());
        out.accept("phases", rounds().phases());
    }
}

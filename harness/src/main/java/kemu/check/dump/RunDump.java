package kemu.check.dump;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.NativeMachine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.task.Comms;
import kemu.mm.Kernel;
import kemu.mm.page.Page;

/**
 * The dump of a run: the frames of the kernel. Free frames and what processes and files hold are left out: they say
 * nothing about the kernel, and are most of the memory.
 */
public final class RunDump implements DumpedMachine {
    private static final long USER = Page.PG_LRU | Page.PG_SWAPBACKED | Page.PG_SWAPCACHE;

    private final RunMachine.Booted booted;
    private final BitSet there = new BitSet();

    private RunDump(RunMachine.Booted booted) {
        this.booted = booted;
    }

    /** Writes the kernel's memory of {@code run} to the directory {@code dir}. Context: machine at rest. */
    public static void write(Path dir, RunMachine run, NativeMachine machine, Kernel kernel) throws IOException {
        Cpu cpu = machine.bootCpu();
        BitSet frames = kernelFrames(kernel, cpu, machine.memory().sizeBytes() >>> PhysMem.PAGE_SHIFT);
        Dump.write(
                dir,
                frames,
                cpu::read64,
                new Dump(
                        RunMachine.SCENARIO,
                        run.options(),
                        RunMachine.layoutHash(kernel),
                        frames.cardinality(),
                        commNames(Comms.of(machine))));
    }

    private static BitSet kernelFrames(Kernel kernel, Cpu cpu, long count) {
        BitSet frames = new BitSet();
        // Frame 0 is never mapped.
        for (int pfn = 1; pfn < count; pfn++) {
            long page = kernel.pages().pageOfPfn(pfn);
            long flags = Page.FLAGS.readOnce(cpu, page);
            boolean user = (flags & USER) != 0 || Page.MAPPING.readOnce(cpu, page) != 0;
            if ((flags & Page.PG_FREE) == 0 && (!user || (flags & (Page.PG_SLAB | Page.PG_RESERVED)) != 0)) {
                frames.set(pfn);
            }
        }
        return frames;
    }

    private static List<String> commNames(Comms comms) {
        List<String> names = new ArrayList<>();
        // The loop ends: names are numbered without gaps, and a question mark stands for the first that is not given.
        for (String name = comms.name(1); !name.equals("?"); name = comms.name(names.size() + 1)) {
            String printable = name.replaceAll("[^ -~]", ".");
            names.add(names.contains(printable) ? printable + "'" + names.size() : printable);
        }
        return names;
    }

    /** The machine of a run, with what {@code dir} holds. */
    static DumpedMachine open(Path dir, Dump dump) throws IOException, Dump.Malformed {
        RunMachine.Booted booted;
        try {
            booted = RunMachine.of(dump.options(), line -> {}).boot();
        } catch (IllegalArgumentException | IllegalStateException unknown) {
            throw new Dump.Malformed(unknown.getMessage());
        }
        RunDump opened = new RunDump(booted);
        try {
            dump.requireScene(RunMachine.layoutHash(booted.kernel()));
            for (int i = 0; i < dump.comms().size(); i++) {
                // Boot has given the first of them already, and the others get the numbers they had.
                if (Comms.of(booted.machine()).number(dump.comms().get(i)) != i + 1) {
                    throw new Dump.Malformed("machine.kemu: command names are those of another build");
                }
            }
            Cpu cpu = opened.cpu();
            int count = (int) (booted.machine().memory().sizeBytes() >>> PhysMem.PAGE_SHIFT);
            dump.load(dir, count, (address, word) -> {
                opened.there.set((int) (address >>> PhysMem.PAGE_SHIFT));
                cpu.write64(address, word);
            });
        } catch (IOException | Dump.Malformed failed) {
            opened.close();
            throw failed;
        }
        return opened;
    }

    @Override
    public Machine machine() {
        return booted.machine();
    }

    @Override
    public Kernel kernel() {
        return booted.kernel();
    }

    @Override
    public Cpu cpu() {
        return booted.machine().bootCpu();
    }

    @Override
    public boolean holds(int pfn) {
        return there.get(pfn);
    }

    @Override
    public void close() {
        booted.machine().close();
    }
}

package kemu.workload;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Entry;
import kemu.mm.Kernel;
import kemu.mm.types.VmArea;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/**
 * A process that makes every other page of a mapping read-only and writable again, and writes it: VMAs split and merge.
 */
final class Protector implements Workload {
    private static final long BASE = 0x7f00_0000_0000L;
    private static final long WRITABLE = VmArea.VM_READ | VmArea.VM_WRITE;

    private final Kernel kernel;
    private final Counts counts;
    private final Syscalls syscalls;
    private final int pages;
    private final long repeat;
    private final int comm;
    private volatile boolean stopping;
    private volatile long done;

    private Protector(Kernel kernel, Counts counts, int pages, long repeat) {
        this.kernel = kernel;
        this.counts = counts;
        this.pages = pages;
        this.repeat = repeat;
        syscalls = new Syscalls(kernel, counts);
        comm = kernel.machine().sched().comm("mprotect");
    }

    @Override
    public boolean round(Cpu cpu) {
        if (stopping || repeat != 0 && done >= repeat) {
            return false;
        }
        AtomicBoolean ended = new AtomicBoolean();
        kernel.processes()
                .spawnInit(
                        cpu,
                        task -> {
                            process(task);
                            ended.set(true);
                        },
                        comm,
                        done + 1,
                        0);
        // Ends when the process has; the watchdog sees one that hangs.
        while (!ended.get()) {
            syscalls.sleep(cpu, 1);
        }
        done++;
        return true;
    }

    private void process(Cpu cpu) {
        Entry.exit(cpu);
        UserProgram user = new UserProgram(kernel, counts, done + 1, new StampTable());
        syscalls.mmap(cpu, BASE, address(pages) - BASE, WRITABLE, true, 0, 0);
        for (int page = 0; page < pages; page++) {
            user.write(cpu, address(page), true);
        }
        for (int page = 0; page < pages; page += 2) {
            syscalls.mprotect(cpu, address(page), UserProgram.pageSize(), VmArea.VM_READ);
            user.verify(cpu, address(page));
            syscalls.mprotect(cpu, address(page), UserProgram.pageSize(), WRITABLE);
            user.write(cpu, address(page), true);
        }
        syscalls.exit(cpu, 0);
        counts.processes.increment();
    }

    private static long address(int page) {
        return BASE + (long) page * UserProgram.pageSize();
    }

    @Override
    public void stop() {
        stopping = true;
    }

    @Override
    public double progress() {
        return repeat == 0 ? -1 : (double) done / repeat;
    }

    @Override
    public void describe(BiConsumer<String, Object> out) {
        out.accept("pages", pages);
    }

    /** {@code kemu run mprotect}. */
    static final class Provider implements WorkloadProvider {
        @Option(names = "--pages", paramLabel = "P", defaultValue = "64", description = "pages of the mapping")
        private int pages;

        @Option(names = "--repeat", paramLabel = "N", description = "processes one after the other (default 100)")
        private Long repeat;

        @Override
        public String name() {
            return "mprotect";
        }

        @Override
        public String description() {
            return "a process changes what it may do with every other page of a mapping";
        }

        @Override
        public List<String> latencies() {
            return List.of("mmap", "mprotect", "exit", "fault_anon", "fault_reuse");
        }

        @Override
        public void check(boolean timed) {
            UsageException.requireRange("--pages", pages, 1, 100_000);
            WorkloadProvider.requireOneLimit("--repeat", repeat, timed);
        }

        @Override
        public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
            long rounds = repeat != null ? repeat : timed ? 0 : 100;
            return (kernel, counts) -> new Protector(kernel, counts, pages, rounds);
        }
    }
}

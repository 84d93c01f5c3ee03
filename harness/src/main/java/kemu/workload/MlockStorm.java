package kemu.workload;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.page.VmStatItem;

/**
 * Processes of several threads map files, write, copy on write, lock, unlock, truncate, punch holes and fork, with more
 * memory than there is. Each thread has a file and anonymous memory of its own, whose contents it knows; one file is
 * everybody's. In phases, see {@link PhasedRounds}.
 */
final class MlockStorm extends PhasedWorkload {
    /** Pages at most that one call locks. */
    private static final int MOST_LOCKED = 64;

    /**
     * Shape of the storm.
     *
     * @param processes at a time
     * @param threads of each
     * @param pages of each thread's file, of its private copies, and of its anonymous memory; 0 for as many as make
     *     memory about a third of all that is used, where swap area and disk allow
     * @param rounds of processes one after the other, 0 until stopped
     */
    record Plan(int processes, int threads, int pages, long rounds) {}

    private final Kernel kernel;
    private final Counts counts;
    private final Syscalls syscalls;
    private final MlockCalls calls;
    private final PhasedRounds.Crew crew;
    private final PhasedRounds rounds;
    private final StormLayout layout;
    private final LongAdder sigbus = new LongAdder();

    MlockStorm(Kernel kernel, Counts counts, Plan plan) {
        this.kernel = kernel;
        this.counts = counts;
        syscalls = new Syscalls(kernel, counts);
        calls = new MlockCalls(kernel, counts);
        crew = new PhasedRounds.Crew(plan.processes(), plan.threads(), plan.rounds() * PhasedRounds.CALLS_OF_ROUND);
        layout = plan.pages() != 0
                ? StormLayout.of(plan.threads(), plan.pages())
                : StormLayout.threeTimesMemory(kernel, crew.tasks(), plan.threads());
        rounds = new PhasedRounds(kernel, counts, "mlock", crew, OfRound::new);
    }

    /** One round: its files, and what its processes and threads share. */
    private final class OfRound implements PhasedRounds.Stage {
        private final RoundFiles files;
        private final long round;

        OfRound(Cpu cpu, long round) {
            this.round = round;
            files = new RoundFiles(kernel, cpu, layout, crew.tasks(), round, syscalls, calls);
        }

        @Override
        public boolean made() {
            return files.made();
        }

        @Override
        public boolean enter(Cpu cpu, int process) {
            calls.limit(cpu, kernel.pages().totalPages() / 8 / crew.processes() * UserProgram.pageSize());
            return files.common().map(cpu);
        }

        @Override
        public PhasedRounds.Actor actor(Cpu cpu, int task) {
            long seed = kernel.machine().config().seed() * 0x9e37_79b9L
                    + round * (long) PhasedRounds.MOST * PhasedRounds.MOST
                    + task;
            return new OfThread(
                    files.common(),
                    task,
                    new MlockWorker(
                            syscalls,
                            calls,
                            new UserProgram(kernel, counts, 1 + task, new StampTable()),
                            new FileAccess(kernel, counts, sigbus, "thread " + task + " of round " + round),
                            files.own(task),
                            layout.anonymous(task, syscalls),
                            files.common(),
                            new SplittableRandom(seed)));
        }

        @Override
        public void agreed(Cpu cpu) {
            files.common().forget();
        }

        @Override
        public void end(Cpu cpu) {
            files.end(cpu);
        }
    }

    /** One thread. */
    private final class OfThread implements PhasedRounds.Actor {
        private final CommonFile common;
        private final int task;
        private final MlockWorker worker;

        OfThread(CommonFile common, int task, MlockWorker worker) {
            this.common = common;
            this.task = task;
            this.worker = worker;
        }

        @Override
        public boolean begin(Cpu cpu, BooleanSupplier ends) {
            return worker.begin(cpu, ends);
        }

        @Override
        public boolean call(Cpu cpu) {
            return switch (worker.random().nextInt(40)) {
                case 0 -> fork(cpu);
                case 1, 2, 3, 4, 5 -> lock(cpu);
                default -> worker.call(cpu);
            };
        }

        /** mlock or munlock of memory of any thread of the process: what is not mapped, or too much, is refused. */
        private boolean lock(Cpu cpu) {
            StormLayout.Piece piece = layout.somePiece(task, worker.random(), MOST_LOCKED);
            return worker.lock(cpu, piece.address(), piece.length());
        }

        private boolean fork(Cpu cpu) {
            MlockWorker child = worker.forked();
            return rounds.fork(cpu, 1 + task, child::live, worker::besideChild);
        }

        @Override
        public boolean verify(Cpu cpu) {
            return worker.verify(cpu);
        }

        @Override
        public boolean agree(Cpu cpu) {
            return common.agree(cpu, worker.access());
        }

        @Override
        public String doing() {
            return worker.doing();
        }
    }

    // ---- what the run asks for -----------------------------------------------------------------------------------

    @Override
    PhasedRounds rounds() {
        return rounds;
    }

    @Override
    public void describe(BiConsumer<String, Object> out) {
        describeRounds(out, crew, layout);
        calls.describe(out);
        out.accept("sigbus", sigbus.sum());
        for (VmStatItem item : List.of(
                VmStatItem.NR_MLOCK,
                VmStatItem.UNEVICTABLE_PGCULLED,
                VmStatItem.UNEVICTABLE_PGRESCUED,
                VmStatItem.UNEVICTABLE_PGMLOCKED,
                VmStatItem.UNEVICTABLE_PGMUNLOCKED,
                VmStatItem.UNEVICTABLE_PGCLEARED,
                VmStatItem.UNEVICTABLE_PGSTRANDED,
                VmStatItem.UNEVICTABLE_MLOCKFREED)) {
            out.accept(item.key(), kernel.vmStat().sum(kernel.machine().bootCpu(), item));
        }
    }
}

package kemu.workload;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Comms;
import kemu.mm.Kernel;
import kemu.mm.page.VmStatItem;
import kemu.mm.process.Processes;

/**
 * Processes of several threads that do what is drawn for them by weight, on memory and files of their own, whose
 * contents they know, and on what all have in common; in phases, see {@link PhasedRounds}. All that is drawn comes from
 * one seed.
 */
final class OperationStorm extends PhasedWorkload {
    /**
     * Shape of the storm.
     *
     * @param name of the workload
     * @param crew who does it, and how often
     * @param layout how much memory each has
     * @param weights of the operations, by name; one that has none is not done
     * @param happens what must have happened in the kernel for anything to have been done
     */
    record Plan(
            String name,
            PhasedRounds.Crew crew,
            StormLayout layout,
            Map<String, Integer> weights,
            List<VmStatItem> happens) {
        /** Whatever happens is enough. */
        Plan(String name, PhasedRounds.Crew crew, StormLayout layout, Map<String, Integer> weights) {
            this(name, crew, layout, weights, List.of());
        }

        /** True if pages get other frames, other addresses, or the same frame. */
        private boolean moves() {
            return PageOperations.ALL.stream().anyMatch(one -> weights.getOrDefault(one.name(), 0) > 0);
        }
    }

    private final Kernel kernel;
    private final Counts counts;
    private final Syscalls syscalls;
    private final MlockCalls calls;
    private final MovingCalls moving;
    private final Plan plan;
    private final PhasedRounds rounds;
    private final OperationDraw draw;
    private final StormImage image;
    private final int comm;
    private final AtomicInteger ids = new AtomicInteger();
    private final LongAdder sigbus = new LongAdder();

    OperationStorm(Kernel kernel, Counts counts, Plan plan) {
        this.kernel = kernel;
        this.counts = counts;
        this.plan = plan;
        syscalls = new Syscalls(kernel, counts);
        calls = new MlockCalls(kernel, counts);
        moving = new MovingCalls(kernel, counts);
        draw = new OperationDraw(plan.weights());
        image = new StormImage(kernel, syscalls, plan.name());
        comm = Comms.of(kernel.machine()).number(plan.name());
        rounds = new PhasedRounds(kernel, counts, plan.name(), plan.crew(), OfRound::new);
    }

    /** One round: its files, if there are any, and what its processes and threads have in common. */
    private final class OfRound implements PhasedRounds.Stage {
        private final long round;
        private final RoundFiles files;
        /** By process: whose values it writes. */
        private final int[] groups = new int[plan.crew().processes()];

        OfRound(Cpu cpu, long round) {
            this.round = round;
            files = plan.layout().filePages() == 0
                    ? null
                    : new RoundFiles(kernel, cpu, plan.layout(), plan.crew().tasks(), round, syscalls, calls);
            for (int i = 0; i < groups.length; i++) {
                groups[i] = nextId();
            }
        }

        @Override
        public boolean made() {
            return files == null || files.made();
        }

        @Override
        public boolean enter(Cpu cpu, int process) {
            calls.limit(cpu, kernel.pages().totalPages() / 8 / plan.crew().processes() * UserProgram.pageSize());
            return (files == null || files.common().map(cpu))
                    && stripes(process * plan.crew().threads()).map(cpu);
        }

        private StripedRange stripes(int task) {
            int threads = plan.crew().threads();
            int pages = Math.max(plan.layout().commonPages(), threads);
            return new StripedRange(syscalls, pages, threads, task % threads);
        }

        @Override
        public PhasedRounds.Actor actor(Cpu cpu, int task) {
            int id = groups[task / plan.crew().threads()];
            long seed = kernel.machine().config().seed() * 0x9e37_79b9L
                    + round * (long) PhasedRounds.MOST * PhasedRounds.MOST
                    + task;
            return new OfThread(new StormThread(
                    OperationStorm.this,
                    task,
                    id,
                    0,
                    new SplittableRandom(seed),
                    plan.layout().anonymous(task, syscalls).mayBeLocked(),
                    new CommonRange(syscalls, plan.layout().commonPages(), id),
                    stripes(task),
                    files == null ? null : files.own(task),
                    files == null ? null : files.common(),
                    files == null
                            ? null
                            : new FileAccess(kernel, counts, sigbus, "thread " + task + " of round " + round)));
        }

        @Override
        public void agreed(Cpu cpu) {
            if (files != null) {
                files.common().forget();
            }
            moving.look(cpu);
        }

        @Override
        public void end(Cpu cpu) {
            if (files != null) {
                files.end(cpu);
            }
            moving.unpoison(cpu);
        }
    }

    /** One thread. */
    private final class OfThread implements PhasedRounds.Actor {
        /** One page in so many is read byte by byte at the end of a phase. */
        private static final int READ_WHOLE = 32;

        private final StormThread thread;

        OfThread(StormThread thread) {
            this.thread = thread;
        }

        @Override
        public boolean begin(Cpu cpu, BooleanSupplier ends) {
            // Huge pages need memory that is not used yet.
            return thread.own().fill(cpu, thread.user(), thread.random(), ends)
                    && (thread.file() == null || thread.file().fill(cpu, thread.access(), ends))
                    && (plan.layout().contents().share() != 1
                            || PageOperations.offer(cpu, thread, 0, thread.own().pages(), true));
        }

        @Override
        public boolean call(Cpu cpu) {
            return draw.any(cpu, thread);
        }

        @Override
        public boolean verify(Cpu cpu) {
            thread.doing("verify");
            OwnFile file = thread.file();
            boolean alive = thread.own().verify(cpu, thread.user())
                    && (file == null || file.readAll(cpu, thread.access(), 0, file.pages()));
            for (int i = file == null ? -1 : file.pages() / READ_WHOLE; i >= 0 && alive; i--) {
                alive = file.readEveryByte(cpu, thread.access(), thread.random().nextInt(file.pages()));
            }
            return alive;
        }

        @Override
        public boolean agree(Cpu cpu) {
            return thread.stripes().agree(cpu, thread.user())
                    && (thread.file() == null || thread.commonFile().agree(cpu, thread.access()));
        }

        @Override
        public String doing() {
            return thread.doing();
        }
    }

    // ---- what operations ask for ---------------------------------------------------------------------------------

    /** A number that no other process of the run has. */
    int nextId() {
        return ids.incrementAndGet();
    }

    /** Memory accesses of process {@code id}. */
    UserProgram user(int id) {
        return new UserProgram(kernel, counts, id, new StampTable());
    }

    /** A process or thread that did not live as long as it was to, unless {@code alive}, exits. */
    void exited(Cpu cpu, boolean alive) {
        if (!alive) {
            counts.killed.increment();
        }
        syscalls.exit(cpu, Processes.killed(cpu) ? Processes.KILLED : 0);
    }

    /** See {@link Kernel}. */
    Kernel kernel() {
        return kernel;
    }

    /** See {@link Counts}. */
    Counts counts() {
        return counts;
    }

    /** System calls. */
    Syscalls syscalls() {
        return syscalls;
    }

    /** System calls about locked memory and files. */
    MlockCalls calls() {
        return calls;
    }

    /** System calls about where pages are. */
    MovingCalls moving() {
        return moving;
    }

    /** What is drawn. */
    OperationDraw draw() {
        return draw;
    }

    /** Where memory is. */
    StormLayout layout() {
        return plan.layout();
    }

    /** What a process may become. */
    StormImage image() {
        return image;
    }

    /** Name of the processes, as a number. */
    int comm() {
        return comm;
    }

    // ---- what the run asks for -----------------------------------------------------------------------------------

    @Override
    PhasedRounds rounds() {
        return rounds;
    }

    @Override
    public String nothingDone() {
        Cpu cpu = kernel.machine().bootCpu();
        return plan.happens().stream()
                .filter(item -> kernel.vmStat().sum(cpu, item) == 0)
                .map(item -> item.key() + " is 0")
                .findFirst()
                .orElseGet(super::nothingDone);
    }

    @Override
    public void describe(BiConsumer<String, Object> out) {
        describeRounds(out, plan.crew(), plan.layout());
        out.accept("calls", rounds.calls());
        calls.describe(out);
        out.accept("sigbus", sigbus.sum());
        if (plan.moves()) {
            moving.describe(out);
        }
        draw.describe(out);
    }
}

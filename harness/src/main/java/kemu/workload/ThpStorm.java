package kemu.workload;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.huge.HugePages;
import kemu.mm.page.VmStatItem;
import kemu.mm.process.Processes;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * Processes of several threads whose memory is mapped by huge pages: they write, give up, unmap, protect and move parts
 * of it, fork, and have it reclaimed. Each thread has ranges of its own, and knows what is in some pages all over them.
 * In phases, see {@link PhasedRounds}.
 */
final class ThpStorm extends PhasedWorkload {
    /** Huge pages of a thread at most. */
    static final int MOST_RANGES = 1_024;

    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final long PAGE = UserProgram.pageSize();
    private static final long BASE = 0x7e00_0000_0000L;
    private static final long ELSEWHERE = 0x7f00_0000_0000L;
    /** Pages of a range whose contents are known, and the distance between two of them. */
    private static final int KNOWN = 16;

    private static final long STRIDE = 32 * PAGE;
    private static final int MOST_AT_ONCE = 12;

    /**
     * Shape of the storm.
     *
     * @param processes at a time
     * @param threads of each
     * @param ranges huge pages of each thread
     * @param rounds of processes one after the other, 0 until stopped
     */
    record Plan(int processes, int threads, int ranges, long rounds) {}

    private final Kernel kernel;
    private final Counts counts;
    private final Syscalls syscalls;
    private final PhasedRounds.Crew crew;
    private final PhasedRounds rounds;
    private final int ranges;
    private final LongAdder huge = new LongAdder();
    private final LongAdder collapsed = new LongAdder();

    ThpStorm(Kernel kernel, Counts counts, Plan plan) {
        this.kernel = kernel;
        this.counts = counts;
        ranges = plan.ranges();
        syscalls = new Syscalls(kernel, counts);
        crew = new PhasedRounds.Crew(plan.processes(), plan.threads(), plan.rounds() * PhasedRounds.CALLS_OF_ROUND);
        rounds = new PhasedRounds(kernel, counts, "thp", crew, OfRound::new);
    }

    /** One round. */
    private final class OfRound implements PhasedRounds.Stage {
        private final long round;

        OfRound(Cpu cpu, long round) {
            this.round = round;
        }

        @Override
        public boolean made() {
            return true;
        }

        @Override
        public boolean enter(Cpu cpu, int process) {
            return true;
        }

        @Override
        public PhasedRounds.Actor actor(Cpu cpu, int task) {
            long seed = kernel.machine().config().seed() * 0x9e37_79b9L
                    + round * (long) PhasedRounds.MOST * PhasedRounds.MOST
                    + task;
            UserProgram user = new UserProgram(kernel, counts, 1 + task, new StampTable());
            return new OfThread(task, user, new SplittableRandom(seed), new long[ranges * KNOWN]);
        }

        @Override
        public void agreed(Cpu cpu) {
            // The threads have nothing in common but their address space.
        }

        @Override
        public void end(Cpu cpu) {
            // Nothing is left.
        }
    }

    /** One thread, or its child. */
    private final class OfThread implements PhasedRounds.Actor {
        private final int task;
        private final UserProgram user;
        private final SplittableRandom random;
        private final long[] values;
        private final long base;
        private final long elsewhere;
        private String doing = "mapping its memory";

        OfThread(int task, UserProgram user, SplittableRandom random, long[] values) {
            this.task = task;
            this.user = user;
            this.random = random;
            this.values = values;
            long distance = (long) task * (MOST_RANGES + 2) * HugePages.SIZE;
            base = BASE + distance;
            // Not aligned for every second: its pages move into two tables.
            elsewhere = ELSEWHERE + distance + (task & 1) * PAGE;
        }

        @Override
        public boolean begin(Cpu cpu, BooleanSupplier ends) {
            return map(cpu, base, ranges * HugePages.SIZE);
        }

        private boolean map(Cpu cpu, long at, long length) {
            return syscalls.mmap(cpu, at, length, RW, true, 0, 0) == at;
        }

        /** Known page {@code i}. */
        private long at(int i) {
            return base + i * STRIDE;
        }

        @Override
        public boolean call(Cpu cpu) {
            int from = random.nextInt(values.length);
            int to = Math.min(values.length, from + 1 + random.nextInt(MOST_AT_ONCE));
            return switch (random.nextInt(24)) {
                case 0 -> fork(cpu);
                case 1 -> giveUp(cpu, from, to);
                case 2 -> punch(cpu, from, to);
                case 3 -> giveUpWhole(cpu);
                case 4 -> protect(cpu, from, to);
                case 5 -> move(cpu);
                case 6 -> {
                    doing = "reclaiming";
                    syscalls.reclaim(cpu);
                    yield true;
                }
                case 7 -> collapse(cpu);
                case 8, 9, 10 -> check(cpu, from, to);
                default -> write(cpu, from, to);
            };
        }

        private boolean write(Cpu cpu, int from, int to) {
            doing = "writing";
            boolean alive = true;
            for (int i = from; i < to && alive; i++) {
                long value = random.nextLong() | 1;
                alive = user.replace(cpu, at(i), values[i], value);
                values[i] = value;
                counts.touches.increment();
            }
            return alive;
        }

        private boolean check(Cpu cpu, int from, int to) {
            doing = "reading";
            boolean alive = true;
            for (int i = from; i < to && alive; i++) {
                alive = user.holds(cpu, at(i), values[i]);
                counts.retouches.increment();
            }
            return alive;
        }

        private long length(int from, int to) {
            return at(to) - STRIDE + PAGE - at(from);
        }

        private boolean giveUp(Cpu cpu, int from, int to) {
            doing = "giving up a part";
            int status = syscalls.madviseDontneed(cpu, at(from), length(from, to));
            Arrays.fill(values, from, to, 0);
            return user.returned(cpu, "madvise", status, 0);
        }

        private boolean giveUpWhole(Cpu cpu) {
            doing = "giving up a range";
            int range = random.nextInt(ranges);
            int status = syscalls.madviseDontneed(cpu, base + range * HugePages.SIZE, HugePages.SIZE);
            Arrays.fill(values, range * KNOWN, (range + 1) * KNOWN, 0);
            return user.returned(cpu, "madvise", status, 0) && write(cpu, range * KNOWN, range * KNOWN + 1);
        }

        /** Whether it can be is a matter of luck. */
        private boolean collapse(Cpu cpu) {
            doing = "collapsing a range";
            int range = random.nextInt(ranges);
            boolean alive = check(cpu, range * KNOWN, (range + 1) * KNOWN);
            if (syscalls.madviseCollapse(cpu, base + range * HugePages.SIZE, HugePages.SIZE) == 0) {
                collapsed.increment();
            }
            return alive && check(cpu, range * KNOWN, (range + 1) * KNOWN);
        }

        private boolean punch(Cpu cpu, int from, int to) {
            doing = "unmapping a part";
            int status = syscalls.munmap(cpu, at(from), length(from, to));
            Arrays.fill(values, from, to, 0);
            return user.returned(cpu, "munmap", status, 0) && map(cpu, at(from), length(from, to));
        }

        private boolean protect(Cpu cpu, int from, int to) {
            doing = "protecting a part";
            long length = length(from, to);
            return user.returned(cpu, "mprotect", syscalls.mprotect(cpu, at(from), length, VmArea.VM_READ), 0)
                    && check(cpu, from, to)
                    && user.returned(cpu, "mprotect", syscalls.mprotect(cpu, at(from), length, RW), 0);
        }

        /** A range moves, and comes back. */
        private boolean move(Cpu cpu) {
            doing = "moving a range";
            int range = random.nextInt(ranges);
            long from = base + range * HugePages.SIZE;
            long moved = syscalls.mremap(cpu, from, HugePages.SIZE, HugePages.SIZE, elsewhere);
            if (moved != elsewhere) {
                // What was unmapped and mapped again may be a VMA of its own.
                return moved == Errno.EFAULT;
            }
            boolean alive = true;
            for (int i = 0; i < KNOWN && alive; i += 5) {
                alive = user.holds(cpu, elsewhere + i * STRIDE, values[range * KNOWN + i]);
            }
            return alive && syscalls.mremap(cpu, elsewhere, HugePages.SIZE, HugePages.SIZE, from) == from;
        }

        /** Both write what they share; each must see its own. */
        private boolean fork(Cpu cpu) {
            doing = "forking";
            OfThread child = new OfThread(
                    task, new UserProgram(kernel, counts, 1 + task, new StampTable()), random.split(), values.clone());
            int from = random.nextInt(values.length);
            int to = Math.min(values.length, from + MOST_AT_ONCE);
            return rounds.fork(cpu, 1 + task, child::live, own -> write(own, from, to));
        }

        private boolean live(Cpu cpu) {
            boolean alive = check(cpu, 0, values.length);
            for (int i = 0; i < 4 && alive; i++) {
                int from = random.nextInt(values.length);
                int to = Math.min(values.length, from + MOST_AT_ONCE);
                alive = switch (random.nextInt(4)) {
                    case 0 -> giveUp(cpu, from, to);
                    case 1 -> punch(cpu, from, to);
                    default -> write(cpu, from, to);
                };
            }
            return alive && check(cpu, 0, values.length);
        }

        @Override
        public boolean verify(Cpu cpu) {
            return check(cpu, 0, values.length);
        }

        @Override
        public boolean agree(Cpu cpu) {
            for (int range = 0; range < ranges; range++) {
                long mm = Processes.currentMm(cpu);
                huge.add(kernel.pageTable().findHuge(cpu, mm, base + range * HugePages.SIZE) == Cpu.NULL ? 0 : 1);
            }
            return true;
        }

        @Override
        public String doing() {
            return doing;
        }
    }

    // ---- what the run asks for -----------------------------------------------------------------------------------

    @Override
    PhasedRounds rounds() {
        return rounds;
    }

    @Override
    public void describe(BiConsumer<String, Object> out) {
        out.accept("processes_each", crew.processes());
        out.accept("threads_each", crew.threads());
        out.accept("ranges", ranges);
        out.accept("phases", rounds.phases());
        out.accept("calls", rounds.calls());
        out.accept("collapsed", collapsed.sum());
        out.accept("huge_after_phases", huge.sum());
        for (VmStatItem item : List.of(
                VmStatItem.THP_FAULT_ALLOC,
                VmStatItem.THP_FAULT_FALLBACK,
                VmStatItem.THP_COLLAPSE_ALLOC,
                VmStatItem.THP_COLLAPSE_ALLOC_FAILED,
                VmStatItem.KHUGEPAGED_PAGES_COLLAPSED,
                VmStatItem.KHUGEPAGED_FULL_SCANS,
                VmStatItem.THP_SPLIT_PAGE,
                VmStatItem.THP_SPLIT_PMD)) {
            out.accept(item.key(), kernel.vmStat().sum(kernel.machine().bootCpu(), item));
        }
    }
}

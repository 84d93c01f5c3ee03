package kemu.check.story;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Pending;
import kemu.hw.machine.EmuMachine;
import kemu.hw.sched.Lanes;
import kemu.hw.sched.Scheduler;
import kemu.hw.sched.Trail;

/** Follows a trail one step at a time, looking at each CPU before and after it moves. */
final class Teller implements Scheduler {
    private static final int CALLS = 8;

    /** A step as it was seen; names come later. */
    record Raw(
            int number,
            int cpu,
            int pid,
            List<String> calls,
            String what,
            long address,
            int width,
            long before,
            long after,
            long[] bufferedAt,
            long[] bufferedValues) {}

    private final EmuMachine machine;
    private final Trail trail;
    private final List<Raw> steps = new ArrayList<>();
    private final List<List<String>> calls = new ArrayList<>();
    private int run;
    private int used;
    private Raw open;

    Teller(EmuMachine machine, Trail trail) {
        this.machine = machine;
        this.trail = trail;
        for (int i = 0; i < machine.cpus(); i++) {
            calls.add(List.of());
        }
    }

    List<Raw> steps() {
        return steps;
    }

    @Override
    public String describe() {
        return "replay, told";
    }

    @Override
    public boolean begin(long execution) {
        return execution == 0;
    }

    @Override
    public int choose(Lanes lanes, int last) {
        if (run == trail.runs()) {
            return PRUNE;
        }
        int lane = trail.lane(run);
        if ((lanes.enabled() & 1L << lane) == 0) {
            return PRUNE;
        }
        if (++used == trail.count(run)) {
            run++;
            used = 0;
        }
        finish();
        note(lanes, lane, last);
        return lane;
    }

    /** The step that was begun is over: what has become of its word? */
    void finish() {
        if (open == null) {
            return;
        }
        EmuCpu cpu = machine.cpu(open.cpu);
        long after = open.address == 0 || open.width == 0 ? 0 : cpu.peekAt(open.address, open.width);
        long[][] held = Story.buffered(cpu);
        steps.add(new Raw(
                open.number,
                open.cpu,
                open.pid,
                open.calls,
                open.what,
                open.address,
                open.width,
                open.before,
                after,
                held[0],
                held[1]));
        open = null;
    }

    private void note(Lanes lanes, int lane, int last) {
        // A CPU asks on its own fiber before each access: what is on the stack now is what it is about to do, whether
        // it goes on or another CPU does. Suspended fibers cannot be looked into reliably.
        List<String> stack = functions(new Throwable().getStackTrace());
        if (last >= 0 && lanes.isStep(last) && !stack.isEmpty()) {
            calls.set(lanes.cpuOf(last), stack);
        }
        int id = lanes.cpuOf(lane);
        EmuCpu cpu = machine.cpu(id);
        boolean step = lanes.isStep(lane);
        int kind = step ? cpu.pendingKind() : lanes.kind(lane);
        long address =
                kind == Pending.FENCE ? 0 : step && kind != Pending.IDLE ? cpu.pendingAddress() : lanes.address(lane);
        int width = address == 0 || kind == Pending.IDLE ? 0 : cpu.pendingWidth();
        if (lanes.isDrain(lane)) {
            width = cpu.buffers().drainWidth(lanes.entryOf(lane));
        }
        String what = step
                ? Pending.name(kind)
                : lanes.isDrain(lane)
                        ? "store becomes visible"
                        : lanes.isPreempt(lane) ? "preempted" : "invalidation arrives";
        if (lanes.isPreempt(lane)) {
            address = 0;
            width = 0;
        }
        long before = address == 0 || width == 0 ? 0 : cpu.peekAt(address, width);
        open = new Raw(
                steps.size() + 1,
                id,
                Story.pid(cpu),
                step ? calls.get(id) : List.of(),
                what,
                address,
                width,
                before,
                0,
                new long[0],
                new long[0]);
    }

    /** The kernel functions of a stack, innermost first, without accessors and what is outside the kernel. */
    private static List<String> functions(StackTraceElement[] stack) {
        List<String> found = new ArrayList<>();
        for (StackTraceElement frame : stack) {
            String name = frame.getClassName();
            boolean plumbing = !name.startsWith("kemu.")
                    || name.startsWith("kemu.check.story.")
                    || name.startsWith("kemu.cli.")
                    || name.startsWith("kemu.hw.machine.")
                    || name.startsWith("kemu.hw.cpu.")
                    || name.startsWith("kemu.hw.layout.")
                    || name.startsWith("kemu.hw.cache.")
                    || name.startsWith("kemu.hw.sched.")
                    || name.equals("kemu.hw.sync.SpinLock")
                    || name.startsWith("kemu.hw.task.ExploredTasks")
                    || frame.getMethodName().startsWith("lambda$");
            if (!plumbing && found.size() < CALLS) {
                found.add(name.substring(name.lastIndexOf('.') + 1) + "." + frame.getMethodName());
            }
        }
        return found;
    }
}

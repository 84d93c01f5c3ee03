package kemu.litmus.kernel;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cache.CpuBuffers;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Recorder;
import kemu.hw.explore.Lanes;
import kemu.hw.explore.Scheduler;
import kemu.litmus.ir.Operation;

/** Follows a way of lanes, and takes down every step when it happens. */
final class MomentTeller implements Scheduler, Recorder {
    private final KernelScene scene;
    private final int[] way;
    private final List<Moment> moments = new ArrayList<>();
    private int step;
    /** The CPU whose step is being told, -1 before the first. */
    private int now = -1;

    private Operation operation;
    private Moment.Kind kind;
    private int location;
    private long value;
    private Moment.Source source;

    MomentTeller(KernelScene scene, int[] way) {
        this.scene = scene;
        this.way = way;
    }

    /** All steps, once the execution has ended. */
    List<Moment> moments() {
        close();
        return moments;
    }

    @Override
    public String describe() {
        return "told";
    }

    @Override
    public boolean begin(long execution) {
        return execution == 0;
    }

    @Override
    public boolean preempts() {
        return false;
    }

    @Override
    public int choose(Lanes lanes, int last) {
        close();
        if (step == way.length) {
            return PRUNE;
        }
        int lane = way[step++];
        open(lanes, lane);
        return lane;
    }

    private void open(Lanes lanes, int lane) {
        now = lanes.cpuOf(lane);
        EmuCpu cpu = scene.machine().cpu(now);
        operation = null;
        location = -1;
        source = Moment.Source.MEMORY;
        if (lanes.isStep(lane)) {
            kind = Moment.Kind.OTHER;
            operation = scene.operation(now);
        } else if (lanes.isDrain(lane)) {
            kind = Moment.Kind.DRAIN;
        } else {
            kind = Moment.Kind.DELIVER;
            location = scene.words()
                    .locationOf(cpu.path().buffers().deliverTarget(cpu.pending().stale()));
        }
    }

    private void close() {
        if (now < 0) {
            return;
        }
        List<Moment.Buffers> after = new ArrayList<>();
        for (int p = 0; p < scene.processes(); p++) {
            after.add(buffers(scene.machine().cpu(p).path().buffers()));
        }
        moments.add(new Moment(now, kind, operation, location, value, source, after, scene.memory()));
        now = -1;
    }

    private Moment.Buffers buffers(CpuBuffers buffers) {
        List<long[]> stores = new ArrayList<>();
        List<long[]> old = new ArrayList<>();
        for (int i = 0; buffers != null && i < buffers.storeCount(); i++) {
            add(stores, buffers.storeAddress(i), buffers.storeValue(i));
        }
        for (int i = 0; buffers != null && i < buffers.deliverable(); i++) {
            add(old, buffers.deliverTarget(i), buffers.deliverValue(i));
        }
        return new Moment.Buffers(stores, old);
    }

    private void add(List<long[]> list, long address, long word) {
        int where = scene.words().locationOf(address);
        if (where >= 0) {
            list.add(new long[] {where, scene.words().fromMemory(word)});
        }
    }

    // ---- what happens ---------------------------------------------------------------------------------------------

    /** Takes it for what the step is about, if it is the first that touches a word of the test. */
    private void note(Moment.Kind what, long address, long word) {
        int where = scene.words().locationOf(address);
        if (now >= 0 && where >= 0 && kind == Moment.Kind.OTHER) {
            kind = what;
            location = where;
            value = scene.words().fromMemory(word);
        }
    }

    @Override
    public void begins(int cpu, long address, int width, boolean write) {
        // Told again when it is done.
    }

    @Override
    public void read(int cpu, long address, int width, boolean marked, long got) {
        boolean first = kind == Moment.Kind.OTHER;
        note(Moment.Kind.READ, address, got);
        if (now >= 0 && first && kind == Moment.Kind.READ) {
            source = source(scene.machine().cpu(cpu).path().buffers(), address, got);
        }
    }

    private Moment.Source source(CpuBuffers buffers, long address, long got) {
        for (int i = 0; buffers != null && i < buffers.storeCount(); i++) {
            if (buffers.storeAddress(i) == address) {
                return Moment.Source.OWN_STORE;
            }
        }
        return got == scene.machine().memoryWord(address) ? Moment.Source.MEMORY : Moment.Source.OLD;
    }

    @Override
    public void wrote(int cpu, long address, int width, boolean marked, long stored) {
        note(Moment.Kind.WRITE, address, stored);
    }

    @Override
    public void changed(int cpu, long address, int width, long old, long left, boolean stored) {
        note(stored ? Moment.Kind.CHANGE : Moment.Kind.READ, address, old);
    }

    @Override
    public void fence(int cpu, int order) {
        // The step is about nothing else.
    }

    @Override
    public void drained(int cpu, long address, int width, long old, long stored) {
        if (now >= 0 && kind == Moment.Kind.DRAIN) {
            location = scene.words().locationOf(address);
            value = scene.words().fromMemory(stored);
        }
    }

    @Override
    public void filled(int cpu, long to, long from) {
        // Tests have no frames.
    }

    @Override
    public void told(int cpu, int event, long object, long detail) {
        // The operation says it.
    }
}

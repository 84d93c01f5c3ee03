package kemu.timeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.hw.cpu.NativeCpu;
import kemu.hw.machine.Area;
import kemu.kernel.context.Task;
import kemu.kernel.task.Comms;
import kemu.locks.LockKey;
import kemu.perfetto.TraceMark;
import kemu.perfetto.TraceSpan;

/**
 * What the records of one CPU say, as stretches and marks of a trace. Its first track has the tasks one after the
 * other, and in each the operations that it did meanwhile.
 */
final class CpuHistory {
    /** As numbered in {@link kemu.hw.cpu.Mode}. */
    private static final String[] MODES = {"user", "kernel", "idle"};

    private final NativeCpu cpu;
    private final Comms comms;
    private final Clip clip;
    private final TaskRuns runs;
    private final List<TraceSpan> spans = new ArrayList<>();
    private final List<TraceMark> marks = new ArrayList<>();
    private final List<Ring.Kept> events = new ArrayList<>();
    private final Map<Integer, String> names = new HashMap<>();
    private long modeSince = Long.MIN_VALUE;
    /** What the last record says that the CPU does, and which task; -1 if none does. */
    private int mode = -1;

    private int running = -1;

    /** Of {@code cpu}, from {@code begin} to {@code end} by its clock; the trace begins at {@code zero}. */
    CpuHistory(NativeCpu cpu, long begin, long end, long zero) {
        this.cpu = cpu;
        comms = Comms.of(cpu);
        clip = new Clip(begin, end, zero);
        runs = new TaskRuns(name(), clip);
    }

    int id() {
        return cpu.id();
    }

    String name() {
        return "CPU#" + cpu.id();
    }

    /** When the trace ends, in its nanoseconds. */
    long end() {
        return clip.at(clip.end());
    }

    /** Takes the next record for the names of tasks; all of them, before {@link #take}. */
    void learn(Ring.Kept record) {
        if (record.kind() == RecordKind.SWITCHED) {
            task(record.pid(), record.detail());
            task((int) record.object(), (int) record.more());
        }
    }

    /** Takes the next record. */
    void take(Ring.Kept record) {
        switch (record.kind()) {
            case RecordKind.HELD ->
                lock(true, record.detail(), record.object(), record.pid(), record.more(), record.time());
            case RecordKind.WAITED ->
                lock(false, record.detail(), record.object(), record.pid(), record.more(), record.time());
            case RecordKind.SWITCHED -> {
                running = record.pid();
                runs.switched(record.time(), (int) record.object(), nameOf((int) record.object()));
                events.add(record);
            }
            case RecordKind.MODE -> mode((int) record.more(), record.detail(), record.time());
            case RecordKind.OPERATION -> runs.operation(record.pid(), record.detail(), record.more(), record.time());
            case RecordKind.INTERRUPT -> interrupt(record.detail(), record.more(), record.time());
            case RecordKind.QUIESCENT ->
                mark(
                        "quiescent states",
                        record.time(),
                        "reports quiescent state, bits 0x" + Long.toHexString(record.more()) + " of rcu_node"
                                + hex(record.object()));
            case RecordKind.QUEUED -> {
                mark("RCU callbacks", record.time(), "call_rcu" + hex(record.object()));
                events.add(record);
            }
            case RecordKind.INVOKED -> {
                mark("RCU callbacks", record.time(), "calls back" + hex(record.object()));
                events.add(record);
            }
            default -> events.add(record);
        }
    }

    /** Nothing more comes: what goes on still is known by {@code recorder} and the memory of the CPU. */
    void end(CpuRecorder recorder) {
        if (running < 0) {
            long current = Area.CURRENT.get(cpu, cpu.area());
            running = Task.PID.readOnce(cpu, current);
            task(running, Task.COMM.readOnce(cpu, current));
        }
        runs.switched(Long.MAX_VALUE, running, nameOf(running));
        mode(mode < 0 ? recorder.mode() : mode, mode, Long.MAX_VALUE);
        if (recorder.interruptSince() != 0) {
            interrupt(0, recorder.interruptSince(), Long.MAX_VALUE);
        }
    }

    /** A lock that is held or waited for in the end. */
    void open(boolean held, int key, long lock, long task, long since) {
        Map<String, String> args = args(task(Task.PID.readOnce(cpu, task), Task.COMM.readOnce(cpu, task)), lock);
        args.put("left", held ? "not freed in the end" : "not taken in the end");
        clip.add(spans, group(key), since, Long.MAX_VALUE, lockName(held, key), args);
    }

    private void lock(boolean held, int key, long lock, int pid, long since, long until) {
        if (until > clip.begin()) {
            clip.add(spans, group(key), since, until, lockName(held, key), args(nameOf(pid), lock));
        }
    }

    private static String group(int key) {
        return LockKey.sleeps(key) ? "sleeping locks" : "locks";
    }

    private static String lockName(boolean held, int key) {
        String mode = LockKey.mode(key);
        return (held ? "" : "waits for ") + LockKey.className(key) + (mode.equals("own") ? "" : " (" + mode + ")");
    }

    private static Map<String, String> args(String task, long lock) {
        Map<String, String> args = new LinkedHashMap<>();
        args.put("task", task);
        args.put("address", hex(lock).strip());
        return args;
    }

    private static String hex(long address) {
        return " 0x" + Long.toHexString(address);
    }

    private void mode(int before, int after, long time) {
        clip.add(spans, "mode", modeSince, time, MODES[before], Map.of());
        modeSince = time;
        mode = after;
    }

    private void interrupt(int pending, long since, long until) {
        String what = (pending & Area.TICK) != 0 ? "tick" : (pending & Area.CALL) != 0 ? "call" : "interrupt";
        clip.add(spans, "interrupts", since, until, what, Map.of());
    }

    private void mark(String track, long time, String name) {
        if (clip.isIn(time)) {
            marks.add(new TraceMark(track, clip.at(time), name));
        }
    }

    private String task(int pid, int comm) {
        return names.computeIfAbsent(pid, none -> comms.name(comm) + ":" + pid);
    }

    private String nameOf(int pid) {
        return names.computeIfAbsent(pid, none -> "pid " + pid);
    }

    /** All stretches, tasks first. */
    List<TraceSpan> spans() {
        List<TraceSpan> all = new ArrayList<>(runs.spans());
        all.addAll(spans);
        return all;
    }

    /** All marks, by track, then by time. */
    List<TraceMark> marks() {
        marks.sort(Comparator.comparing(TraceMark::track).thenComparingLong(TraceMark::at));
        return marks;
    }

    /** Records that others have to do with: switches, wake-ups, callbacks, grace periods. */
    List<Ring.Kept> events() {
        return events;
    }

    /** What of its time is drawn. */
    Clip clip() {
        return clip;
    }
}

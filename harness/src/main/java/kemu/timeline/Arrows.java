package kemu.timeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.perfetto.TraceFlow;

/** Arrows from a wake-up to the moment when the task runs, and from call_rcu to the callback. */
final class Arrows {
    private record Of(CpuHistory cpu, Ring.Kept record) {}

    private final List<TraceFlow> ends = new ArrayList<>();
    private final Map<Integer, Of> woken = new HashMap<>();
    private final Map<Long, Of> queued = new HashMap<>();

    private Arrows() {}

    /** Both ends of each, by time. */
    static List<TraceFlow> of(List<CpuHistory> cpus) {
        List<Of> all = new ArrayList<>();
        cpus.forEach(cpu -> cpu.events().forEach(record -> all.add(new Of(cpu, record))));
        all.sort(Comparator.comparingLong(one -> one.record.time()));
        Arrows arrows = new Arrows();
        all.forEach(arrows::take);
        arrows.ends.sort(Comparator.comparingLong(TraceFlow::at));
        return arrows.ends;
    }

    private void take(Of one) {
        Ring.Kept record = one.record;
        switch (record.kind()) {
            case RecordKind.WOKEN -> woken.put((int) record.object(), one);
            case RecordKind.SWITCHED -> arrow("wake-up", woken.remove(record.pid()), one);
            case RecordKind.QUEUED -> queued.put(record.object(), one);
            case RecordKind.INVOKED -> arrow("call_rcu", queued.remove(record.object()), one);
            default -> {
                // No end of an arrow.
            }
        }
    }

    private void arrow(String name, Of from, Of to) {
        if (from == null
                || !from.cpu.clip().isIn(from.record.time())
                || !to.cpu.clip().isIn(to.record.time())) {
            return;
        }
        int id = ends.size() / 2 + 1;
        ends.add(new TraceFlow(id, name, true, from.cpu.id(), from.cpu.clip().at(from.record.time())));
        ends.add(new TraceFlow(id, name, false, to.cpu.id(), to.cpu.clip().at(to.record.time())));
    }
}

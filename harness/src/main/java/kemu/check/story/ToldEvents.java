package kemu.check.story;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.machine.Area;

/** What RCU, the scheduler and interrupts say while a story is told; of everything else nothing is kept. */
final class ToldEvents {
    /**
     * One of them.
     *
     * @param step during which it was said; 0 before the first
     * @param order among those of the step, from 1
     * @param cpu of the task
     * @param task its name
     * @param pid its number
     * @param event see {@link Event}
     * @param object what it is about
     * @param detail as the event has it; of a task that is woken, its number
     */
    record Told(int step, int order, int cpu, String task, int pid, int event, long object, long detail) {}

    private final List<Told> all = new ArrayList<>();

    void add(EmuCpu by, String task, int step, int event, long object, long detail) {
        if (!isKept(event)) {
            return;
        }
        Told last = all.isEmpty() ? null : all.get(all.size() - 1);
        int order = last != null && last.step == step ? last.order + 1 : 1;
        int pid = by.peek32(Area.CURRENT_PID.of(by.area()));
        all.add(new Told(step, order, by.id(), task, pid, event, object, detail));
    }

    List<Told> all() {
        return List.copyOf(all);
    }

    private static boolean isKept(int event) {
        return switch (event) {
            case Event.RCU_READ_LOCKED,
                    Event.RCU_READ_UNLOCKING,
                    Event.RCU_WAITS,
                    Event.RCU_WAITED,
                    Event.RCU_QUEUED,
                    Event.RCU_INVOKED,
                    Event.RCU_GRACE_BEGUN,
                    Event.RCU_GRACE_OVER,
                    Event.RCU_QUIESCENT,
                    Event.TASK_WOKEN,
                    Event.IRQ_ENTERED,
                    Event.IRQ_LEFT -> true;
            default -> false;
        };
    }
}

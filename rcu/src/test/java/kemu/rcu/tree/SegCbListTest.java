package kemu.rcu.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.task.KernelCore;
import kemu.rcu.RcuHead;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegCbListTest {
    private static final long DONE = Long.MIN_VALUE;
    private static final long NONE = Long.MAX_VALUE;

    /** A callback of the model: its head, and the grace period it waits for. */
    private static final class Entry {
        private final long head;
        private long seq;

        private Entry(long head, long seq) {
            this.head = head;
            this.seq = seq;
        }
    }

    private final List<Entry> model = new ArrayList<>();

    private boolean modelAccelerate(long seq) {
        long distinct = model.stream()
                .mapToLong(e -> e.seq)
                .filter(s -> s != DONE && s != NONE && s < seq)
                .distinct()
                .count();
        boolean any = false;
        for (Entry e : model) {
            if (distinct < 2 && e.seq != DONE && e.seq >= seq) {
                e.seq = seq;
                any = true;
            }
        }
        return any;
    }

    private void compare(Cpu cpu, long list) {
        long link = SegCbList.HEAD.of(list);
        int at = 0;
        long previousTail = link;
        for (int segment = 0; segment < 4; segment++) {
            long tail = SegCbList.tail(cpu, list, segment);
            long seq = cpu.read64(SegCbList.GP_SEQ.of(list) + 8L * segment);
            while (link != tail) {
                long head = cpu.read64(link);
                assertEquals(model.get(at).head, head);
                long want = segment == SegCbList.DONE ? DONE : segment == SegCbList.NEXT ? NONE : seq;
                assertEquals(want, model.get(at).seq, "segment " + segment);
                link = RcuHead.NEXT.of(head);
                at++;
            }
            if (segment == SegCbList.NEXT_READY && tail != previousTail) {
                // No hole: WAIT holds something if NEXT_READY does.
                assertEquals(true, previousTail != SegCbList.tail(cpu, list, SegCbList.DONE));
            }
            previousTail = tail;
        }
        assertEquals(model.size(), at);
        assertEquals(0, cpu.read64(link));
        assertEquals(!model.isEmpty() && model.get(0).seq == DONE, SegCbList.ready(cpu, list));
        assertEquals(model.stream().anyMatch(e -> e.seq != DONE), SegCbList.pending(cpu, list));
        assertEquals(model.stream().anyMatch(e -> e.seq == NONE), SegCbList.unassigned(cpu, list));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldMatchModelWhenOperatedAtRandom(long seed) {
        try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(8 << 20, 1))) {
            Cpu cpu = machine.bootCpu();
            long list = machine.bootAllocator().allocate(cpu, SegCbList.LAYOUT.sizeBytes(), 8, "list");
            long next = machine.bootAllocator().allocate(cpu, 16 * 20_000, 8, "heads");
            SegCbList.init(cpu, list);
            SplittableRandom random = new SplittableRandom(seed);
            long seq = 100;
            for (int i = 0; i < 10_000; i++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> {
                        SegCbList.enqueue(cpu, list, next);
                        model.add(new Entry(next, NONE));
                        next += 16;
                    }
                    case 3 -> {
                        if (!model.isEmpty()) {
                            SegCbList.entrain(cpu, list, next);
                            model.add(new Entry(next, model.get(model.size() - 1).seq));
                            next += 16;
                        }
                    }
                    case 4, 5 -> {
                        long want = seq + 4 + 4L * random.nextInt(2);
                        assertEquals(modelAccelerate(want), SegCbList.accelerate(cpu, list, want));
                    }
                    case 6 -> {
                        seq += 4;
                        SegCbList.advance(cpu, list, seq);
                        for (Entry e : model) {
                            e.seq = e.seq <= seq ? DONE : e.seq;
                        }
                    }
                    default -> takeSome(cpu, list, random);
                }
                compare(cpu, list);
            }
        }
    }

    private void takeSome(Cpu cpu, long list, SplittableRandom random) {
        if (!SegCbList.ready(cpu, list)) {
            return;
        }
        long last = SegCbList.tail(cpu, list, SegCbList.DONE);
        long at = SegCbList.takeDone(cpu, list);
        int keep = random.nextInt(4);
        // Invoke all but a few; put the few back.
        List<Entry> done =
                new ArrayList<>(model.stream().filter(e -> e.seq == DONE).toList());
        while (at != 0 && done.size() > keep) {
            assertEquals(done.remove(0).head, at);
            model.remove(0);
            at = RcuHead.NEXT.get(cpu, at);
        }
        if (at != 0) {
            SegCbList.putBackDone(cpu, list, at, last);
        }
    }
}

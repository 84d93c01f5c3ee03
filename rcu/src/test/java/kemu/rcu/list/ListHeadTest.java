package kemu.rcu.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.KernelCore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListHeadTest {
    private static final int NODES = 40;

    static Machine machine(String kind) {
        MachineConfig config = MachineConfig.of(4 << 20, 1);
        return switch (kind) {
            case "native" -> KernelCore.bootNative(config);
            case "emu" -> KernelCore.bootEmulated(config);
            default -> KernelCore.bootEmulated(config.withModel(MemoryModel.byName(kind)));
        };
    }

    private static List<Long> forward(Cpu cpu, long head) {
        List<Long> out = new ArrayList<>();
        for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
            out.add(at);
        }
        List<Long> rcu = new ArrayList<>();
        for (long at = RcuList.first(cpu, head); at != head; at = RcuList.next(cpu, at)) {
            rcu.add(at);
        }
        assertEquals(out, rcu);
        List<Long> back = new ArrayList<>();
        for (long at = ListHead.last(cpu, head); at != head; at = ListHead.prev(cpu, at)) {
            back.add(0, at);
        }
        assertEquals(out, back);
        return out;
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldMatchModelWhenOperatedAtRandom(String kind) {
        try (Machine machine = machine(kind)) {
            Cpu cpu = machine.bootCpu();
            long base = machine.bootAllocator().allocate(cpu, 16 * (NODES + 2), 8, "nodes");
            long[] heads = {base, base + 16};
            for (long head : heads) {
                ListHead.init(cpu, head);
            }
            List<List<Long>> models = List.of(new ArrayList<>(), new ArrayList<>());
            SplittableRandom random = new SplittableRandom(5);
            for (int i = 0; i < 20_000; i++) {
                int which = random.nextInt(2);
                long node = base + 16L * (2 + random.nextInt(NODES));
                step(cpu, random.nextInt(10), heads, models, which, node);
                assertEquals(models.get(0), forward(cpu, heads[0]));
                assertEquals(models.get(1), forward(cpu, heads[1]));
                assertEquals(models.get(which).isEmpty(), ListHead.empty(cpu, heads[which]));
                assertEquals(models.get(which).size() == 1, ListHead.singular(cpu, heads[which]));
            }
        }
    }

    private static void step(Cpu cpu, int what, long[] heads, List<List<Long>> models, int which, long node) {
        List<Long> owner = models.get(0).contains(node) ? models.get(0) : models.get(1);
        boolean listed = owner.contains(node);
        List<Long> target = models.get(which);
        long head = heads[which];
        if (what == 9) {
            if (target.size() < 5) {
                List<Long> from = models.get(1 - which);
                target.addAll(0, from);
                from.clear();
                ListHead.splice(cpu, heads[1 - which], head);
            } else {
                target.addAll(models.get(1 - which));
                models.get(1 - which).clear();
                ListHead.spliceTail(cpu, heads[1 - which], head);
            }
        } else if (!listed) {
            add(cpu, what, head, target, node);
        } else {
            owner.remove(node);
            remove(cpu, what, head, target, node);
        }
    }

    private static void add(Cpu cpu, int what, long head, List<Long> target, long node) {
        switch (what & 3) {
            case 0 -> ListHead.add(cpu, node, head);
            case 1 -> ListHead.addTail(cpu, node, head);
            case 2 -> RcuList.add(cpu, node, head);
            default -> RcuList.addTail(cpu, node, head);
        }
        target.add((what & 1) == 0 ? 0 : target.size(), node);
    }

    private static void remove(Cpu cpu, int what, long head, List<Long> target, long node) {
        switch (what % 5) {
            case 0 -> ListHead.del(cpu, node);
            case 1 -> ListHead.delInit(cpu, node);
            case 2 -> RcuList.del(cpu, node);
            case 3 -> {
                ListHead.move(cpu, node, head);
                target.add(0, node);
            }
            default -> {
                ListHead.moveTail(cpu, node, head);
                target.add(node);
            }
        }
    }

    @Test
    void shouldReportCorruptionWhenNodeIsDeletedTwiceOrAddedTwice() {
        try (Machine machine = machine("emu")) {
            Cpu cpu = machine.bootCpu();
            long head = machine.bootAllocator().allocate(cpu, 64, 8, "nodes");
            long node = head + 16;
            ListHead.init(cpu, head);
            ListHead.add(cpu, node, head);
            assertThrows(KernelBug.class, () -> ListHead.add(cpu, node, head));
            ListHead.del(cpu, node);
            assertThrows(KernelBug.class, () -> ListHead.del(cpu, node));
            assertThrows(KernelBug.class, () -> ListHead.next(cpu, ListHead.next(cpu, node)));
        }
    }

    @Test
    void shouldKeepSuccessorForReadersWhenDeletedUnderRcu() {
        try (Machine machine = machine("emu")) {
            Cpu cpu = machine.bootCpu();
            long head = machine.bootAllocator().allocate(cpu, 64, 8, "nodes");
            long a = head + 16;
            long b = head + 32;
            ListHead.init(cpu, head);
            RcuList.add(cpu, b, head);
            RcuList.add(cpu, a, head);
            RcuList.del(cpu, a);
            assertEquals(b, RcuList.next(cpu, a));
            RcuList.replace(cpu, b, a);
            assertEquals(head, RcuList.next(cpu, b));
            assertEquals(List.of(a), forward(cpu, head));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu", "tso", "weak"})
    void shouldChainAndUnchainHashNodes(String kind) {
        try (Machine machine = machine(kind)) {
            Cpu cpu = machine.bootCpu();
            long head = machine.bootAllocator().allocate(cpu, 16 * (NODES + 1), 8, "nodes");
            HList.initHead(cpu, head);
            List<Long> model = new ArrayList<>();
            SplittableRandom random = new SplittableRandom(9);
            for (int i = 0; i < 10_000; i++) {
                long node = head + 16L * (1 + random.nextInt(NODES));
                boolean rcu = random.nextBoolean();
                assertEquals(!model.contains(node), HList.unhashed(cpu, node));
                if (model.remove(node)) {
                    if (rcu) {
                        HList.delRcu(cpu, node);
                    } else {
                        HList.delInit(cpu, node);
                    }
                } else {
                    if (rcu) {
                        HList.addHeadRcu(cpu, node, head);
                    } else {
                        HList.addHead(cpu, node, head);
                    }
                    model.add(0, node);
                }
                List<Long> seen = new ArrayList<>();
                for (long at = HList.firstRcu(cpu, head); at != 0; at = HList.nextRcu(cpu, at)) {
                    seen.add(at);
                }
                assertEquals(model, seen);
                assertTrue(model.isEmpty() || HList.first(cpu, head) == model.get(0));
            }
        }
    }
}

package kemu.rcu.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.TreeMap;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.mem.KernelBug;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RbTreeTest {
    private static final int SLOT = 32;
    private static final int KEY = 24;

    private static void insert(Cpu cpu, long root, long node, long key) {
        cpu.write64(node + KEY, key);
        long parent = Cpu.NULL;
        long link = RbTree.NODE.of(root);
        long at = cpu.read64(link);
        while (at != Cpu.NULL) {
            parent = at;
            link = key < cpu.read64(at + KEY) ? RbTree.Node.LEFT.of(at) : RbTree.Node.RIGHT.of(at);
            at = cpu.read64(link);
        }
        RbTree.linkNode(cpu, node, parent, link);
        RbTree.insertColor(cpu, node, root);
    }

    private static void compare(Cpu cpu, long root, TreeMap<Long, Long> model) {
        int height = RbTree.validate(cpu, root);
        assertTrue((1L << height) - 1 <= model.size(), "black height " + height + " of " + model.size());
        long node = RbTree.first(cpu, root);
        for (long want : model.values()) {
            assertEquals(want, node);
            node = RbTree.next(cpu, node);
        }
        assertEquals(Cpu.NULL, node);
        node = RbTree.last(cpu, root);
        for (long want : model.descendingMap().values()) {
            assertEquals(want, node);
            node = RbTree.prev(cpu, node);
        }
        assertEquals(Cpu.NULL, node);
        assertEquals(model.isEmpty(), RbTree.empty(cpu, root));
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldMatchModelWhenOperatedAtRandom(String kind) {
        for (int limit : new int[] {2, 4, 8, 32, 300}) {
            try (Machine machine = ListHeadTest.machine(kind)) {
                Cpu cpu = machine.bootCpu();
                long root = machine.bootAllocator().allocate(cpu, 8, 8, "root");
                long slots = machine.bootAllocator().allocate(cpu, SLOT * 2 * ((long) limit), 8, "nodes");
                RbTree.init(cpu, root);
                TreeMap<Long, Long> model = new TreeMap<>();
                SplittableRandom random = new SplittableRandom(limit);
                for (int i = 0; i < 10_000; i++) {
                    operate(cpu, root, slots, limit, model, random);
                    if (i < 3_000 || i % 50 == 0) {
                        compare(cpu, root, model);
                    }
                }
            }
        }
    }

    private static void operate(
            Cpu cpu, long root, long slots, int limit, TreeMap<Long, Long> model, SplittableRandom random) {
        long key = random.nextInt(limit);
        long home = slots + 2 * key * SLOT;
        Long present = model.get(key);
        if (present == null) {
            insert(cpu, root, home, key);
            model.put(key, home);
        } else if (random.nextInt(4) == 0) {
            long fresh = present == home ? home + SLOT : home;
            cpu.write64(fresh + KEY, key);
            RbTree.replaceNode(cpu, present, fresh, root);
            model.put(key, fresh);
        } else {
            RbTree.erase(cpu, present, root);
            RbTree.clearNode(cpu, present);
            assertTrue(RbTree.nodeCleared(cpu, present));
            model.remove(key);
        }
    }

    @Test
    void shouldStayShallowWhenInsertedInOrder() {
        try (Machine machine = ListHeadTest.machine("emu")) {
            Cpu cpu = machine.bootCpu();
            int count = 10_000;
            long root = machine.bootAllocator().allocate(cpu, 8, 8, "root");
            long slots = machine.bootAllocator().allocate(cpu, SLOT * ((long) count), 8, "nodes");
            for (int i = 0; i < count; i++) {
                insert(cpu, root, slots + (long) i * SLOT, i);
            }
            assertTrue(RbTree.validate(cpu, root) >= 7);
            for (int i = 0; i < count; i++) {
                RbTree.erase(cpu, RbTree.first(cpu, root), root);
            }
            assertTrue(RbTree.empty(cpu, root));
        }
    }

    @Test
    void shouldBeConvictedWhenColourOrLinkIsWrong() {
        try (Machine machine = ListHeadTest.machine("emu")) {
            Cpu cpu = machine.bootCpu();
            long root = machine.bootAllocator().allocate(cpu, 8, 8, "root");
            long slots = machine.bootAllocator().allocate(cpu, SLOT * 8, 8, "nodes");
            for (int i = 0; i < 7; i++) {
                insert(cpu, root, slots + (long) i * SLOT, i);
            }
            long leaf = RbTree.first(cpu, root);
            long good = RbTree.Node.PARENT_COLOR.get(cpu, leaf);
            RbTree.Node.PARENT_COLOR.set(cpu, leaf, good ^ 1);
            assertThrows(KernelBug.class, () -> RbTree.validate(cpu, root));
            RbTree.Node.PARENT_COLOR.set(cpu, leaf, root | 1);
            assertThrows(KernelBug.class, () -> RbTree.validate(cpu, root));
            RbTree.Node.PARENT_COLOR.set(cpu, leaf, good);
            RbTree.validate(cpu, root);
        }
    }
}

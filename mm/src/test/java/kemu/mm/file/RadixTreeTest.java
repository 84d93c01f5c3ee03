package kemu.mm.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.TreeMap;
import kemu.hw.cpu.Cpu;
import kemu.hw.order.Order;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.page.TestKernel;
import kemu.mm.slab.KmemCache;
import kemu.mm.uapi.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RadixTreeTest {
    private static final LockClass LOCK = LockClass.of("test_tree_lock");

    private static KmemCache nodes(Kernel kernel) {
        KmemCache last = null;
        for (KmemCache cache : kernel.slabs().caches()) {
            if (cache.name().equals("radix_tree_node")) {
                last = cache;
            }
        }
        return last;
    }

    /** A word for the root and a lock, in a page of their own. */
    private static long makeRoot(Kernel kernel, Cpu cpu) {
        long frame = kernel.pages().frameOf(kernel.pages().allocPages(cpu, Gfp.NOWAIT | Gfp.ZERO, 0));
        SpinLock.init(cpu, frame + 64, LOCK);
        return frame;
    }

    @Test
    void shouldAgreeWithModelWhenUsedAtRandom() {
        Kernel kernel = TestKernel.boot("emu", 16 << 20, 1, 1);
        RadixTree tree = new RadixTree(kernel.machine(), kernel.rcu(), kernel.slabs());
        long root = makeRoot(kernel, kernel.machine().bootCpu());
        TestKernel.runOnAll(kernel, (cpu, id) -> compareWithModel(kernel, cpu, tree, root));
        kernel.machine().close();
    }

    private static void compareWithModel(Kernel kernel, Cpu cpu, RadixTree tree, long root) {
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 60; round++) {
            TreeMap<Long, Long> model = new TreeMap<>();
            int bits = 1 + random.nextInt(63);
            for (int i = 0; i < 400; i++) {
                step(cpu, tree, root, model, random, random.nextLong() >>> 64 - bits);
            }
            while (!model.isEmpty()) {
                assertEquals(model.pollFirstEntry().getValue(), tree.delete(cpu, root, RadixTree.next(cpu, root, 0)));
            }
            assertEquals(Cpu.NULL, cpu.read64(root));
            assertEquals(-1, RadixTree.next(cpu, root, 0));
            kernel.rcu().rcuBarrier(cpu);
            assertEquals(0, nodes(kernel).activeObjects(cpu));
        }
    }

    private static void step(
            Cpu cpu, RadixTree tree, long root, TreeMap<Long, Long> model, SplittableRandom random, long index) {
        long item = random.nextLong() | 1;
        if (random.nextInt(3) != 0) {
            int result = tree.store(cpu, root, root + 64, index, item, Gfp.NOWAIT);
            assertEquals(model.containsKey(index) ? Errno.EEXIST : 0, result);
            model.putIfAbsent(index, item);
        } else {
            Long there = model.ceilingKey(index);
            long victim = there == null ? index : there;
            Long old = model.remove(victim);
            assertEquals(old == null ? 0 : old, tree.delete(cpu, root, victim));
        }
        Long expected = model.get(index);
        assertEquals(expected == null ? 0 : expected, RadixTree.lookup(cpu, root, index));
        Long next = model.ceilingKey(index);
        assertEquals(next == null ? -1 : next, RadixTree.next(cpu, root, index));
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldFindWhatStaysWhenOthersChangeTheTree(String kind) {
        for (int seed = 0; seed < (kind.equals("emu") ? 40 : 4); seed++) {
            Kernel kernel = TestKernel.boot(kind, 8 << 20, 3, seed);
            Cpu boot = kernel.machine().bootCpu();
            RadixTree tree = new RadixTree(kernel.machine(), kernel.rcu(), kernel.slabs());
            long root = makeRoot(kernel, boot);
            long writersLeft = root + 128;
            boot.write64(writersLeft, 2);
            // Index 5 stays; everything else comes and goes, so the tree grows and shrinks around it.
            assertEquals(0, tree.store(boot, root, root + 64, 5, 0x55, Gfp.NOWAIT));
            int rounds = kind.equals("emu") ? 60 : 3_000;
            TestKernel.runOnAll(kernel, (cpu, id) -> {
                if (id == 0) {
                    while (cpu.readOnce64(writersLeft) != 0) {
                        kernel.rcu().readLock(cpu);
                        long found = RadixTree.lookup(cpu, root, 5);
                        long other = RadixTree.lookup(cpu, root, 5 + (1L << 20));
                        kernel.rcu().readUnlock(cpu);
                        assertEquals(0x55, found);
                        assertTrue(other == 0 || other == 0x77);
                        Sched.of(kernel.machine()).condResched(cpu);
                    }
                } else {
                    SplittableRandom random = new SplittableRandom(id);
                    for (int i = 0; i < rounds; i++) {
                        long index = 5 + (1L << random.nextInt(40)) * 64;
                        tree.store(cpu, root, root + 64, index, 0x77, Gfp.KERNEL);
                        index = 5 + (1L << random.nextInt(40)) * 64;
                        SpinLock.lockIrq(cpu, root + 64);
                        tree.delete(cpu, root, index);
                        SpinLock.unlockIrq(cpu, root + 64);
                        Sched.of(kernel.machine()).condResched(cpu);
                        if (i % 64 == 0) {
                            kernel.rcu().rcuBarrier(cpu);
                        }
                    }
                    for (int bit = 0; bit < 40; bit++) {
                        SpinLock.lockIrq(cpu, root + 64);
                        tree.delete(cpu, root, 5 + (1L << bit) * 64);
                        SpinLock.unlockIrq(cpu, root + 64);
                    }
                    cpu.fetchAdd64(writersLeft, -1, Order.FULL);
                    kernel.rcu().rcuBarrier(cpu);
                }
            });
            assertEquals(0x55, RadixTree.lookup(boot, root, 5));
            assertEquals(1, RadixNode.HEIGHT.get(boot, boot.read64(root)));
            assertEquals(1, nodes(kernel).activeObjects(boot), "seed " + seed);
            kernel.machine().close();
        }
    }
}

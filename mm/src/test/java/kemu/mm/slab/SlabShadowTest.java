package kemu.mm.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.ToLongFunction;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.page.TestKernel;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.types.AnonVma;
import org.junit.jupiter.api.Test;

class SlabShadowTest {
    private static final long MIB = 1 << 20;

    private Kernel kernel;
    private KmemCache plain;
    private KmemCache stable;
    private KmemCache waiting;
    private long freedBefore;

    /** What {@code body} does on a machine with shadow memory: its bad reads; throws for anything worse. */
    private List<KernelBug> watch(TaskBody body) {
        kernel = TestKernel.boot("emu", 4 * MIB, 1, 1);
        try (EmuMachine machine = (EmuMachine) kernel.machine()) {
            Cpu boot = machine.bootCpu();
            plain = kernel.slabs().create(boot, "plain", 64, 0, 0, null);
            stable = kernel.slabs().create(boot, "stable", 64, 0, SlabAllocator.SLAB_DESTROY_BY_RCU, null);
            waiting = kernel.slabs().create(boot, "waiting", 64, 0, SlabAllocator.SLAB_OBJECT_RCU, null);
            freedBefore = freed(boot, waiting);
            // Slabs that are there before anybody watches.
            plain.free(boot, plain.alloc(boot, Gfp.KERNEL));
            SlabShadow shadow = new SlabShadow(machine, kernel.slabs());
            shadow.keepStacks(true);
            shadow.scan();
            shadow.begin();
            Sched.of(machine)
                    .spawn(
                            boot,
                            cpu -> {
                                body.run(cpu);
                                machine.halt();
                            },
                            0,
                            "user",
                            Task.PF_KTHREAD);
            machine.run();
            return List.copyOf(shadow.badReads());
        }
    }

    private void assertBadRead(String expected, ToLongFunction<Cpu> addressOf) {
        List<KernelBug> found = watch(cpu -> cpu.read64(addressOf.applyAsLong(cpu)));
        assertEquals(1, found.size());
        String text = found.get(0).getMessage();
        assertTrue(text.startsWith("BUG: KASAN: " + expected + " in SlabShadowTest."), text);
    }

    private void assertConvicts(String expected, TaskBody body) {
        String text = assertThrows(KernelBug.class, () -> watch(body)).getMessage();
        assertTrue(text.startsWith("BUG: KASAN: " + expected + " in "), text);
    }

    private long freed(Cpu cpu, KmemCache cache) {
        long object = cache.alloc(cpu, Gfp.KERNEL);
        cache.free(cpu, object);
        return object;
    }

    @Test
    void shouldSayNothingOfOwnersAndOfReadersOfTypeStableObjects() {
        assertEquals(List.of(), watch(cpu -> {
            for (int i = 0; i < 200; i++) {
                long object = plain.alloc(cpu, Gfp.KERNEL);
                cpu.write64(object + 56, i);
                cpu.readOnce64(object);
                long other = stable.alloc(cpu, Gfp.KERNEL);
                stable.free(cpu, other);
                cpu.readOnce64(other + 8);
                cpu.fetchAdd64(other + 16, 1, 0);
                if (i % 3 != 0) {
                    plain.free(cpu, object);
                }
            }
        }));
    }

    @Test
    void shouldReportUseAfterFreeWithBothHistories() {
        assertBadRead("slab-use-after-free", cpu -> freed(cpu, plain) + 24);
        List<KernelBug> found = watch(cpu -> cpu.readOnce32(freed(cpu, plain)));
        String text = found.get(0).getMessage();
        for (String part : List.of(
                "Read of size 4 at addr 0x",
                " by task user/",
                "Allocated by task user/",
                "Freed by task user/",
                "which belongs to the cache plain of size 64",
                "located 0 bytes inside of")) {
            assertTrue(text.contains(part), text);
        }
        assertConvicts("slab-use-after-free", cpu -> cpu.write64(freed(cpu, plain), 1));
        assertConvicts("slab-use-after-free", cpu -> cpu.cmpxchg64(freed(cpu, plain) + 8, 0, 0, 0));
    }

    @Test
    void shouldReportWhatLiesBesideObjects() {
        assertBadRead("slab-out-of-bounds", cpu -> plain.alloc(cpu, Gfp.KERNEL) + 64);
        assertBadRead("slab-use-before-allocation", cpu -> plain.alloc(cpu, Gfp.KERNEL) + 72);
    }

    @Test
    void shouldReportUseOfAFreeFrame() {
        assertBadRead("use-after-free", cpu -> {
            long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            kernel.pages().putPage(cpu, page);
            return kernel.pages().frameOf(page);
        });
        assertConvicts("use-after-free", cpu -> {
            long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            kernel.pages().putPage(cpu, page);
            cpu.clearFrame(kernel.pages().frameOf(page));
        });
    }

    @Test
    void shouldReportATypeStableObjectOnceItsSlabIsGone() {
        assertBadRead("use-after-free", cpu -> {
            long object = freed(cpu, stable);
            kernel.slabs().shrink(cpu, stable);
            kernel.rcu().rcuBarrier(cpu);
            return object;
        });
    }

    @Test
    void shouldLetReadersLookAtWhatWaitsForTheirGracePeriod() {
        assertEquals(List.of(), watch(cpu -> {
            kernel.rcu().readLock(cpu);
            long object = freed(cpu, waiting);
            cpu.readOnce64(object + 8);
            cpu.fetchAdd64(object + 16, 1, 0);
            cpu.readOnce64(freedBefore + 8);
            kernel.rcu().readUnlock(cpu);
            kernel.rcu().rcuBarrier(cpu);
            // Both are somebody's again.
            cpu.write64(waiting.alloc(cpu, Gfp.KERNEL), 1);
            cpu.write64(waiting.alloc(cpu, Gfp.KERNEL), 1);
        }));
    }

    @Test
    void shouldReportWhoeverLooksOnceTheGracePeriodIsOver() {
        List<KernelBug> found = watch(cpu -> {
            long object = freed(cpu, waiting);
            kernel.rcu().rcuBarrier(cpu);
            kernel.rcu().readLock(cpu);
            cpu.readOnce64(object + 8);
            cpu.readOnce64(freedBefore + 8);
            kernel.rcu().readUnlock(cpu);
        });
        assertEquals(2, found.size());
        for (KernelBug one : found) {
            assertTrue(one.getMessage().startsWith("BUG: KASAN: slab-use-after-free in SlabShadowTest."));
        }
        assertConvicts("slab-use-after-free", cpu -> {
            long object = freed(cpu, waiting);
            kernel.rcu().rcuBarrier(cpu);
            cpu.write64(object, 1);
        });
        assertConvicts("double-free", cpu -> waiting.free(cpu, freed(cpu, waiting)));
    }

    @Test
    void shouldReportAnAccessMeantForAnotherStruct() {
        List<KernelBug> found = watch(cpu -> {
            long chain = kernel.anonVmas().chainCache().alloc(cpu, Gfp.KERNEL);
            AnonVmaChain.VMA.get(cpu, chain);
            AnonVma.REFCOUNT.readOnce(cpu, kernel.anonVmas().cache().alloc(cpu, Gfp.KERNEL));
            AnonVma.ROOT.readOnce(cpu, chain);
        });
        assertEquals(1, found.size());
        assertTrue(found.get(0).getMessage().startsWith("BUG: KASAN: type-confusion"));
        assertTrue(found.get(0).getMessage().contains("meant for a struct anon_vma"));
        assertConvicts("type-confusion", cpu -> {
            long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            AnonVma.ROOT.writeOnce(cpu, kernel.pages().frameOf(page), 0);
        });
    }

    @Test
    void shouldReportBadFrees() {
        assertConvicts("double-free", cpu -> plain.free(cpu, freed(cpu, plain)));
        assertConvicts("double-free", cpu -> stable.free(cpu, freed(cpu, stable)));
        assertConvicts("invalid-free", cpu -> plain.free(cpu, plain.alloc(cpu, Gfp.KERNEL) + 8));
        assertConvicts("invalid-free", cpu -> plain.free(cpu, stable.alloc(cpu, Gfp.KERNEL)));
    }

    @Test
    void shouldForgetWhatAnExecutionDid() {
        kernel = TestKernel.boot("emu", 4 * MIB, 1, 1);
        try (EmuMachine machine = (EmuMachine) kernel.machine()) {
            Cpu boot = machine.bootCpu();
            plain = kernel.slabs().create(boot, "plain", 64, 0, 0, null);
            long object = plain.alloc(boot, Gfp.KERNEL);
            SlabShadow shadow = new SlabShadow(machine, kernel.slabs());
            shadow.scan();
            for (int i = 0; i < 3; i++) {
                shadow.begin();
                assertEquals(kemu.hw.shadow.ShadowMemory.LIVE, shadow.memory().tagOf(object));
                shadow.told(machine.cpu(0), kemu.hw.cpu.Event.SLAB_FREEING, object, plain.struct());
                assertEquals(kemu.hw.shadow.ShadowMemory.FREED, shadow.memory().tagOf(object));
            }
        }
    }
}

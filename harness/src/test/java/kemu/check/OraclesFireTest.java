package kemu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.BiFunction;
import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Result;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Gfp;
import kemu.mm.pgtable.Pte;
import kemu.mm.slab.KmemCache;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each oracle that no known-bad variant of a scenario makes speak, made to speak: in every mode of slabs and RCU. */
class OraclesFireTest {
    private static final LockClass ONE = LockClass.of("oracle-one");
    private static final LockClass TWO = LockClass.of("oracle-two");

    /** One task that does something wrong on a kernel with {@code rcu} and {@code slabReuse}. */
    private static final class Wrong extends OneVariant {
        private final String rcu;
        private final String slabReuse;
        private final BiFunction<Kernel, Scene, Consumer<Cpu>> body;

        Wrong(String rcu, String slabReuse, BiFunction<Kernel, Scene, Consumer<Cpu>> body) {
            super("test-wrong");
            this.rcu = rcu;
            this.slabReuse = slabReuse;
            this.body = body;
        }

        @Override
        public KernelConfig configure(String variant) {
            return KernelConfig.of(0).withRcu(rcu).withSlabReuse(slabReuse);
        }

        @Override
        public Consumer<Cpu> build(Kernel kernel, String variant) {
            Scene scene = new Scene(kernel);
            scene.task(0, "wrong", body.apply(kernel, scene)::accept);
            return cpu -> {};
        }
    }

    private static void assertFires(
            String rcu, String slabReuse, String says, BiFunction<Kernel, Scene, Consumer<Cpu>> body) {
        try (Check check =
                new Check(Subject.of("test-wrong", "only", MemoryModel.SC), new Wrong(rcu, slabReuse, body))) {
            Result result = check.explore("exhaustive", 1, 100, () -> 1);
            assertEquals(Result.Verdict.FAIL, result.verdict(), says);
            String message = result.failure().getMessage();
            assertTrue(message.contains(says), message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast", "delayed", "object-rcu"})
    void shouldReportUseAfterFreeInEveryModeOfSlabs(String slabReuse) {
        assertFires("sched", slabReuse, "BUG: KASAN: slab-use-after-free", (kernel, scene) -> {
            KmemCache cache = kernel.slabs().create(scene.cpu(0), "thing", 64, 0, 0, null);
            return cpu -> {
                long object = cache.alloc(cpu, Gfp.KERNEL);
                cache.free(cpu, object);
                cpu.readOnce64(object + 8);
            };
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"sched", "preempt"})
    void shouldReportWhoeverFollowsAPointerOfReadersOutsideOne(String rcu) {
        assertFires(rcu, "fast", "suspicious rcu_dereference_check() usage", (kernel, scene) -> {
            long word = scene.word(scene.cpu(0));
            return cpu -> kernel.rcu().dereference(cpu, word);
        });
        assertFires(rcu, "fast", "still has locks held!", (kernel, scene) -> cpu -> {
            kernel.rcu().readLock(cpu);
            kernel.rcu().readLock(cpu);
            kernel.rcu().readUnlock(cpu);
            // The flavour's own count is put right behind the back of whoever counts.
            kernel.rcu().flavor().readUnlock(cpu);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"sched", "preempt"})
    void shouldReportOrdersOfLocksThatCanDeadlock(String rcu) {
        assertFires(rcu, "fast", "WARNING: possible circular locking dependency", (kernel, scene) -> {
            long one = scene.word(scene.cpu(0));
            long two = one + 64;
            SpinLock.init(scene.cpu(0), one, ONE);
            SpinLock.init(scene.cpu(0), two, TWO);
            return cpu -> {
                both(cpu, one, two);
                both(cpu, two, one);
            };
        });
    }

    private static void both(Cpu cpu, long outer, long inner) {
        SpinLock.lock(cpu, outer);
        SpinLock.lock(cpu, inner);
        SpinLock.unlock(cpu, inner);
        SpinLock.unlock(cpu, outer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sched", "preempt"})
    void shouldReportAProcessThatReadsWhatItHasNotWritten(String rcu) {
        assertFires(rcu, "fast", "BUG: user memory", (kernel, scene) -> {
            long mm = scene.newMm(scene.cpu(0));
            scene.write(scene.cpu(0), mm);
            long frame = Pte.frame(scene.pte(scene.cpu(0), mm));
            return cpu -> {
                cpu.writeOnce64(frame, 99);
                scene.read(cpu, mm);
            };
        });
    }
}

package kemu.kernel.lockdep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.locking.BitLock;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.RwSem;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import org.junit.jupiter.api.Test;

/** Tasks that take their locks one after the other, so that nothing ever deadlocks: only the order can be wrong. */
class LockDepTest {
    private long a;
    private long b;
    private long c;
    private long otherA;
    private long sem;
    private long otherSem;
    private long mutex;
    private long word;
    private EmuMachine machine;
    private LockDep lockDep;

    /** What is found while {@code bodies} run one after the other on one CPU, with ticks calling {@code onTick}. */
    private List<KernelBug> found(TaskBody onTick, TaskBody... bodies) {
        try (EmuMachine made = KernelCore.bootEmulated(MachineConfig.of(4L << 20, 2))) {
            machine = made;
            Cpu boot = machine.bootCpu();
            long words = machine.bootAllocator().allocate(boot, 1024, 64, "words");
            a = words;
            b = words + 64;
            c = words + 128;
            otherA = words + 192;
            sem = words + 256;
            otherSem = words + 384;
            mutex = words + 512;
            word = words + 640;
            SpinLock.init(boot, a, LockClass.of("test->a"));
            SpinLock.init(boot, otherA, LockClass.of("test->a"));
            SpinLock.init(boot, b, LockClass.of("test->b"));
            SpinLock.init(boot, c, LockClass.of("test->c"));
            RwSem.init(boot, sem, LockClass.of("test->sem"));
            RwSem.init(boot, otherSem, LockClass.of("test->sem"));
            Mutex.init(boot, mutex, LockClass.of("test->mutex"));
            boot.write64(word, 0);
            lockDep = new LockDep(machine);
            lockDep.keepStacks(true);
            lockDep.begin();
            machine.interrupts().onTick(onTick::run);
            Sched.of(machine)
                    .spawn(
                            boot,
                            cpu -> {
                                for (TaskBody body : bodies) {
                                    body.run(cpu);
                                }
                                machine.halt();
                            },
                            0,
                            "locker",
                            Task.PF_KTHREAD);
            machine.run();
            return List.copyOf(lockDep.found());
        }
    }

    private String only(TaskBody... bodies) {
        List<KernelBug> found = found(cpu -> {}, bodies);
        assertEquals(1, found.size(), found.toString());
        return found.get(0).getMessage();
    }

    private static TaskBody pair(TaskBody lockFirst, TaskBody lockSecond, TaskBody unlockSecond, TaskBody unlockFirst) {
        return cpu -> {
            lockFirst.run(cpu);
            lockSecond.run(cpu);
            unlockSecond.run(cpu);
            unlockFirst.run(cpu);
        };
    }

    private void aThenB(Cpu cpu) {
        SpinLock.lock(cpu, a);
        SpinLock.lock(cpu, b);
        SpinLock.unlock(cpu, b);
        SpinLock.unlock(cpu, a);
    }

    private void bThenC(Cpu cpu) {
        SpinLock.lock(cpu, b);
        SpinLock.lock(cpu, c);
        SpinLock.unlock(cpu, b);
        SpinLock.unlock(cpu, c);
    }

    private void cThenA(Cpu cpu) {
        SpinLock.lock(cpu, c);
        SpinLock.lock(cpu, a);
        SpinLock.unlock(cpu, a);
        SpinLock.unlock(cpu, c);
    }

    private void semMutexSpinBit(Cpu cpu) {
        RwSem.downWrite(cpu, sem);
        RwSem.downWriteNested(cpu, otherSem, 1);
        Mutex.lock(cpu, mutex);
        SpinLock.lock(cpu, a);
        SpinLock.lockNested(cpu, otherA, 1);
        BitLock.lock(cpu, word, 0);
        BitLock.unlock(cpu, word, 0);
        SpinLock.unlock(cpu, otherA);
        SpinLock.unlock(cpu, a);
        Mutex.unlock(cpu, mutex);
        RwSem.upWrite(cpu, otherSem);
        RwSem.upWrite(cpu, sem);
    }

    @Test
    void shouldBeSilentWhenLocksHaveAnOrder() {
        assertEquals(
                List.of(),
                found(
                        cpu -> {},
                        this::semMutexSpinBit,
                        this::aThenB,
                        this::bThenC,
                        this::semMutexSpinBit,
                        cpu -> Sched.of(cpu).sleep(cpu, 2)));
    }

    @Test
    void shouldReportAnOrderBothWays() {
        String report = only(
                this::aThenB,
                pair(
                        cpu -> SpinLock.lock(cpu, b),
                        cpu -> SpinLock.lock(cpu, a),
                        cpu -> SpinLock.unlock(cpu, a),
                        cpu -> SpinLock.unlock(cpu, b)));
        assertTrue(
                report.startsWith(
                        "WARNING: possible circular locking dependency detected: test->a --> test->b --> test->a\n"),
                report);
        assertTrue(report.contains("locker/"), report);
        assertTrue(report.contains("is trying to acquire lock:\n (test->a 0x"), report);
        assertTrue(report.contains("but task is already holding lock:\n (test->b 0x"), report);
        assertTrue(report.contains("LockDepTest.aThenB (LockDepTest.java:"), report);
        assertTrue(report.contains("1 lock held by locker/"), report);
    }

    @Test
    void shouldReportACycleOfThree() {
        String report = only(this::aThenB, this::bThenC, this::cThenA);
        assertTrue(
                report.startsWith("WARNING: possible circular locking dependency detected:"
                        + " test->a --> test->b --> test->c --> test->a\n"),
                report);
        assertTrue(report.contains("-> #2 (test->c), taken while holding test->b:"), report);
        assertTrue(report.contains("-> #1 (test->b), taken while holding test->a:"), report);
    }

    @Test
    void shouldReportACycleOfMutexAndSemaphoreForReading() {
        String report = only(
                pair(
                        cpu -> RwSem.downRead(cpu, sem),
                        cpu -> Mutex.lock(cpu, mutex),
                        cpu -> Mutex.unlock(cpu, mutex),
                        cpu -> RwSem.upRead(cpu, sem)),
                pair(
                        cpu -> Mutex.lock(cpu, mutex),
                        cpu -> RwSem.downRead(cpu, sem),
                        cpu -> RwSem.upRead(cpu, sem),
                        cpu -> Mutex.unlock(cpu, mutex)));
        assertTrue(report.contains("test->sem --> test->mutex --> test->sem"), report);
    }

    @Test
    void shouldBeSilentWhenTheWrongOrderIsOnlyTried() {
        assertEquals(
                List.of(),
                found(
                        cpu -> {},
                        this::aThenB,
                        pair(
                                cpu -> SpinLock.lock(cpu, b),
                                cpu -> assertTrue(SpinLock.tryLock(cpu, a)),
                                cpu -> SpinLock.unlock(cpu, a),
                                cpu -> SpinLock.unlock(cpu, b))));
    }

    @Test
    void shouldReportTwoOfOneClassUnlessNested() {
        String report = only(pair(
                cpu -> SpinLock.lock(cpu, a),
                cpu -> SpinLock.lock(cpu, otherA),
                cpu -> SpinLock.unlock(cpu, otherA),
                cpu -> SpinLock.unlock(cpu, a)));
        assertTrue(report.startsWith("WARNING: possible recursive locking detected: test->a\n"), report);
        assertTrue(report.contains("May be due to missing lock nesting notation."), report);
    }

    @Test
    void shouldForgetOrdersWhenAnExecutionBegins() {
        assertEquals(
                List.of(),
                found(cpu -> {}, this::aThenB, this::bThenC, cpu -> lockDep.begin(), this::cThenA, this::bThenC));
    }

    @Test
    void shouldReportALockOfHandlersTakenWithInterruptsEnabled() {
        List<KernelBug> found = found(
                cpu -> {
                    SpinLock.lock(cpu, c);
                    SpinLock.unlock(cpu, c);
                },
                cpu -> Sched.of(machine).sleep(cpu, 2),
                this::bThenC);
        assertEquals(1, found.size(), found.toString());
        assertTrue(
                found.get(0)
                        .getMessage()
                        .startsWith("WARNING: inconsistent lock state: test->c {IN-HARDIRQ-W} {HARDIRQ-ON-W}\n"),
                found.get(0).getMessage());
    }

    @Test
    void shouldReportALockOfHandlersHeldOverOneTakenWithInterruptsEnabled() {
        List<KernelBug> found = found(
                cpu -> {
                    SpinLock.lock(cpu, a);
                    SpinLock.unlock(cpu, a);
                },
                cpu -> Sched.of(machine).sleep(cpu, 2),
                cpu -> {
                    SpinLock.lock(cpu, b);
                    SpinLock.unlock(cpu, b);
                    Preempt.irqDisable(cpu);
                    aThenB(cpu);
                    Preempt.irqEnable(cpu);
                });
        assertEquals(1, found.size(), found.toString());
        assertTrue(
                found.get(0)
                        .getMessage()
                        .startsWith(
                                "WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected: test->a --> test->b\n"),
                found.get(0).getMessage());
    }

    @Test
    void shouldBeSilentWhenLocksOfHandlersAreTakenWithInterruptsDisabled() {
        assertEquals(
                List.of(),
                found(
                        cpu -> {
                            SpinLock.lock(cpu, c);
                            SpinLock.unlock(cpu, c);
                        },
                        cpu -> Sched.of(machine).sleep(cpu, 2),
                        cpu -> {
                            Preempt.irqDisable(cpu);
                            bThenC(cpu);
                            Preempt.irqEnable(cpu);
                        },
                        this::aThenB));
    }

    @Test
    void shouldReportHeldLocksInFreedMemory() {
        String report = only(cpu -> {
            SpinLock.lock(cpu, a);
            lockDep.freeing((EmuCpu) cpu, b, 64);
            lockDep.freeing((EmuCpu) cpu, a, 16);
            SpinLock.unlock(cpu, a);
            lockDep.freeing((EmuCpu) cpu, a, 16);
        });
        assertTrue(report.startsWith("WARNING: held lock freed! test->a\n"), report);
    }

    @Test
    void shouldReportSleepUnderASpinlockWithTheLocksHeld() {
        KernelBug bug = assertThrows(
                KernelBug.class,
                () -> found(cpu -> {}, cpu -> {
                    SpinLock.lock(cpu, a);
                    Mutex.lock(cpu, mutex);
                }));
        String report = bug.getMessage();
        assertTrue(report.startsWith("BUG: sleeping function called from invalid context at Mutex.lock\n"), report);
        assertTrue(report.contains("in_atomic(): 1, irqs_disabled(): 0"), report);
        assertTrue(report.contains("#0: (test->a 0x"), report);
    }
}

package kemu.locks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.MachineConfig;
import kemu.hw.machine.NativeMachine;
import kemu.kernel.context.Task;
import kemu.kernel.locking.BitLock;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.RwSem;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every taking of a lock is counted once, under its class, and whoever had to wait is known for it. */
class LockWitnessTest {
    private static final LockClass OUTER = LockClass.of("witness outer");
    private static final LockClass INNER = LockClass.of("witness inner");

    private NativeMachine machine;
    private LockStat stat;
    private final List<LockWitness> witnesses = new ArrayList<>();
    private long outer;
    private long inner;

    @BeforeEach
    void boot() {
        boot("ticket");
    }

    private void boot(String spinLock) {
        close();
        machine = KernelCore.bootNative(new MachineConfig(8 << 20, 2, 1, true, spinLock, 16));
        outer = machine.bootAllocator().allocate(machine.bootCpu(), 256, 64, "outer");
        inner = machine.bootAllocator().allocate(machine.bootCpu(), 256, 64, "inner");
        stat = new LockStat(2);
        witnesses.clear();
        for (int i = 0; i < 2; i++) {
            witnesses.add(new LockWitness(machine.cpu(i), stat.of(i)));
            machine.cpu(i).attach(witnesses.get(i));
        }
    }

    @AfterEach
    void close() {
        if (machine != null) {
            machine.close();
        }
    }

    private void run(TaskBody body) {
        Sched.of(machine)
                .spawn(
                        machine.bootCpu(),
                        cpu -> {
                            body.run(cpu);
                            machine.halt();
                        },
                        0,
                        "test",
                        0);
        machine.run();
    }

    private LockFigures of(LockClass lockClass, String mode) {
        return stat.read().stream()
                .filter(one ->
                        one.lockClass().equals(lockClass.name()) && one.mode().equals(mode))
                .findFirst()
                .orElseThrow();
    }

    /** Of the locks of this test: a CPU may be halted in the middle of a switch, with its run queue locked. */
    private List<String> open(int id) {
        List<String> all = new ArrayList<>();
        witnesses
                .get(id)
                .open(
                        machine.cpu(id),
                        (held, key, lock, task, since) -> all.add((held ? "holds " : "waits for ")
                                + LockKey.className(key) + " " + LockKey.kind(key) + " " + LockKey.mode(key)));
        all.removeIf(one -> one.contains("rq->lock"));
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"ticket", "tas", "mcs", "clh", "debug"})
    void shouldCountSpinlocksThatNest(String spinLock) {
        boot(spinLock);
        SpinLock.init(machine.bootCpu(), outer, OUTER);
        SpinLock.init(machine.bootCpu(), inner, INNER);
        run(cpu -> {
            for (int i = 0; i < 100; i++) {
                SpinLock.lock(cpu, outer);
                assertTrue(SpinLock.tryLock(cpu, inner));
                // Hand over hand: not freed in the order in which they were taken.
                SpinLock.unlock(cpu, outer);
                SpinLock.unlock(cpu, inner);
            }
            SpinLock.lock(cpu, outer);
        });
        assertEquals(100, of(OUTER, "own").holds().count());
        assertEquals(100, of(INNER, "own").holds().count());
        assertEquals(0, of(OUTER, "own").waits().count());
        assertTrue(of(INNER, "own").holds().sum() > 0);
        assertEquals(List.of("holds witness outer spinlock own"), open(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ticket", "tas", "mcs", "clh", "debug"})
    void shouldKnowWhoSpun(String spinLock) {
        boot(spinLock);
        SpinLock.init(machine.bootCpu(), outer, OUTER);
        run(cpu -> {
            Sched sched = Sched.of(cpu);
            // Ends once the other CPU has spun: between its last look and its wait it may find the lock free.
            while (stat.read().stream().allMatch(one -> one.waits().count() == 0)) {
                SpinLock.lock(cpu, outer);
                long other = sched.create(cpu, task -> takeAndFree(task), 1, 0, 0);
                sched.start(cpu, other);
                // Ends when the task wants the lock, which it says.
                while (Task.BLOCKED_ON.readOnce(cpu, other) != outer) {
                    Thread.onSpinWait();
                }
                SpinLock.unlock(cpu, outer);
                while (Task.STATE.readOnce(cpu, other) != Task.DEAD) {
                    Sched.setState(cpu, Task.INTERRUPTIBLE);
                    sched.scheduleTimeout(cpu, 1);
                }
                sched.put(cpu, other);
            }
        });
        LockFigures found = of(OUTER, "own");
        assertEquals(1, found.waits().count());
        assertTrue(found.waits().sum() > 0 && found.waits().max() > 0, found::toString);
        assertEquals(0, found.holds().count() % 2, found::toString);
    }

    private void takeAndFree(Cpu cpu) {
        SpinLock.lock(cpu, outer);
        SpinLock.unlock(cpu, outer);
    }

    @Test
    void shouldCountLocksThatSleepByTaskAndMode() {
        Mutex.init(machine.bootCpu(), outer, OUTER);
        RwSem.init(machine.bootCpu(), inner, INNER);
        run(cpu -> {
            Sched sched = Sched.of(cpu);
            Mutex.lock(cpu, outer);
            RwSem.downWrite(cpu, inner);
            // On the same CPU: the waits of tasks are apart though they take turns there.
            long mutex = sched.create(cpu, this::mutex, 0, 0, 0);
            long reader = sched.create(cpu, this::reader, 1, 0, 0);
            sched.start(cpu, mutex);
            sched.start(cpu, reader);
            while (Task.BLOCKED_ON.readOnce(cpu, mutex) != outer || Task.BLOCKED_ON.readOnce(cpu, reader) != inner) {
                Sched.setState(cpu, Task.INTERRUPTIBLE);
                sched.scheduleTimeout(cpu, 1);
            }
            RwSem.downgradeWrite(cpu, inner);
            Mutex.unlock(cpu, outer);
            RwSem.upRead(cpu, inner);
            while (Task.STATE.readOnce(cpu, mutex) != Task.DEAD || Task.STATE.readOnce(cpu, reader) != Task.DEAD) {
                Sched.setState(cpu, Task.INTERRUPTIBLE);
                sched.scheduleTimeout(cpu, 1);
            }
        });
        assertEquals(2, of(OUTER, "own").holds().count());
        assertEquals(1, of(OUTER, "own").waits().count());
        assertEquals("mutex", of(OUTER, "own").kind());
        assertEquals(1, of(INNER, "write").holds().count());
        assertEquals(2, of(INNER, "read").holds().count());
        assertEquals(1, of(INNER, "read").waits().count());
        assertEquals(0, of(INNER, "write").waits().count());
        assertEquals(List.of(), open(0));
        assertEquals(List.of(), open(1));
    }

    private void mutex(Cpu cpu) {
        Mutex.lock(cpu, outer);
        Mutex.unlock(cpu, outer);
    }

    private void reader(Cpu cpu) {
        RwSem.downRead(cpu, inner);
        RwSem.upRead(cpu, inner);
    }

    @Test
    void shouldTellWhatIsHeldAndWaitedForInTheEnd() {
        Mutex.init(machine.bootCpu(), outer, OUTER);
        run(cpu -> {
            Mutex.lock(cpu, outer);
            long waiter = Sched.of(cpu).create(cpu, this::mutex, 1, 0, 0);
            Sched.of(cpu).start(cpu, waiter);
            while (Task.BLOCKED_ON.readOnce(cpu, waiter) != outer) {
                Sched.setState(cpu, Task.INTERRUPTIBLE);
                Sched.of(cpu).scheduleTimeout(cpu, 1);
            }
            BitLock.lock(cpu, inner, 3);
        });
        assertEquals(List.of("holds bit lock bit own", "holds witness outer mutex own"), open(0));
        assertEquals(List.of("waits for witness outer mutex own"), open(1));
    }
}

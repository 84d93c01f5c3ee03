package kemu.hw.machine;

import java.util.concurrent.locks.LockSupport;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.NativeCpu;
import kemu.hw.task.Sched;

/** A machine whose CPUs are host threads and whose clock is the host's. For soak and throughput. */
public final class NativeMachine extends Machine {
    private static final long TICK_NANOS = 1_000_000_000L / MachineConfig.HZ;

    private final NativeCpu[] cpus;
    private volatile boolean running;

    /** Builds the machine and its idle tasks; nothing runs before {@link #run}. */
    public NativeMachine(MachineConfig config) {
        super(config);
        cpus = new NativeCpu[config.cpus()];
        for (int i = 0; i < cpus.length; i++) {
            cpus[i] = new NativeCpu(this, i, areaBase(i));
        }
        for (int i = 0; i < cpus.length; i++) {
            areaAddress(bootAllocator(), cpus[0], i);
        }
        powerOn();
    }

    @Override
    public NativeCpu cpu(int id) {
        return cpus[id];
    }

    @Override
    public boolean running() {
        return running;
    }

    @Override
    void drive() {
        running = true;
        Thread[] threads = new Thread[cpus.length];
        for (int i = 0; i < cpus.length; i++) {
            NativeCpu cpu = cpus[i];
            Sched sched = sched();
            threads[i] = new Thread(() -> loop(cpu, sched), "kemu-cpu-" + i);
            threads[i].setDaemon(true);
            threads[i].start();
        }
        Thread clock = new Thread(this::tickLoop, "kemu-clock");
        clock.setDaemon(true);
        clock.start();
        joinAll(threads);
        running = false;
        LockSupport.unpark(clock);
        joinAll(new Thread[] {clock});
    }

    private void loop(NativeCpu cpu, Sched sched) {
        try {
            cpu.loop(sched.idleFiber(cpu.id()));
        } catch (MachineHalted halted) {
            // The machine stopped; this CPU has nothing left to do.
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    private void tickLoop() {
        long next = System.nanoTime() + TICK_NANOS;
        while (running && !halted()) {
            long wait = next - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(this, wait);
            } else {
                tick(cpus[0]);
                next += TICK_NANOS;
            }
        }
    }

    private static void joinAll(Thread[] threads) {
        for (Thread thread : threads) {
            boolean joined = false;
            while (!joined) {
                try {
                    thread.join();
                    joined = true;
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    @Override
    void wakeAllForHalt() {
        Cpu any = cpus[0];
        for (int i = 0; i < cpus.length; i++) {
            any.raise(i, Area.HALT);
        }
    }
}

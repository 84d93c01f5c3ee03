package kemu.hw.machine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.locks.LockSupport;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.NativeCpu;

/** A machine whose CPUs are host threads and whose clock is the host's. For soak and throughput. */
public final class NativeMachine extends Machine {
    private static final long TICK_NANOS = 1_000_000_000L / MachineConfig.HZ;
    /** Ticks the clock makes up for when its thread was held up; more are lost. */
    private static final int MAX_LATE_TICKS = 25;

    private static final long JOIN_MILLIS = 200;
    private static final long HALT_GRACE_NANOS = 3_000_000_000L;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final NativeCpu[] cpus;
    private final HostShares shares;
    private volatile boolean running;
    private volatile boolean leftBehind;

    /** Builds the machine; its {@link Software} comes next, and nothing runs before {@link #run}. */
    public NativeMachine(MachineConfig config) {
        super(config);
        cpus = new NativeCpu[config.cpus()];
        for (int i = 0; i < cpus.length; i++) {
            cpus[i] = new NativeCpu(this, memory(), cpus.length, i, areaBase(i));
        }
        for (int i = 0; i < cpus.length; i++) {
            areaAddress(bootAllocator(), cpus[0], i);
        }
        shares = new HostShares(
                cpus.length,
                Runtime.getRuntime().availableProcessors(),
                this::hostNanos,
                i -> cpus[i].hostThread() != null && cpus[i].hostThread().getState() == Thread.State.RUNNABLE,
                System::nanoTime);
        powerOn();
    }

    private long hostNanos(int id) {
        Thread thread = cpus[id].hostThread();
        return thread == null ? -1 : THREADS.getThreadCpuTime(thread.threadId());
    }

    @Override
    public boolean starved(long ticks) {
        return shares.starved(ticks);
    }

    @Override
    double given(long ticks) {
        return shares.given(ticks);
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
            threads[i] = new Thread(() -> loop(cpu), "kemu-cpu-" + i);
            threads[i].setDaemon(true);
            threads[i].start();
        }
        Thread clock = new Thread(this::clock, "kemu-clock");
        clock.setDaemon(true);
        clock.start();
        boolean interrupted = false;
        for (Thread thread : threads) {
            interrupted |= join(thread);
        }
        running = false;
        LockSupport.unpark(clock);
        interrupted |= join(clock);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits for the end of {@code thread}, which comes when the machine halts; an interrupt of the caller halts it. A
     * CPU in a loop that never polls cannot be stopped: it is left behind.
     *
     * @return true if the caller was interrupted
     */
    private boolean join(Thread thread) {
        boolean interrupted = false;
        long deadline = 0;
        // Ends: with the thread, or a while after the machine has halted.
        while (thread.isAlive()) {
            try {
                thread.join(JOIN_MILLIS);
            } catch (InterruptedException stop) {
                interrupted = true;
                halt();
            }
            if (halted()) {
                long now = System.nanoTime();
                deadline = deadline == 0 ? now + HALT_GRACE_NANOS : deadline;
                if (now - deadline > 0 && thread.isAlive()) {
                    leftBehind = true;
                    return interrupted;
                }
            }
        }
        return interrupted;
    }

    private void loop(NativeCpu cpu) {
        try {
            cpu.loop(software().idleFiber(cpu.id()));
        } catch (MachineHalted halted) {
            // The machine stopped; this CPU has nothing left to do.
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    private void clock() {
        try {
            tickLoop();
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    private void tickLoop() {
        long next = System.nanoTime() + TICK_NANOS;
        int untilSample = 0;
        while (running && !halted()) {
            long wait = next - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(this, wait);
            } else {
                if (untilSample-- == 0) {
                    shares.sample();
                    untilSample = HostShares.TICKS_EACH - 1;
                }
                tick(cpus[0]);
                next = Math.max(next + TICK_NANOS, System.nanoTime() - MAX_LATE_TICKS * TICK_NANOS);
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

    @Override
    StackTraceElement[] stackOf(int id) {
        Thread thread = cpus[id].hostThread();
        return thread == null ? new StackTraceElement[0] : thread.getStackTrace();
    }

    @Override
    boolean quiet() {
        return !running && !leftBehind;
    }
}

package kemu.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import kemu.hw.cpu.Cpu;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What does an uncontended spinlock cost, preemption count included? Peer: the JDK's ReentrantLock. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpinLockBench {
    private static final LockClass BENCH = LockClass.of("bench");

    /** The peer's lock. */
    @State(Scope.Benchmark)
    public static class HostLock {
        private final ReentrantLock lock = new ReentrantLock();
    }

    /** An initialised spinlock in emulated memory. */
    @State(Scope.Benchmark)
    public static class EmulatedLock {
        private long lock;

        /** Initialises. */
        @Setup
        public void init(BootedKernel booted) {
            lock = booted.scratch() + 64;
            SpinLock.init(booted.cpu(), lock, BENCH);
        }
    }

    /** spin_lock and spin_unlock. */
    @Benchmark
    public void spinLock(BootedKernel booted, EmulatedLock emulated) {
        Cpu cpu = booted.cpu();
        SpinLock.lock(cpu, emulated.lock);
        SpinLock.unlock(cpu, emulated.lock);
    }

    /** Peer of spinLock. */
    @Benchmark
    public void spinLockPeerReentrantLock(HostLock host) {
        host.lock.lock();
        host.lock.unlock();
    }
}

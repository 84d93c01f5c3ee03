package kemu.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import kemu.hw.cpu.Cpu;
import kemu.rcu.Rcu;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What does an RCU reader cost? Peer: the read lock of the JDK's ReentrantReadWriteLock. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RcuReadBench {
    /** The peer's lock. */
    @State(Scope.Benchmark)
    public static class HostLock {
        private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    }

    /** rcu_read_lock and rcu_read_unlock. */
    @Benchmark
    public void rcuRead(BootedKernel booted) {
        Cpu cpu = booted.cpu();
        Rcu rcu = booted.kernel().rcu();
        rcu.readLock(cpu);
        rcu.readUnlock(cpu);
    }

    /** Peer of rcuRead. */
    @Benchmark
    public void rcuReadPeerReadWriteLock(HostLock host) {
        host.lock.readLock().lock();
        host.lock.readLock().unlock();
    }
}

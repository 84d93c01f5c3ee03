package kemu.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategies;
import kemu.mm.types.VmArea;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does an uncontended lookup of a page's anon_vma cost, and its unlock, where the anon_vma is a child's own, so
 * that its root is another object? Peer: the JDK's ReentrantLock.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookupBench {
    /** Name of the parameter that says with which strategy. */
    static final String STRATEGY = "anonVma";

    private static final long BASE = 0x7000_0000_0000L;

    /** Strategies that are not known to be wrong, the default first. */
    static List<String> strategies() {
        return Strategies.sound(AnonVmaLockings.all());
    }

    /** The peer's lock. */
    @State(Scope.Benchmark)
    public static class HostLock {
        private final ReentrantLock lock = new ReentrantLock();
    }

    /** A page that a child has copied, in a kernel that looks up as {@code --anon-vma} says. */
    @State(Scope.Benchmark)
    public static class CopiedPage {
        private final BootedKernel booted = new BootedKernel();
        private AnonVmaLocking locking;
        private long page;

        /** Name of the strategy. */
        @Param("root-recheck")
        public String anonVma;

        /** Boots, forks and copies. */
        @Setup
        public void copy() {
            booted.boot(new KernelConfig(anonVma, 0));
            Cpu cpu = booted.cpu();
            Kernel kernel = booted.kernel();
            long parent = kernel.mms().mmAlloc(cpu);
            kernel.mmap()
                    .mmap(cpu, parent, BASE, PhysMem.PAGE_SIZE, VmArea.VM_READ | VmArea.VM_WRITE, true, Cpu.NULL, 0);
            kernel.userAccess().store64(cpu, parent, BASE, 1);
            long child = kernel.mms().dupMm(cpu, parent);
            kernel.userAccess().store64(cpu, child, BASE, 2);
            long pte = cpu.readOnce64(kernel.pageTable().find(cpu, child, BASE));
            page = kernel.pages().pageOf(Pte.frame(pte));
            locking = kernel.anonVmas().locking();
        }

        /** Gives the memory back. */
        @TearDown
        public void close() {
            booted.close();
        }
    }

    /** page_lock_anon_vma and page_unlock_anon_vma. */
    @Benchmark
    public long lookup(CopiedPage copied) {
        Cpu cpu = copied.booted.cpu();
        long anonVma = copied.locking.pageLockAnonVma(cpu, copied.page);
        copied.locking.pageUnlockAnonVma(cpu, anonVma);
        return anonVma;
    }

    /** Peer of lookup. */
    @Benchmark
    public void lookupPeerReentrantLock(HostLock host) {
        host.lock.lock();
        host.lock.unlock();
    }
}

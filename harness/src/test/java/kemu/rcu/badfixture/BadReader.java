package kemu.rcu.badfixture;

import java.util.concurrent.atomic.AtomicLong;
import jdk.internal.vm.ContinuationScope;
import kemu.hw.cpu.Cpu;
import kemu.tidy.ArchitectureFixture;
import org.agrona.UnsafeApi;

/** Breaks every architecture rule on purpose; kemu.tidy.ArchitectureTest wants each of them noticed. */
public final class BadReader {
    static int readers;
    final AtomicLong grace = new AtomicLong(System.nanoTime());
    final ContinuationScope scope = new ContinuationScope("bad");

    /** Depends on a higher module. */
    public ArchitectureFixture upwards() {
        return new ArchitectureFixture();
    }

    /** Takes the CPU last. */
    public long read(long address, Cpu cpu) {
        readers++;
        return UnsafeApi.getLong(address) + cpu.id();
    }
}

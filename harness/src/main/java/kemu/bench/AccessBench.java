package kemu.bench;

import java.util.concurrent.TimeUnit;
import kemu.hw.cpu.Cpu;
import kemu.hw.order.Order;
import org.agrona.UnsafeApi;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What does an access through {@link Cpu} cost? Peer: the same access to host memory without bounds and alignment
 * check.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AccessBench {
    /** Eight bytes of host memory. */
    @State(Scope.Benchmark)
    public static class HostWord {
        private long address;

        /** Allocates. */
        @Setup
        public void allocate() {
            address = UnsafeApi.allocateMemory(64);
            UnsafeApi.putLong(address, 1);
        }

        /** Frees. */
        @TearDown
        public void free() {
            UnsafeApi.freeMemory(address);
        }
    }

    /** Plain load of 64 bits. */
    @Benchmark
    public long plainRead(BootedKernel booted) {
        return booted.cpu().read64(booted.scratch());
    }

    /** Peer of plainRead. */
    @Benchmark
    public long plainReadPeerHostLoad(HostWord word) {
        return UnsafeApi.getLong(word.address);
    }

    /** Fully ordered compare and exchange. */
    @Benchmark
    public int cmpxchg(BootedKernel booted) {
        return booted.cpu().cmpxchg32(booted.scratch() + 8, 0, 0, Order.FULL);
    }

    /** Peer of cmpxchg. */
    @Benchmark
    public int cmpxchgPeerHostCas(HostWord word) {
        return UnsafeApi.compareAndExchangeInt(null, word.address + 8, 0, 0);
    }
}

package kemu.bench;

import java.util.concurrent.TimeUnit;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import org.agrona.UnsafeApi;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What do a slab object and a zeroed page cost? Peers: malloc and free of 128 bytes; clearing 4 KiB of host memory. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AllocBench {
    private static final int OBJECT_BYTES = 128;
    private static final int PAGE_BYTES = PhysMem.PAGE_SIZE;

    /** A slab cache of 128-byte objects, and a page of host memory. */
    @State(Scope.Benchmark)
    public static class Caches {
        private KmemCache cache;
        private long hostPage;

        /** Creates. */
        @Setup
        public void create(BootedKernel booted) {
            cache = booted.kernel().slabs().create(booted.cpu(), "bench", OBJECT_BYTES, 64, 0, null);
            hostPage = UnsafeApi.allocateMemory(PAGE_BYTES);
        }
    }

    /** kmem_cache_alloc and kmem_cache_free. */
    @Benchmark
    public long slab(BootedKernel booted, Caches caches) {
        Cpu cpu = booted.cpu();
        long object = caches.cache.alloc(cpu, Gfp.NOWAIT);
        caches.cache.free(cpu, object);
        return object;
    }

    /** Peer of slab. */
    @Benchmark
    public long slabPeerMalloc() {
        long object = UnsafeApi.allocateMemory(OBJECT_BYTES);
        UnsafeApi.freeMemory(object);
        return object;
    }

    /** alloc_page(GFP_ZERO) and put_page. */
    @Benchmark
    public long zeroedPage(BootedKernel booted) {
        Cpu cpu = booted.cpu();
        long page = booted.kernel().pages().allocPages(cpu, Gfp.ZERO, 0);
        booted.kernel().pages().putPage(cpu, page);
        return page;
    }

    /** Peer of zeroedPage. */
    @Benchmark
    public long zeroedPagePeerClear(Caches caches) {
        UnsafeApi.setMemory(caches.hostPage, PAGE_BYTES, (byte) 0);
        return caches.hostPage;
    }
}

package kemu.hw.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import kemu.hw.cache.model.Fence;
import kemu.hw.cache.model.MemoryModelProvider;
import kemu.hw.cache.model.StoreOrder;
import kemu.hw.cpu.Cpu;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a model says of its fences, atomics, buffers and queues is what its CPUs do, in every order there is. */
class FencesTest {
    private static final int FAR = 1 << 14;
    private static final int MB = Barriers.fence("fences.MB");
    private static final int RMB = Barriers.fence("fences.RMB");
    private static final int WMB = Barriers.fence("fences.WMB");
    private static final int ACQUIRE = Barriers.acquire("fences");
    private static final int RELEASE = Barriers.release("fences");

    /** A model of which a test says one thing at a time. */
    private record Said(
            StoreOrder stores,
            int entries,
            boolean staleLoads,
            boolean atomicsAreFences,
            Fence full,
            Fence read,
            Fence write,
            Fence acquire,
            Fence release) {
        static Said of(StoreOrder stores, boolean staleLoads) {
            return new Said(
                    stores, 4, staleLoads, false, Fence.FULL, Fence.LOADS, Fence.STORES, Fence.LOADS, Fence.NOTHING);
        }

        Said with(String what, Fence fence) {
            return new Said(
                    stores,
                    entries,
                    staleLoads,
                    atomicsAreFences,
                    what.equals("full") ? fence : full,
                    what.equals("read") ? fence : read,
                    what.equals("write") ? fence : write,
                    what.equals("acquire") ? fence : acquire,
                    what.equals("release") ? fence : release);
        }

        Said withAtomicFences() {
            return new Said(stores, entries, staleLoads, true, full, read, write, acquire, release);
        }

        Said withEntries(int number) {
            return new Said(stores, number, staleLoads, atomicsAreFences, full, read, write, acquire, release);
        }

        MemoryModel model() {
            return MemoryModel.of(new Provider(this));
        }
    }

    private static final class Provider extends MemoryModelProvider {
        private final Said said;

        Provider(Said said) {
            this.said = said;
        }

        @Override
        public String name() {
            return "said";
        }

        @Override
        public String description() {
            return "what a test says";
        }

        @Override
        public StoreOrder stores() {
            return said.stores;
        }

        @Override
        public int storeEntries() {
            return said.entries;
        }

        @Override
        public boolean staleLoads() {
            return said.staleLoads;
        }

        @Override
        public int staleEntries() {
            return said.entries;
        }

        @Override
        public boolean atomicsAreFences() {
            return said.atomicsAreFences;
        }

        @Override
        public Fence fullFence() {
            return said.full;
        }

        @Override
        public Fence readFence() {
            return said.read;
        }

        @Override
        public Fence writeFence() {
            return said.write;
        }

        @Override
        public Fence afterAcquire() {
            return said.acquire;
        }

        @Override
        public Fence beforeRelease() {
            return said.release;
        }
    }

    /** What stands between the two accesses of a process. */
    private static BiConsumer<Cpu, long[]> between(String what) {
        return switch (what) {
            case "mb" -> (cpu, at) -> cpu.smpMb(MB);
            case "rmb" -> (cpu, at) -> cpu.smpRmb(RMB);
            case "wmb" -> (cpu, at) -> cpu.smpWmb(WMB);
            case "acquire" -> (cpu, at) -> cpu.loadAcquire64(at[2], ACQUIRE);
            case "release" -> (cpu, at) -> cpu.storeRelease64(at[2], 1, RELEASE);
            case "atomic" -> (cpu, at) -> cpu.fetchAdd64(at[2], 1, Order.RELAXED);
            case "failed" -> (cpu, at) -> cpu.cmpxchg64(at[2], -1, 0, Order.RELAXED);
            default -> (cpu, at) -> {};
        };
    }

    private static EveryOrder.Program storeThenLoad(int own, int other, int register, String what) {
        BiConsumer<Cpu, long[]> fence = between(what);
        return (cpu, at, r) -> {
            cpu.writeOnce64(at[own], 1);
            fence.accept(cpu, at);
            r[register] = cpu.readOnce64(at[other]);
        };
    }

    private static boolean showsStoreBuffering(Said said, String what) {
        try (EveryOrder orders = new EveryOrder(said.model(), FAR, 0)) {
            return orders.shows(
                    (r, words) -> r[0] == 0 && r[1] == 0, storeThenLoad(0, 1, 0, what), storeThenLoad(1, 0, 1, what));
        }
    }

    private static boolean showsMessagePassing(Said said, String writer, String reader) {
        BiConsumer<Cpu, long[]> first = between(writer);
        BiConsumer<Cpu, long[]> second = between(reader);
        try (EveryOrder orders = new EveryOrder(said.model(), FAR, 0)) {
            return orders.shows(
                    (r, words) -> r[0] == 1 && r[1] == 0,
                    (cpu, at, r) -> {
                        cpu.writeOnce64(at[0], 1);
                        first.accept(cpu, at);
                        cpu.writeOnce64(at[1], 1);
                    },
                    (cpu, at, r) -> {
                        r[0] = cpu.readOnce64(at[1]);
                        second.accept(cpu, at);
                        r[1] = cpu.readOnce64(at[0]);
                    });
        }
    }

    private static Fence fence(String name) {
        return switch (name) {
            case "nothing" -> Fence.NOTHING;
            case "loads" -> Fence.LOADS;
            case "stores" -> Fence.STORES;
            case "light" -> Fence.LIGHT;
            default -> Fence.FULL;
        };
    }

    /** A store, then a load: only what drains orders them. */
    @ParameterizedTest
    @CsvSource({
        "AT_ONCE,  full,  nothing, mb,      false",
        "FIFO,     full,  full,    mb,      false",
        "FIFO,     full,  light,   mb,      true",
        "PER_WORD, full,  full,    mb,      false",
        "PER_WORD, full,  stores,  mb,      true",
        "FIFO,     read,  loads,   rmb,     true",
        "FIFO,     read,  full,    rmb,     false",
        "PER_WORD, write, stores,  wmb,     true",
        "PER_WORD, write, full,    wmb,     false",
        "FIFO,     release, nothing, release, true",
        "FIFO,     release, full,  release, false",
        "PER_WORD, release, full,  release, false",
    })
    void shouldBufferStoresUnlessTheFenceDrains(
            StoreOrder stores, String which, String fence, String between, boolean shown) {
        Said said = Said.of(stores, false).with(which, fence(fence));
        assertEquals(shown, showsStoreBuffering(said, between));
    }

    /** Two stores on one side, two loads on the other. */
    @ParameterizedTest
    @CsvSource({
        "FIFO,     false, write, nothing, '',      '',      false",
        "FIFO,     true,  write, nothing, '',      '',      true",
        "FIFO,     true,  write, nothing, wmb,     rmb,     false",
        "FIFO,     true,  read,  nothing, wmb,     rmb,     true",
        "FIFO,     true,  acquire, nothing, '',    acquire, true",
        "FIFO,     true,  acquire, loads, '',      acquire, false",
        "PER_WORD, false, write, stores,  '',      '',      true",
        "PER_WORD, false, write, stores,  wmb,     '',      false",
        "PER_WORD, false, write, nothing, wmb,     '',      true",
        "PER_WORD, false, read,  loads,   rmb,     '',      true",
        "PER_WORD, false, read,  light,   rmb,     '',      false",
        "PER_WORD, false, acquire, loads, acquire, '',      true",
        "PER_WORD, false, acquire, light, acquire, '',      false",
        "PER_WORD, false, release, nothing, release, '',    true",
        "PER_WORD, false, release, full,  release, '',      false",
        "PER_WORD, true,  write, stores,  wmb,     rmb,     false",
    })
    void shouldReorderStoresAndLoadsUnlessTheFenceOrders(
            StoreOrder stores, boolean stale, String which, String fence, String writer, String reader, boolean shown) {
        Said said = Said.of(stores, stale).with(which, fence(fence));
        assertEquals(shown, showsMessagePassing(said, writer, reader));
    }

    @ParameterizedTest
    @CsvSource({"atomic, false, true", "atomic, true, false", "failed, false, true", "failed, true, false"})
    void shouldTakeAtomicsForFencesWhereTheModelSaysSo(String what, boolean fences, boolean shown) {
        UnaryOperator<Said> atomics = said -> fences ? said.withAtomicFences() : said;
        assertEquals(shown, showsStoreBuffering(atomics.apply(Said.of(StoreOrder.FIFO, true)), what));
        assertEquals(shown, showsMessagePassing(atomics.apply(Said.of(StoreOrder.PER_WORD, true)), what, what));
    }

    /** A third store into a buffer of two makes the first visible, or the second that may overtake it. */
    @ParameterizedTest
    @CsvSource({"FIFO, 2, false", "FIFO, 3, true", "PER_WORD, 1, false", "PER_WORD, 2, true"})
    void shouldHoldAsManyStoresAsTheModelSays(StoreOrder stores, int entries, boolean shown) {
        EveryOrder.Program writer = (cpu, at, r) -> {
            cpu.writeOnce64(at[0], 1);
            cpu.writeOnce64(at[1], 1);
            cpu.writeOnce64(at[2], 1);
            r[0] = cpu.readOnce64(at[3]);
        };
        EveryOrder.Program reader = (cpu, at, r) -> {
            cpu.writeOnce64(at[3], 1);
            cpu.smpMb(MB);
            r[1] = cpu.readOnce64(at[0]);
        };
        try (EveryOrder orders =
                new EveryOrder(Said.of(stores, false).withEntries(entries).model(), FAR, 0)) {
            assertEquals(shown, orders.shows((r, words) -> r[0] == 0 && r[1] == 0, writer, reader));
        }
    }
}

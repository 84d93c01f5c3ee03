package kemu.hw.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import kemu.hw.machine.Machine;
import kemu.hw.mem.KernelOops;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Order;
import kemu.kernel.task.Machines;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every access of {@link Cpu}, on both CPUs: its value, and the oops when the address is bad. */
class AccessTest {
    private static final int A = Order.ACQUIRE;
    private static final int R = Order.RELEASE;
    private static final int F = Order.FULL;
    private static final Map<String, ObjLongConsumer<Cpu>> WORDS = new LinkedHashMap<>();
    private static final Map<String, ObjLongConsumer<Cpu>> LONGS = new LinkedHashMap<>();
    private static final Map<String, ObjLongConsumer<Cpu>> FRAMES = new LinkedHashMap<>();

    static {
        WORDS.put("read32", (cpu, at) -> cpu.read32(at));
        WORDS.put("write32", (cpu, at) -> cpu.write32(at, 1));
        WORDS.put("readOnce32", (cpu, at) -> cpu.readOnce32(at));
        WORDS.put("writeOnce32", (cpu, at) -> cpu.writeOnce32(at, 1));
        WORDS.put("loadAcquire32", (cpu, at) -> cpu.loadAcquire32(at, A));
        WORDS.put("storeRelease32", (cpu, at) -> cpu.storeRelease32(at, 1, R));
        WORDS.put("cmpxchg32", (cpu, at) -> cpu.cmpxchg32(at, 0, 1, F));
        WORDS.put("xchg32", (cpu, at) -> cpu.xchg32(at, 1, F));
        WORDS.put("fetchAdd32", (cpu, at) -> cpu.fetchAdd32(at, 1, F));
        WORDS.put("fetchOr32", (cpu, at) -> cpu.fetchOr32(at, 1, F));
        WORDS.put("fetchAnd32", (cpu, at) -> cpu.fetchAnd32(at, 1, F));
        WORDS.put("condLoadEq32", (cpu, at) -> cpu.condLoadEq32(at, 0, 0, A));
        WORDS.put("condLoadNe32", (cpu, at) -> cpu.condLoadNe32(at, 0, 1, A));
        LONGS.put("read64", (cpu, at) -> cpu.read64(at));
        LONGS.put("write64", (cpu, at) -> cpu.write64(at, 1));
        LONGS.put("readOnce64", (cpu, at) -> cpu.readOnce64(at));
        LONGS.put("writeOnce64", (cpu, at) -> cpu.writeOnce64(at, 1));
        LONGS.put("loadAcquire64", (cpu, at) -> cpu.loadAcquire64(at, A));
        LONGS.put("storeRelease64", (cpu, at) -> cpu.storeRelease64(at, 1, R));
        LONGS.put("cmpxchg64", (cpu, at) -> cpu.cmpxchg64(at, 0, 1, F));
        LONGS.put("xchg64", (cpu, at) -> cpu.xchg64(at, 1, F));
        LONGS.put("fetchAdd64", (cpu, at) -> cpu.fetchAdd64(at, 1, F));
        LONGS.put("fetchOr64", (cpu, at) -> cpu.fetchOr64(at, 1, F));
        LONGS.put("fetchAnd64", (cpu, at) -> cpu.fetchAnd64(at, 1, F));
        LONGS.put("loadDependent64", (cpu, at) -> cpu.loadDependent64(at));
        LONGS.put("condLoadEq64", (cpu, at) -> cpu.condLoadEq64(at, 0, 0, A));
        LONGS.put("condLoadNe64", (cpu, at) -> cpu.condLoadNe64(at, 0, 1, A));
        FRAMES.put("clearFrame", (cpu, at) -> cpu.clearFrame(at));
        FRAMES.put("copyFrame to", (cpu, at) -> cpu.copyFrame(at, PhysMem.PAGE_SIZE));
        FRAMES.put("copyFrame from", (cpu, at) -> cpu.copyFrame(PhysMem.PAGE_SIZE, at));
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldOopsOnEveryAccessWhenAddressIsBad(String kind) {
        try (Machine machine = Machines.of(kind, 1, 1)) {
            WORDS.forEach((name, access) -> checkBad(machine, name, access, 4));
            LONGS.forEach((name, access) -> checkBad(machine, name, access, 8));
            FRAMES.forEach((name, access) -> checkBad(machine, name, access, PhysMem.PAGE_SIZE));
        }
    }

    private static void checkBad(Machine machine, String name, ObjLongConsumer<Cpu> access, int width) {
        long end = machine.memory().sizeBytes();
        long inside = end - PhysMem.PAGE_SIZE;
        expect(machine, name, access, 0, "NULL pointer dereference");
        expect(machine, name, access, PhysMem.PAGE_SIZE - width, "NULL pointer dereference");
        for (long bad : new long[] {end, end + (1L << 30), -width, Long.MIN_VALUE, 1L << 62}) {
            expect(machine, name, access, bad, "unable to handle kernel paging request");
        }
        for (int off = 1; off < width; off <<= 1) {
            expect(machine, name, access, inside + off, "misaligned access");
        }
    }

    private static void expect(Machine machine, String name, ObjLongConsumer<Cpu> access, long at, String what) {
        KernelOops oops =
                assertThrows(KernelOops.class, () -> access.accept(machine.bootCpu(), at), name + " at " + at);
        assertTrue(oops.getMessage().contains(what), () -> name + ": " + oops.getMessage());
        assertEquals(at, oops.address());
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldReachLastWordOfMemory(String kind) {
        try (Machine machine = Machines.of(kind, 1, 1)) {
            Cpu cpu = machine.bootCpu();
            long end = machine.memory().sizeBytes();
            cpu.clearFrame(end - PhysMem.PAGE_SIZE);
            LONGS.forEach((name, access) -> access.accept(cpu, end - 8));
            WORDS.forEach((name, access) -> access.accept(cpu, end - 4));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldNameObjectWhenOopsIsInKnownMemory(String kind) {
        try (Machine machine = Machines.of(kind, 1, 1)) {
            long at = machine.bootAllocator().allocate(machine.bootCpu(), 64, 64, "some_table");
            KernelOops oops =
                    assertThrows(KernelOops.class, () -> machine.bootCpu().read64(at + 20));
            assertTrue(oops.getMessage().contains("some_table+0x14"), oops.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldReturnOldValueInEveryOrder(String kind) {
        try (Machine machine = Machines.of(kind, 1, 1)) {
            Cpu cpu = machine.bootCpu();
            long at = Machines.memory(machine, 64);
            for (int order : new int[] {Order.FULL, Order.ACQUIRE, Order.RELEASE, Order.RELAXED}) {
                check32(cpu, at, order);
                check64(cpu, at + 8, order);
            }
        }
    }

    private static void check32(Cpu cpu, long at, int order) {
        cpu.write32(at, 5);
        assertEquals(5, cpu.cmpxchg32(at, 4, 9, order));
        assertEquals(5, cpu.cmpxchg32(at, 5, -9, order));
        assertEquals(-9, cpu.xchg32(at, 7, order));
        assertEquals(7, cpu.fetchAdd32(at, -8, order));
        assertEquals(-1, cpu.fetchAnd32(at, 0xf0, order));
        assertEquals(0xf0, cpu.fetchOr32(at, 0x0f, order));
        assertEquals(0xff, cpu.read32(at));
        assertEquals(0, cpu.read32(at + 4), "the word beside it");
    }

    private static void check64(Cpu cpu, long at, int order) {
        cpu.write64(at, 5L << 40);
        assertEquals(5L << 40, cpu.cmpxchg64(at, 4, 9, order));
        assertEquals(5L << 40, cpu.cmpxchg64(at, 5L << 40, -9, order));
        assertEquals(-9, cpu.xchg64(at, 7, order));
        assertEquals(7, cpu.fetchAdd64(at, -8, order));
        assertEquals(-1, cpu.fetchAnd64(at, 0xf0L << 32, order));
        assertEquals(0xf0L << 32, cpu.fetchOr64(at, 0x0f, order));
        assertEquals(0xf0L << 32 | 0x0f, cpu.read64(at));
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldClearAndCopyWholeFrames(String kind) {
        try (Machine machine = Machines.of(kind, 1, 1)) {
            Cpu cpu = machine.bootCpu();
            long one = machine.bootAllocator().firstFreeFrame() + PhysMem.PAGE_SIZE;
            long two = one + PhysMem.PAGE_SIZE;
            cpu.write64(one - 8, 1);
            cpu.write64(two, 2);
            cpu.clearFrame(one);
            for (int i = 0; i < PhysMem.PAGE_SIZE; i += 8) {
                assertEquals(0, cpu.read64(one + i));
                cpu.write64(one + i, i + 1);
            }
            assertEquals(1, cpu.read64(one - 8));
            assertEquals(2, cpu.read64(two));
            cpu.copyFrame(two, one);
            for (int i = 0; i < PhysMem.PAGE_SIZE; i += 8) {
                assertEquals(i + 1, cpu.read64(two + i));
            }
        }
    }
}

package kemu.hw.machine;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Board;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.StructLayout;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Order;

/**
 * Memory, CPUs and interrupts. Boot code runs on {@link #bootCpu} before {@link #run}; then every CPU runs fibers until
 * somebody halts the machine.
 */
public abstract sealed class Machine implements Board, AutoCloseable permits NativeMachine, EmuMachine {
    /** So many times its limit a watchdog waits while the host is to blame. */
    public static final int PATIENCE = 10;

    private static final int AREA_BYTES = 16 * 1024;

    private final MachineConfig config;
    private final PhysMem memory;
    private final BootAllocator bootAllocator;
    private final Interrupts interrupts;
    private final Watchdog watchdog = new Watchdog();
    /** Ticks in a row that each CPU has not served; written by whoever drives the clock. */
    private final int[] unservedTicks;

    private int areaUsed = Area.LAYOUT.sizeBytes();
    private int areaEnd = AREA_BYTES;
    private long jiffiesAddress;
    private Software software;
    private volatile Throwable failure;
    private volatile boolean halted;
    private final List<BlockDevice> devices = new ArrayList<>();
    private boolean closed;

    Machine(MachineConfig config) {
        this.config = config;
        this.memory = new PhysMem(config.memoryBytes());
        memory.symbols().members(StructLayout::symbolIn);
        this.bootAllocator = new BootAllocator(memory);
        this.interrupts = new Interrupts(config.preemptible());
        this.unservedTicks = new int[config.cpus()];
    }

    /** Second half of construction, when the CPUs exist: the clock. */
    final void powerOn() {
        Cpu cpu = bootCpu();
        jiffiesAddress = bootAllocator.allocate(cpu, 8, 64, "jiffies");
        cpu.write64(jiffiesAddress, 1);
    }

    /** The machine of {@code cpu}. */
    public static Machine of(Cpu cpu) {
        return (Machine) cpu.board();
    }

    /** Installs the software that runs on this machine. Once, before anything else of boot. */
    public final void install(Software installed) {
        software = installed;
    }

    /** The software that runs on this machine. */
    public final Software software() {
        return software;
    }

    static long areaAddress(BootAllocator boot, Cpu cpu, int id) {
        return boot.allocate(cpu, AREA_BYTES, PhysMem.PAGE_SIZE, "per-cpu area of CPU#" + id);
    }

    static long areaBase(int id) {
        return PhysMem.PAGE_SIZE + (long) id * AREA_BYTES;
    }

    /** How it was built. */
    public final MachineConfig config() {
        return config;
    }

    /** Physical memory; only CPUs, devices and reports use it directly. */
    public final PhysMem memory() {
        return memory;
    }

    /** Boot-time memory. */
    public final BootAllocator bootAllocator() {
        return bootAllocator;
    }

    /** Interrupt handlers. */
    public final Interrupts interrupts() {
        return interrupts;
    }

    /** Limits after which standing still is a failure. */
    public final Watchdog watchdog() {
        return watchdog;
    }

    /** Number of CPUs. */
    public final int cpus() {
        return config.cpus();
    }

    @Override
    public abstract Cpu cpu(int id);

    /** The CPU that boot code runs on, before {@link #run}. */
    public final Cpu bootCpu() {
        return cpu(0);
    }

    /**
     * Reserves {@code sizeBytes} in every per-CPU area; returns the offset from {@link Cpu#area}. The bytes are zero.
     * Boot only.
     */
    public final int reservePerCpu(int sizeBytes) {
        int at = (areaUsed + 63) & -64;
        if (at + sizeBytes > areaEnd) {
            throw new IllegalStateException("per-cpu area is full: " + sizeBytes + " bytes more than " + areaEnd);
        }
        areaUsed = at + sizeBytes;
        return at;
    }

    /** The same at the end of the areas: what is reserved there moves nothing else. A multiple of 64 bytes is taken. */
    public final int reservePerCpuLast(int sizeBytes) {
        int at = areaEnd - sizeBytes & -64;
        if (at < areaUsed) {
            throw new IllegalStateException("per-cpu area is full: " + sizeBytes + " bytes more than " + areaUsed);
        }
        areaEnd = at;
        return at;
    }

    /** Ticks since boot, {@link MachineConfig#HZ} a second. */
    public final long jiffies(Cpu cpu) {
        return cpu.readOnce64(jiffiesAddress);
    }

    /** One tick of the hardware clock: advances jiffies and raises the tick on every CPU. */
    final void tick(Cpu clockCpu) {
        clockCpu.fetchAdd64(jiffiesAddress, 1, Order.RELAXED);
        for (int i = 0; i < cpus(); i++) {
            boolean unserved = (Area.PENDING.readOnce(clockCpu, cpu(i).area()) & Area.TICK) != 0;
            unservedTicks[i] = unserved ? unservedTicks[i] + 1 : 0;
            if (stoodStill(unservedTicks[i], watchdog.hardLockupJiffies())) {
                fail(new Hang(software.describeHardLockup(clockCpu, i, unservedTicks[i], stackOf(i))));
                return;
            }
            clockCpu.raise(i, Area.TICK);
        }
    }

    /**
     * True if {@code elapsed} ticks without progress exceed {@code limit}, a watchdog's, and the host is not to blame:
     * of a host that has much else to do, only what it gave counts. After {@link #PATIENCE} times the limit it no
     * longer matters who is.
     */
    public final boolean stoodStill(long elapsed, long limit) {
        if (!Watchdog.exceeded(elapsed, limit)) {
            return false;
        }
        boolean given = !starved(limit) && Watchdog.exceeded((long) (elapsed * given(elapsed)), limit);
        return given || elapsed > PATIENCE * limit;
    }

    /** The part of the last {@code ticks} that the host gave to this machine, of what it could use. Any thread. */
    double given(long ticks) {
        return 1;
    }

    /** True if the host has hardly let a CPU run in the last {@code ticks}. Any thread. */
    public boolean starved(long ticks) {
        return false;
    }

    /** Where CPU {@code id} executes right now; for reports. */
    abstract StackTraceElement[] stackOf(int id);

    /** Runs all CPUs until the machine halts; rethrows what halted it, if that was a failure. */
    public final void run() {
        drive();
        if (quiet()) {
            settle();
        }
        Throwable cause = failure;
        if (cause instanceof RuntimeException runtime) {
            throw runtime;
        }
        if (cause instanceof Error error) {
            throw error;
        }
    }

    /** Makes the boot CPU usable for looking around when no CPU runs: nothing pending, nothing preempts. */
    public final void settle() {
        Cpu cpu = bootCpu();
        Area.PENDING.set(cpu, cpu.area(), 0);
        if (Area.PREEMPT_COUNT.get(cpu, cpu.area()) == 0) {
            Area.PREEMPT_COUNT.set(cpu, cpu.area(), 1);
        }
    }

    @Override
    public final void serve(Cpu cpu) {
        interrupts.serve(cpu);
    }

    @Override
    public final void preempt(Cpu cpu) {
        interrupts.preempt(cpu);
    }

    @Override
    public final boolean deliverable(Cpu cpu) {
        return interrupts.deliverable(cpu);
    }

    @Override
    public final String nameOf(long address) {
        return memory.symbols().nameOf(address);
    }

    abstract void drive();

    /** True while {@link #run} drives the CPUs. */
    public abstract boolean running();

    /** Halts the machine: every CPU stops at its next poll. Any thread. */
    public final void halt() {
        synchronized (this) {
            halted = true;
            if (!closed) {
                wakeAllForHalt();
            }
        }
    }

    /** Makes every CPU notice the halt. Must not suspend the calling fiber. */
    abstract void wakeAllForHalt();

    /** Halts the machine because of {@code cause}; the first cause wins. Any thread. */
    public final void fail(Throwable cause) {
        synchronized (this) {
            if (failure == null && !halted) {
                failure = cause;
            }
        }
        halt();
    }

    /** What halted the machine, or null. */
    public final Throwable failure() {
        return failure;
    }

    /** True once {@link #halt} or {@link #fail} was called. */
    @Override
    public final boolean halted() {
        return halted;
    }

    /** Gives memory back to the host, unless a CPU could not be stopped and may still touch it. */
    @Override
    public final synchronized void close() {
        halted = true;
        closed = true;
        if (quiet()) {
            free();
        }
    }

    /** A device that lives as long as the machine. Boot only. */
    final void attach(BlockDevice device) {
        devices.add(device);
    }

    /** Bytes of the host that what is on devices may take by now. Any thread. */
    public final long deviceBytes() {
        return devices.stream().mapToLong(BlockDevice::hostBytes).sum();
    }

    /** From now on {@link #putBackDevices} returns to what the devices hold now. */
    public final void keepDevices() {
        devices.forEach(BlockDevice::keep);
    }

    /** Puts the contents of all devices back. */
    public final void putBackDevices() {
        for (int i = 0; i < devices.size(); i++) {
            devices.get(i).putBack();
        }
    }

    private void free() {
        for (BlockDevice device : devices) {
            device.close();
        }
        memory.close();
    }

    /** True if no CPU runs any more. */
    abstract boolean quiet();
}

package kemu.hw.machine;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.hw.sync.SpinLocks;
import kemu.hw.task.Sched;

/**
 * Memory, CPUs and interrupts. Boot code runs on {@link #bootCpu} before {@link #run}; then every CPU runs fibers until
 * somebody halts the machine.
 */
public abstract sealed class Machine implements AutoCloseable permits NativeMachine, EmuMachine {
    private static final int AREA_BYTES = 16 * 1024;

    private final MachineConfig config;
    private final PhysMem memory;
    private final BootAllocator bootAllocator;
    private final Interrupts interrupts;
    private final SpinLocks spinLocks;
    private int areaUsed = Area.LAYOUT.sizeBytes();
    private long jiffiesAddress;
    private Sched sched;
    private volatile Throwable failure;
    private volatile boolean halted;

    Machine(MachineConfig config) {
        this.config = config;
        this.memory = new PhysMem(config.memoryBytes());
        this.bootAllocator = new BootAllocator(memory);
        this.interrupts = new Interrupts(config.preemptible());
        this.spinLocks = SpinLocks.byName(config.spinLock());
    }

    /** Second half of construction, when the CPUs exist: clock, call slots, scheduler, idle tasks. */
    final void powerOn() {
        Cpu cpu = bootCpu();
        jiffiesAddress = bootAllocator.allocate(cpu, 8, 64, "jiffies");
        cpu.write64(jiffiesAddress, 1);
        sched = new Sched(this);
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

    /** The spinlock algorithm of this machine. */
    public final SpinLocks spinLocks() {
        return spinLocks;
    }

    /** The kernel's scheduler. */
    public final Sched sched() {
        return sched;
    }

    /** Number of CPUs. */
    public final int cpus() {
        return config.cpus();
    }

    /** CPU {@code id}. */
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
        if (at + sizeBytes > AREA_BYTES) {
            throw new IllegalStateException("per-cpu area is full: " + sizeBytes + " bytes more than " + AREA_BYTES);
        }
        areaUsed = at + sizeBytes;
        return at;
    }

    /** Ticks since boot, {@link MachineConfig#HZ} a second. */
    public final long jiffies(Cpu cpu) {
        return cpu.readOnce64(jiffiesAddress);
    }

    /** One tick of the hardware clock: advances jiffies and raises the tick on every CPU that is not idle. */
    final void tick(Cpu clockCpu) {
        clockCpu.fetchAdd64(jiffiesAddress, 1, kemu.hw.cpu.Order.RELAXED);
        for (int i = 0; i < cpus(); i++) {
            clockCpu.raise(i, Area.TICK);
        }
    }

    /** Runs all CPUs until the machine halts; rethrows what halted it, if that was a failure. */
    public final void run() {
        drive();
        Throwable cause = failure;
        if (cause instanceof RuntimeException runtime) {
            throw runtime;
        }
        if (cause instanceof Error error) {
            throw error;
        }
    }

    abstract void drive();

    /** True while {@link #run} drives the CPUs. */
    public abstract boolean running();

    /** Halts the machine: every CPU stops at its next poll. Any thread. */
    public final void halt() {
        halted = true;
        wakeAllForHalt();
    }

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
    public final boolean halted() {
        return halted;
    }

    @Override
    public void close() {
        // run() has joined every host thread, so nobody touches memory any more.
        halted = true;
        memory.close();
    }
}

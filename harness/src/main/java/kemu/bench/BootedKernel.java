package kemu.bench;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.MachineConfig;
import kemu.hw.machine.NativeMachine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.task.KernelCore;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A kernel booted on a native machine; the benchmark's thread plays its boot CPU. */
@State(Scope.Benchmark)
public class BootedKernel {
    private static final long MEMORY = 256L << 20;
    private static final long FRAME_BYTES = PhysMem.PAGE_SIZE;

    private NativeMachine machine;
    private Kernel kernel;
    private long scratch;

    /** Boots. */
    @Setup(Level.Trial)
    public void boot() {
        boot(KernelConfig.of(0));
    }

    /** Boots a kernel of this kind. */
    void boot(KernelConfig config) {
        machine = KernelCore.bootNative(MachineConfig.of(MEMORY, 1));
        scratch = machine.bootAllocator().allocate(machine.bootCpu(), FRAME_BYTES, (int) FRAME_BYTES, "scratch");
        kernel = new Kernel(machine, config);
    }

    /** Gives the memory back. */
    @TearDown(Level.Trial)
    public void close() {
        machine.close();
    }

    /** The CPU that the benchmark's thread plays. */
    public Cpu cpu() {
        return machine.bootCpu();
    }

    /** The kernel. */
    public Kernel kernel() {
        return kernel;
    }

    /** A frame of the benchmark's own. */
    public long scratch() {
        return scratch;
    }
}

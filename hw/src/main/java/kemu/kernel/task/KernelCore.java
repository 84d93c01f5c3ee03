package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Fiber;
import kemu.hw.machine.DrivenTasks;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.machine.NativeMachine;
import kemu.kernel.locking.LockingCore;

/**
 * What every emulated kernel needs, as the software of one machine: scheduler, tasks and locks. Builds machines that
 * have it; kernel code reaches its parts from the CPU it runs on, as in {@link Sched#of(Cpu)}.
 */
public final class KernelCore extends LockingCore {
    private final Machine machine;
    private final Comms comms = new Comms();
    private final Sched sched;
    /** Null on a machine whose instruments know more. */
    private final WrongUnlocks wrongUnlocks;

    private KernelCore(Machine machine) {
        super(machine);
        this.machine = machine;
        // From here on locks work, which the scheduler takes when it sets itself up.
        machine.install(this);
        sched = new Sched(machine, comms);
        wrongUnlocks = machine instanceof NativeMachine host ? new WrongUnlocks(host) : null;
    }

    /** An emulated machine with the kernel core on it, and one idle task for each CPU. */
    public static EmuMachine bootEmulated(MachineConfig config) {
        EmuMachine machine = new EmuMachine(config);
        boot(machine);
        return machine;
    }

    /** A machine of host threads with the kernel core on it, and one idle task for each CPU. */
    public static NativeMachine bootNative(MachineConfig config) {
        NativeMachine machine = new NativeMachine(config);
        boot(machine);
        return machine;
    }

    private static void boot(Machine machine) {
        try {
            new KernelCore(machine);
        } catch (RuntimeException | Error failure) {
            machine.close();
            throw failure;
        }
    }

    /** The core of {@code machine}. */
    static KernelCore of(Machine machine) {
        return (KernelCore) machine.software();
    }

    Sched sched() {
        return sched;
    }

    Comms comms() {
        return comms;
    }

    WrongUnlocks wrongUnlocks() {
        return wrongUnlocks;
    }

    @Override
    public Fiber idleFiber(int id) {
        return sched.idleTasks().fiber(id);
    }

    @Override
    public String describeHang(Cpu cpu) {
        return HangReport.hang(cpu);
    }

    @Override
    public String describeHardLockup(Cpu cpu, int id, int ticks, StackTraceElement[] stack) {
        return HangReport.hardLockup(cpu, id, ticks, stack);
    }

    @Override
    public DrivenTasks driven(DrivenTasks.Ends ends) {
        return new ExploredTasks((EmuMachine) machine, sched, ends);
    }
}

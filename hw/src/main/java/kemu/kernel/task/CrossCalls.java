package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.kernel.context.Preempt;

/**
 * Inter-processor calls: runs a registered function on other CPUs, in interrupt context, and waits until all have run
 * it. Every CPU has one call slot, so it has at most one call in flight.
 *
 * <p>Source: Linux 2.6.36 kernel/smp.c, smp_call_function_many(), with a fixed slot instead of a queue.
 */
public final class CrossCalls {
    /** A function that can be called on another CPU. Context: interrupt, may not sleep. */
    @FunctionalInterface
    public interface Function {
        /** Runs on {@code cpu} with the caller's argument. */
        void call(Cpu cpu, long argument);
    }

    private static final StructLayout.Builder S = StructLayout.struct("call_slot");
    private static final I32Field FUNCTION = S.i32("function");
    private static final I32Field REMAINING = S.i32("remaining");
    private static final I64Field ARGUMENT = S.i64("argument");
    /** CPUs that have a call for this CPU, one bit each. */
    private static final I64Field CALLERS = S.cacheLine().i64("callers");

    private static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private static final int DONE = Barriers.acquire("call.DONE");
    private static final int DONE_ONE = Barriers.full("call.DONE_ONE");

    private final Machine machine;
    private final int offset;
    private Function[] functions = new Function[0];

    CrossCalls(Machine machine, Cpu boot) {
        this.machine = machine;
        this.offset = machine.reservePerCpu(LAYOUT.sizeBytes());
    }

    /** Registers {@code function} and returns its number. Boot only. */
    public int register(Function function) {
        Function[] more = java.util.Arrays.copyOf(functions, functions.length + 1);
        more[functions.length] = function;
        functions = more;
        return more.length - 1;
    }

    /**
     * smp_call_function_many: runs function number {@code function} on every CPU of {@code mask} but this one, and
     * returns when all have run it. Context: interrupts enabled and not in one, or two callers could wait for each
     * other.
     *
     * <p>Ordering: full fence before the functions run and after the wait.
     */
    public void callMany(Cpu cpu, long mask, int function, long argument) {
        if (Preempt.irqsDisabled(cpu) || Preempt.count(cpu) >= Area.SOFTIRQ) {
            throw new KernelBug(
                    FailureKind.ATOMIC_CONTEXT,
                    "BUG: cross-CPU call in an interrupt or with interrupts disabled on CPU#" + cpu.id());
        }
        Preempt.disable(cpu);
        long others = mask & ~(1L << cpu.id());
        int count = Long.bitCount(others);
        if (count != 0) {
            long slot = cpu.area() + offset;
            FUNCTION.set(cpu, slot, function);
            ARGUMENT.set(cpu, slot, argument);
            REMAINING.writeOnce(cpu, slot, count);
            for (long rest = others; rest != 0; rest &= rest - 1) {
                int target = Long.numberOfTrailingZeros(rest);
                cpu.fetchOr64(CALLERS.of(machine.cpu(target).area() + offset), 1L << cpu.id(), Order.FULL);
                cpu.raise(target, Area.CALL);
            }
            cpu.condLoadEq32(REMAINING.of(slot), -1, 0, DONE);
        }
        Preempt.enable(cpu);
    }

    /** All CPUs of the machine as a mask. */
    public long allCpus() {
        return machine.cpus() == 64 ? -1L : (1L << machine.cpus()) - 1;
    }

    void serve(Cpu cpu) {
        long callers = cpu.xchg64(CALLERS.of(cpu.area() + offset), 0, Order.FULL);
        for (long rest = callers; rest != 0; rest &= rest - 1) {
            long slot = machine.cpu(Long.numberOfTrailingZeros(rest)).area() + offset;
            functions[FUNCTION.get(cpu, slot)].call(cpu, ARGUMENT.get(cpu, slot));
            cpu.fetchAdd32(REMAINING.of(slot), -1, DONE_ONE);
        }
    }
}

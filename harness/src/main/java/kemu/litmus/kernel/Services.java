package kemu.litmus.kernel;

import kemu.hw.cpu.Cpu;
import kemu.kernel.locking.SpinLock;
import kemu.litmus.ir.Operation;

/** Compiles fences, and what kemu itself has: its spinlocks and its RCU. */
final class Services {
    private final MemoryAccesses accesses;
    private final Words words;
    private final Needs needs;

    Services(MemoryAccesses accesses, Words words, Needs needs) {
        this.accesses = accesses;
        this.words = words;
        this.needs = needs;
    }

    /** What an operation does with the CPU. */
    private interface Effect {
        void on(Cpu cpu);
    }

    private static Code effect(Effect effect) {
        return local -> {
            effect.on(local.interrupts());
            return Code.NEXT;
        };
    }

    static Code fence(Operation.Fence fence) {
        return switch (fence.kind()) {
            case MB, AFTER_SPINLOCK, AFTER_UNLOCK_LOCK -> effect(cpu -> cpu.smpMb(0));
            case RMB -> effect(cpu -> cpu.smpRmb(0));
            case WMB -> effect(cpu -> cpu.smpWmb(0));
            case BEFORE_ATOMIC -> effect(cpu -> cpu.smpMbBeforeAtomic(0));
            case AFTER_ATOMIC -> effect(cpu -> cpu.smpMbAfterAtomic(0));
            case COMPILER -> effect(cpu -> {});
            case RELAX -> effect(Cpu::relax);
            case AFTER_SRCU_UNLOCK -> throw new IllegalArgumentException("the table refuses " + fence);
        };
    }

    Code lock(Operation.Lock operation) {
        int lock = accesses.named(operation.lock(), operation.line());
        words.useAsLock(lock);
        int to = operation.to();
        return switch (operation.action()) {
            case LOCK -> effect(cpu -> SpinLock.lock(cpu, words.at(lock)));
            case UNLOCK -> effect(cpu -> SpinLock.unlock(cpu, words.at(lock)));
            case LOCK_IRQ -> effect(cpu -> SpinLock.lockIrq(cpu, words.at(lock)));
            case UNLOCK_IRQ -> effect(cpu -> SpinLock.unlockIrq(cpu, words.at(lock)));
            case TRYLOCK ->
                local -> {
                    local.registers[to] = SpinLock.tryLock(local.interrupts(), words.at(lock)) ? 1 : 0;
                    return Code.NEXT;
                };
            case IS_LOCKED ->
                local -> {
                    local.registers[to] = SpinLock.isLocked(local.interrupts(), words.at(lock)) ? 1 : 0;
                    return Code.NEXT;
                };
        };
    }

    Code rcu(Operation.Rcu operation) {
        needs.rcu();
        return switch (operation.action()) {
            case READ_LOCK -> effect(cpu -> needs.use().readLock(cpu));
            case READ_UNLOCK -> effect(cpu -> needs.use().readUnlock(cpu));
            case SYNCHRONIZE -> {
                needs.gracePeriods();
                yield effect(cpu -> needs.use().synchronize(cpu));
            }
        };
    }
}

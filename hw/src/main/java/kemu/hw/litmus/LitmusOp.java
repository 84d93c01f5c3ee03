package kemu.hw.litmus;

import kemu.hw.cpu.Cpu;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;

/**
 * One operation of a thread, or one term of an outcome.
 *
 * @param kind what it does
 * @param word the shared word, or the register that holds its address
 * @param register the register that it sets or asks for
 * @param value the value stored or asked for, or the word whose address it is
 * @param second the new value of a compare-and-exchange
 * @param suffix its order: {@code .acq .rel .rlx .full}
 */
record LitmusOp(Kind kind, int word, int register, int value, int second, String suffix) {
    /** What an operation does. */
    enum Kind {
        LOAD,
        LOAD_THROUGH,
        STORE,
        STORE_ADDRESS,
        XCHG,
        CAS,
        MB,
        RMB,
        WMB,
        REGISTER_IS,
        REGISTER_IS_ADDRESS
    }

    private static final int SMP_MB = Barriers.fence("litmus.MB");
    private static final int SMP_RMB = Barriers.fence("litmus.RMB");
    private static final int SMP_WMB = Barriers.fence("litmus.WMB");
    private static final int ACQUIRE = Barriers.acquire("litmus");
    private static final int RELEASE = Barriers.release("litmus");

    static LitmusOp fence(Kind kind) {
        return new LitmusOp(kind, 0, 0, 0, 0, ".full");
    }

    /** True if it leaves a value in a register. */
    boolean setsRegister() {
        return kind == Kind.LOAD || kind == Kind.LOAD_THROUGH || kind == Kind.XCHG || kind == Kind.CAS;
    }

    /** Executes it on {@code cpu}; the words are at {@code at}. */
    void run(Cpu cpu, long[] at, long[] registers) {
        switch (kind) {
            case LOAD -> registers[register] = load(cpu, at[word]);
            case LOAD_THROUGH -> registers[register] = load(cpu, registers[word]);
            case STORE -> store(cpu, at[word], value);
            case STORE_ADDRESS -> store(cpu, at[word], at[value]);
            case XCHG -> registers[register] = cpu.xchg64(at[word], value, order());
            case CAS -> registers[register] = cpu.cmpxchg64(at[word], value, second, order());
            case MB -> cpu.smpMb(SMP_MB);
            case RMB -> cpu.smpRmb(SMP_RMB);
            case WMB -> cpu.smpWmb(SMP_WMB);
            default -> throw new IllegalStateException(kind + " is a term of an outcome");
        }
    }

    /** True if the registers and final words are as this term says. */
    boolean holds(long[] at, long[] registers, long[] words) {
        return switch (kind) {
            case STORE -> words[word] == value;
            case STORE_ADDRESS -> words[word] == at[value];
            case REGISTER_IS -> registers[register] == value;
            case REGISTER_IS_ADDRESS -> registers[register] == at[value];
            default -> throw new IllegalStateException(kind + " is an operation");
        };
    }

    private long load(Cpu cpu, long address) {
        return suffix.equals(".acq") ? cpu.loadAcquire64(address, ACQUIRE) : cpu.readOnce64(address);
    }

    private void store(Cpu cpu, long address, long stored) {
        if (suffix.equals(".rel")) {
            cpu.storeRelease64(address, stored, RELEASE);
        } else {
            cpu.writeOnce64(address, stored);
        }
    }

    private int order() {
        return switch (suffix) {
            case ".acq" -> ACQUIRE;
            case ".rel" -> RELEASE;
            case ".rlx" -> Order.RELAXED;
            default -> Order.FULL;
        };
    }
}

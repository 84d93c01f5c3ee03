package kemu.hw.machine;

/** Thrown on a CPU that notices that the machine has halted: it stops where it is. Not an error by itself. */
public final class MachineHalted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MachineHalted() {
        super("machine halted", null, false, false);
    }
}

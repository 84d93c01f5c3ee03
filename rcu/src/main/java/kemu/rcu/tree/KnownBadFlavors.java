package kemu.rcu.tree;

import kemu.hw.machine.Machine;
import kemu.rcu.Rcu;
import kemu.rcu.RcuFlavor;

/**
 * {@link PreemptFlavor} with readers that are handled wrongly in one way each, kept to be convicted:
 * {@code PreemptedReaderTest} does that with each, and litmus tests of RCU on the kernel engine with two of them.
 */
public final class KnownBadFlavors {
    private KnownBadFlavors() {}

    /** See {@link ForgottenReaders}. */
    public static RcuFlavor forgetful(Machine machine, Rcu rcu) {
        return new PreemptFlavor(machine, rcu, ForgottenReaders::new);
    }

    /** See {@link WrongPhaseReaders}. */
    public static RcuFlavor wrongPhase(Machine machine, Rcu rcu) {
        return new PreemptFlavor(machine, rcu, WrongPhaseReaders::new);
    }

    /** See {@link HastyReaders}. */
    public static RcuFlavor hasty(Machine machine, Rcu rcu) {
        return new PreemptFlavor(machine, rcu, HastyReaders::new);
    }
}

package kemu.litmus.kernel;

import kemu.rcu.Rcu;

/** What of RCU a test needs on the machine it runs on. */
final class Needs {
    private boolean rcu;
    private boolean gracePeriods;
    private Rcu booted;
    private RcuUse use;

    void rcu() {
        rcu = true;
    }

    void gracePeriods() {
        rcu = true;
        gracePeriods = true;
    }

    boolean needsRcu() {
        return rcu;
    }

    boolean needsGracePeriods() {
        return gracePeriods;
    }

    void booted(Rcu given, RcuUse used) {
        booted = given;
        use = used;
    }

    /** RCU of the machine. */
    Rcu booted() {
        return booted;
    }

    /** How processes use it. */
    RcuUse use() {
        return use;
    }
}

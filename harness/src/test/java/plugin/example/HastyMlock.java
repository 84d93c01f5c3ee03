package plugin.example;

import kemu.mm.mlock.MlockServices;
import kemu.mm.mlock.Mlocking;
import kemu.mm.mlock.MlockingProvider;
import kemu.mm.mlock.kind.Mlockings;

/** A way to mlock pages whose author believes it to be right: truncation munlocks, and nobody keeps reclaim off. */
public final class HastyMlock implements MlockingProvider {
    @Override
    public String name() {
        return "hasty-mlock";
    }

    @Override
    public String description() {
        return "munlocks private pages that are truncated";
    }

    @Override
    public boolean knownBad() {
        return false;
    }

    @Override
    public Mlocking create(MlockServices services) {
        return Mlockings.byName("munlock-on-zap-unlocked").create(services);
    }
}

package plugin.example;

import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.rmap.lock.AnonVmaLockings;

/** A strategy under a name of its own. */
public final class OwnLocking implements AnonVmaLockingProvider {
    @Override
    public String name() {
        return "own-locking";
    }

    @Override
    public String description() {
        return "the default once more";
    }

    @Override
    public boolean knownBad() {
        return false;
    }

    @Override
    public AnonVmaLocking create(AnonVmaServices services) {
        return AnonVmaLockings.byName("root-recheck").create(services);
    }
}

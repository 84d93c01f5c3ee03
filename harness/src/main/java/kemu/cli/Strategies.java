package kemu.cli;

import java.util.List;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;

/** Names of the strategies that can be plugged in. */
final class Strategies {
    private Strategies() {}

    /** Values of {@code --anon-vma}. */
    static List<String> anonVma() {
        return AnonVmaLockings.all().stream().map(AnonVmaLockingProvider::name).toList();
    }
}

package kemu.mm.migrate.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.migrate.MigrationPin;
import kemu.mm.page.Page;
import kemu.mm.types.AnonVma;
import kemu.rcu.Rcu;

/**
 * No reference, only an RCU section until the end: the anon_vma stays one, but may be another's. That does where every
 * anon_vma has its own lock, since a list that is not the page's has no entry of it; where the lock is the root's, the
 * root may change between lock and unlock. Source: Linux 2.6.34 mm/migrate.c, unmap_and_move().
 */
final class RcuOnly implements MigrationPin {
    static final String NAME = "rcu-only";

    private final Rcu rcu;

    RcuOnly(Rcu rcu) {
        this.rcu = rcu;
    }

    @Override
    public @Ref(AnonVma.class) long get(Cpu cpu, @Ref(Page.class) long page) {
        rcu.readLock(cpu);
        if (!Page.isMapped(cpu, page)) {
            rcu.readUnlock(cpu);
            return Cpu.NULL;
        }
        return Page.MAPPING.readOnce(cpu, page) - Page.MAPPING_ANON;
    }

    @Override
    public void put(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        rcu.readUnlock(cpu);
    }
}

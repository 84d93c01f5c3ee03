package kemu.mm.migrate.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.migrate.MigrationPin;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaRefs;
import kemu.mm.types.AnonVma;

/**
 * A reference taken under the lock: "only page_lock_anon_vma() understands the subtleties", and with it the anon_vma is
 * in use. That takes a lookup that finds nothing else: one that may return a stale anon_vma, which does a walk no harm,
 * has this count a free one. Source: Linux 2.6.38 mm/migrate.c, 1ce82b69e96c.
 */
final class LockThenGet implements MigrationPin {
    static final String NAME = "lock-then-get";

    private final AnonVmaRefs refs;
    private final AnonVmaLocking locking;

    LockThenGet(AnonVmaRefs refs, AnonVmaLocking locking) {
        this.refs = refs;
        this.locking = locking;
    }

    @Override
    public @Ref(AnonVma.class) long get(Cpu cpu, @Ref(Page.class) long page) {
        long anonVma = locking.pageLockAnonVma(cpu, page);
        if (anonVma != Cpu.NULL) {
            refs.get(cpu, anonVma);
            locking.pageUnlockAnonVma(cpu, anonVma);
        }
        return anonVma;
    }

    @Override
    public void put(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        refs.put(cpu, anonVma);
    }
}

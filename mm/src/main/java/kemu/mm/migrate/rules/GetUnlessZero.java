package kemu.mm.migrate.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.migrate.MigrationPin;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaRefs;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.types.AnonVma;
import kemu.rcu.Rcu;

/**
 * page_get_anon_vma: a reference unless the count is 0, which means free; then the page must still be mapped. Right
 * with every lookup. Source: Linux 3.0 mm/rmap.c, 746b18d421da.
 */
final class GetUnlessZero implements MigrationPin {
    static final String NAME = "get-unless-zero";

    private final AnonVmaRefs refs;
    private final Rcu rcu;

    GetUnlessZero(AnonVmaServices services) {
        refs = services.refs();
        rcu = services.rcu();
    }

    @Override
    public @Ref(AnonVma.class) long get(Cpu cpu, @Ref(Page.class) long page) {
        rcu.readLock(cpu);
        long anonVma = Page.MAPPING.readOnce(cpu, page) - Page.MAPPING_ANON;
        boolean held = Page.isMapped(cpu, page) && AnonVmaRefs.getUnlessZero(cpu, anonVma);
        // RmapBarriers.PIN orders the pin before this look.
        boolean mapped = held && Page.isMapped(cpu, page);
        rcu.readUnlock(cpu);
        if (held && !mapped) {
            refs.put(cpu, anonVma);
        }
        return mapped ? anonVma : Cpu.NULL;
    }

    @Override
    public void put(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        refs.put(cpu, anonVma);
    }
}

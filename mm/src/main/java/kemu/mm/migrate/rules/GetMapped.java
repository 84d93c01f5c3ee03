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
 * A reference taken because the page was mapped just now, in an RCU section that lasts until the end. <b>Known bad:</b>
 * between the test and the count the anon_vma may be freed, and be another's. Source: Linux 2.6.35 to 2.6.37
 * mm/migrate.c, unmap_and_move(), 3f6c82728f4.
 */
final class GetMapped implements MigrationPin {
    static final String NAME = "get-mapped";

    private final AnonVmaRefs refs;
    private final Rcu rcu;

    GetMapped(AnonVmaServices services) {
        refs = services.refs();
        rcu = services.rcu();
    }

    @Override
    public @Ref(AnonVma.class) long get(Cpu cpu, @Ref(Page.class) long page) {
        rcu.readLock(cpu);
        if (!Page.isMapped(cpu, page)) {
            rcu.readUnlock(cpu);
            return Cpu.NULL;
        }
        long anonVma = Page.MAPPING.readOnce(cpu, page) - Page.MAPPING_ANON;
        refs.get(cpu, anonVma);
        return anonVma;
    }

    @Override
    public void put(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        refs.put(cpu, anonVma);
        rcu.readUnlock(cpu);
    }
}

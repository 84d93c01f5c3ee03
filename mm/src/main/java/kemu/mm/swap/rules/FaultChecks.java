package kemu.mm.swap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.swap.FoundPageChecks;

/** do_swap_page with fewer tests; swap-uffd-move tries them. */
final class FaultChecks {
    private FaultChecks() {}

    /** None: <b>known bad</b>, another page is mapped. Linux until 2.6.36-rc4 (4969c1192d15) knew no better. */
    static final class None implements FoundPageChecks {
        @Override
        public boolean faults(Cpu cpu, @Ref(Page.class) long page, long flags, long entry) {
            return true;
        }
    }

    /** Only its entry: that is enough, as a page has none when it has left the cache, and no entry is 0. */
    static final class SameEntry implements FoundPageChecks {
        @Override
        public boolean faults(Cpu cpu, @Ref(Page.class) long page, long flags, long entry) {
            return Page.PRIVATE.get(cpu, page) == entry;
        }
    }
}

package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;

/**
 * A page from a pagevec goes to the unevictable list if it is mlocked when it leaves the pagevec, under the lock.
 * Source: Linux 4.16 mm/swap.c, __pagevec_lru_add_fn(), 9c4e6b1a7027.
 */
class DecidingLruLists extends LruLists {
    private final VmStat vmStat;
    private final LruRules rules;
    private final LruEvictable evictable;

    DecidingLruLists(@Ref(Zone.class) long zone, VmStat vmStat, LruRules rules, LruEvictable evictable) {
        super(zone, vmStat, rules.bit().make());
        this.vmStat = vmStat;
        this.rules = rules;
        this.evictable = evictable;
    }

    @Override
    final void add(Cpu cpu, @Ref(Page.class) long page) {
        boolean wasUnevictable = Page.test(cpu, page, Page.PG_UNEVICTABLE);
        if (wasUnevictable) {
            Page.FLAGS.clearBits(cpu, page, Page.PG_UNEVICTABLE);
        }
        boolean testFirst = rules.adding() == LruRules.Adding.TEST_THEN_SET;
        boolean toEvictable = testFirst && evictable.test(cpu, page);
        setLru(cpu, page);
        if (rules.barrier()) {
            cpu.smpMb(Lru.ADD_DECIDED);
        }
        if (!testFirst) {
            toEvictable = evictable.test(cpu, page);
        }
        if (!toEvictable) {
            Page.FLAGS.clearBits(cpu, page, Page.PG_ACTIVE);
            Page.FLAGS.setBits(cpu, page, Page.PG_UNEVICTABLE);
            toUnevictable(cpu, page);
        }
        linkTo(cpu, page, Page.FLAGS.readOnce(cpu, page));
        if (wasUnevictable && toEvictable) {
            vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGRESCUED);
        } else if (!wasUnevictable && !toEvictable) {
            vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGCULLED);
        }
    }

    /** The page goes to the unevictable list from its pagevec. Context: the lock. */
    void toUnevictable(Cpu cpu, @Ref(Page.class) long page) {}
}

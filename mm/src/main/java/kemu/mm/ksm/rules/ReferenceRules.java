package kemu.mm.ksm.rules;

import kemu.hw.cpu.Cpu;
import kemu.mm.ksm.KsmRules;
import kemu.mm.page.Page;

/** Wrong ways to find out whether somebody may write to a page by its frame; {@code rmap-ksm-pin} convicts them. */
final class ReferenceRules {
    private ReferenceRules() {}

    /**
     * A reference more than ptes and ksmd have is taken for that of the swap cache, whether the page is in it or not.
     */
    static final class AnyExtra extends KsmRules {
        @Override
        public boolean isOurs(Cpu cpu, long page) {
            return Page.COUNT.readOnce(cpu, page) <= Page.MAPCOUNT.readOnce(cpu, page) + 1 + 1 + 1;
        }
    }

    /** References are not looked at. */
    static final class NotCounted extends KsmRules {
        @Override
        public boolean isOurs(Cpu cpu, long page) {
            return true;
        }
    }

    /** References are counted while the pte still gives them. */
    static final class CountedFirst extends KsmRules {
        @Override
        public boolean clearsBeforeCounting() {
            return false;
        }
    }
}
